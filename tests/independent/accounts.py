"""Owns: what docs/audit.md says under *Time accounts*, about the two tables of an export.

Must not know: any code of the project. Yields findings (code, place, text).
"""

import hashlib
import json

COVERED = (
    "account_id company_id employee_id number kind date minutes source moves owed_change earned_on "
    "expires_on asked_minutes reason work_date day_class overtime_minutes over_minutes over_reason "
    "over_overtime_minutes choice chosen_by authority rule_name leave_number use_date requested_on "
    "note user_id posted_at balance_minutes"
)


def digest(previous, row):
    values = {**row, "posted_at": row["posted_at"].replace("T", " ")}
    cells = [values[name] for name in COVERED.split()]
    text = json.dumps(cells, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def beginning(account):
    return hashlib.sha256(f"v1 account {account}".encode()).hexdigest()


def acts_of(trail):
    """What people did by entries of the trail: `{(action, record): [what each says]}`; None stands
    for one whose content is gone."""
    acts = {}
    for entry in trail:
        if entry["action"] in ("cto.answer", "cto.opening", "cto.close", "payout.change"):
            said = json.loads(entry["after"]) if entry["after"] else None
            acts.setdefault((entry["action"], str(entry["res_id"])), []).append(said)
    return acts


def is_told(row, kind, acts):
    def some(action, record, fits):
        return any(said is None or fits(said) for said in acts.get((action, str(record)), ()))

    if row["choice"] and row["chosen_by"] in ("employee", "officer"):
        wanted = (row["work_date"], row["choice"])
        return some(
            "cto.answer",
            row["account_id"],
            lambda said: (said.get("work_date"), said.get("choice")) == wanted,
        )
    if row["kind"] == "opening":
        lot = [row["minutes"], row["expires_on"] or ""]
        return some(
            "cto.opening",
            row["employee_id"],
            lambda said: (
                said.get("account") == kind and lot in [one[:2] for one in said.get("lots") or ()]
            ),
        )
    if row["source"] == "termination":
        return some("cto.close", row["account_id"], lambda _said: True)
    if row["kind"] == "payout" and row["reason"] == "wish":
        wish = row["source"].partition(":")[2]
        return some("payout.change", wish, lambda said: said.get("state") == "approved")
    return True


def findings(company, rows):
    """rows: what a file of the export holds, by its name."""
    accounts = list(rows("tables/biometric.cto.account.jsonl"))
    entries = rows("tables/biometric.cto.entry.jsonl")
    held, acts = {}, acts_of(rows("audit.jsonl"))
    kinds = {row["id"]: row["kind"] for row in accounts}
    for row in sorted(entries, key=lambda one: (one["account_id"], one["number"])):
        place = f"time account {row['account_id']}, entry {row['number']}"
        if row["account_id"] not in kinds or row["company_id"] != company:
            yield "cto_account", place, "of no account of the company"
            continue
        kind = kinds[row["account_id"]]
        start = {"number": 0, "hash": beginning(row["account_id"]), "sum": 0, "owed": 0, "lots": {}}
        own = held.setdefault(row["account_id"], start)
        if row["number"] != own["number"] + 1:
            yield "cto_number", place, f"behind number {own['number']}"
        if (row["previous_hash"], row["hash"]) != (own["hash"], digest(own["hash"], row)):
            yield "cto_hash", place, "its hash is not that of its columns and the entry before"
        lots, moved, owed = own["lots"], 0, row["owed_change"] or 0
        for lot, minutes in row["moves"] or ():
            moved += minutes
            lots[lot] = lots.get(lot, 0) + minutes
            if lots[lot] < 0:
                yield "cto_lot", place, f"less than nothing is left of {lot}"
        total = own["sum"] + row["minutes"]
        if row["balance_minutes"] != total or (kind == "bank" and row["minutes"] != moved - owed):
            yield "cto_sum", place, "its minutes, its moves and its balance do not add up"
        if not is_told(row, kind, acts):
            yield "cto_act", place, "no entry of the trail tells of the act"
        own.update(number=row["number"], hash=row["hash"], sum=total, owed=own["owed"] + owed)
    for row in accounts:
        place = f"time account {row['id']}"
        none = {"number": 0, "hash": beginning(row["id"]), "sum": 0, "owed": 0, "lots": {}}
        own = held.get(row["id"], none)
        head = (row["head_number"] or 0, row["head_hash"] or beginning(row["id"]))
        if head != (own["number"], own["hash"]):
            yield "cto_end", place, "it ends elsewhere"
        if (row["balance_minutes"], row["owed_minutes"]) != (own["sum"], own["owed"]):
            yield "cto_balance", place, "it shows other minutes than its entries give"
        if row["kind"] == "bank" and own["sum"] != sum(own["lots"].values()) - own["owed"]:
            yield "cto_lot", place, "its sum is not what its lots hold less what is owed"
