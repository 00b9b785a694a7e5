"""Owns: a second opinion about an export, written from docs/contract.md and docs/audit.md alone.

Must not know: any code of the project. It is what an outsider would write from those two pages, on
a bare Python 3.9; that it finds what the project's verifier finds proves that the pages suffice.

    python3 -I -S tests/independent/check_export.py EXPORT.zip [--witness HEADS]

Prints one line a finding, `CODE: PLACE: TEXT`, or `everything fits`. Ends with 0 without findings,
1 with findings, 2 when a file cannot be read. The minutes of days are not computed again, and it
holds the rows of an export in memory: it is no replacement at size.
"""

import hashlib
import json
import sys
import zipfile
from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from pathlib import Path

# With -I a bare Python has no folder of the script on its path.
sys.path.insert(0, str(Path(__file__).resolve().parent))
import accounts  # noqa: E402
from written import (  # noqa: E402
    AUDITED,
    DAY_BESIDE,
    ENTRY,
    FILE_FIELDS,
    NIGHT_ROWS,
    REMOVALS,
    WORDS,
    ages,
    ahead,
    as_object,
    broken_ranges,
    earlier,
    fingerprint,
    form,
    listed_days,
    moment,
    night_line,
    plain,
    sha,
    signed,
    within,
)


class Check:
    """One export under examination. Findings are (code, place, text) in the order they are met."""

    def __init__(self, archive, witnesses=()):
        self.archive, self.witnesses = archive, witnesses
        self.findings = []
        head = json.loads(archive.read("company.json"))
        if head["format"] != "biometric-export 2":
            raise ValueError(f"format {head['format']} is not known, only biometric-export 2")
        self.company, self.protection = head["company_id"], head["protection"]
        self.entries, self.said, self.nights, self.removals = {}, {}, [], []
        self.fixed = {}  # fields of a row that no erasure may state anew
        self.uploads, self.counted, self.approved, self.hollow = {}, {}, set(), []
        self.begin = self.months = None
        self.carriers, self.bound = {}, {}
        self.begun, self.opened, self.window, self.undone = 0, [], {}, {}
        self.bare, self.hashes, self.wall = {}, {}, {}

    def rows(self, name):
        if name in self.archive.namelist():
            with self.archive.open(name) as file:
                for line in file:
                    yield json.loads(line)

    def found(self, code, place, text):
        self.findings.append((code, place, text))

    def run(self):
        self.windows()
        self.trail()
        self.punches()
        self.sightings()
        self.lanes()
        self.night_digests()
        self.rows_of_nights()
        self.explanations()
        self.states()
        self.erased()
        self.policies()
        self.heads()
        self.files()
        self.days()
        self.findings += accounts.findings(self.company, self.rows)
        self.guards()
        return self.findings

    # --- the trail -----------------------------------------------------------------------------

    def windows(self):
        """Entries among which rows may be taken up, and up to which number an erasure of a
        transaction states anew."""
        age, installed, transaction, first = -1, False, None, True
        for entry in self.rows("audit.jsonl"):
            number, action = int(entry["seq"] or 0), entry["action"]
            if number == 1:
                transaction = entry["transaction_id"]
            elif entry["transaction_id"] != transaction:
                transaction, first = None, False
            said = as_object(entry["after"]).get("list")
            older = ages().index(said) if said in ages() else -1
            if action == "state.begin" and not installed and not self.begun:
                self.begun, self.begin = number, entry["happened_at"]
                opens = True
            else:
                opens = action == "state.list" and older > age
            if opens:
                age, transaction = older, entry["transaction_id"]
                self.opened.append(number)
            if transaction is not None:
                self.window[number] = True
                installed = installed or (first and action in ("state.list", "settings.take_up"))
            if action in REMOVALS:
                self.undone[entry["transaction_id"]] = number

    def licence(self, entry, number):
        """What an entry that takes a row up may say: all, what an erasure took out, nothing."""
        if number in self.window:
            return "all"
        return "rest" if number < self.undone.get(entry["transaction_id"], 0) else "nothing"

    def trail(self):
        former, number = sha("v1", "audit", str(self.company)), 0
        for entry in self.rows("audit.jsonl"):
            if entry["hash"] is None or entry["seq"] is None:
                self.found("audit_unsealed", f"audit id {entry['id']}", "has no number or no hash")
                continue
            number += 1
            place = f"audit {entry['seq']}"
            if entry["seq"] != str(number):
                self.found("audit_number", place, f"number {number} is expected here")
                number = int(entry["seq"])
            if entry["company_id"] != str(self.company):
                self.found("audit_company", place, "of another company")
            if entry["form"] != "1":
                self.found("audit_form", place, f"form {entry['form']} is not known")
            if entry["previous_hash"] != former:
                self.found("audit_link", place, "does not follow the entry before")
            if entry["hash"] != sha(entry["previous_hash"] or "", form("audit", ENTRY, entry)):
                self.found("audit_hash", place, "its hash is not that of its columns")
            former = entry["hash"]
            self.entries[number] = former
            self.part("actor", "login user_name address", entry, number)
            whole = self.part("content", "record_name before after reason", entry, number)
            after = as_object(entry["after"]) if whole else {}
            if entry["action"] in ("state.begin", "state.list") and number not in self.opened:
                self.found("state_begin", place, "at no installation and no upgrade")
            licence = "all"
            if entry["action"].endswith(".take_up"):
                licence = self.licence(entry, number)
                if licence == "nothing" and number > self.begun:
                    self.found("take_up", place, "at no installation, upgrade or erasure")
            if licence == "all":
                self.learn(entry, after)
            if number >= self.begun and licence != "nothing":
                self.listen(entry, after, whole, licence)
        for number, part in self.hollow:
            if not any(within(number, r["after"].get(part + "s")) for r in self.removals):
                self.found("audit_erased", f"audit {number}", f"no removal took its {part}")

    def part(self, title, columns, entry, number):
        """Whether a salted part of an entry is there; one taken out is judged at the end."""
        salt = entry[f"{title}_salt"]
        if salt is None and not any(entry[name] for name in columns.split()):
            self.hollow.append((number, title))
            return False
        if entry[f"{title}_digest"] != sha(salt or "", form(title, columns, entry)):
            self.found("audit_content", f"audit {number}", f"its {title} was changed")
        return True

    def learn(self, entry, after):
        """What an entry says of keys, nights, removals, uploads and the retention."""
        action = entry["action"]
        if entry["model"] == "res.company" and "biometric_retention_months" in after:
            self.months = after["biometric_retention_months"] or 0
        if action == "agent.change" and after.get("state") == "active":
            self.approved.add((entry["reason"] or "").replace("fingerprint ", "", 1))
        if entry["model"] == "biometric.agent" and after.get("batches_signed_since"):
            at = after["batches_signed_since"].replace(" ", "T")
            self.bound[entry["res_id"]] = min(at, self.bound.get(entry["res_id"], at))
        if action == "audit.night":
            self.nights.append({"after": after, "at": entry["happened_at"]})
        if action in REMOVALS:
            place, day = f"audit {entry['seq']}", entry["happened_at"][:10]
            removal = {"after": after, "place": place, "day": day, "months": self.months}
            self.removals.append({**removal, "action": action, "nights": len(self.nights)})
        if action in REMOVALS or action == "erased_key.take_up":
            self.counted.update(after.get("erased_keys") or {})
        if action in ("file.upload", "lane.take_up") and "lane" in after:
            self.uploads.setdefault(str(after["lane"]), []).extend(after.get("numbers") or [])
            user = entry["user_id"] if action == "file.upload" else after.get("carrier")
            self.carriers.setdefault(str(after["lane"]), set()).add(str(user or ""))
        for lane, user in (after.get("carriers") or {}).items() if action in REMOVALS else ():
            self.carriers.setdefault(str(lane), set()).add(str(user))
        for lane, ranges in (after.get("carried") or {}).items() if action in REMOVALS else ():
            self.uploads.setdefault(str(lane), []).extend(ranges)

    def listen(self, entry, after, whole=True, licence="all"):
        """What an entry says of a row; one whose content was erased, that what was said before it
        may be stated anew."""
        model, row = entry["model"], entry["res_id"]
        word, _dot, step = entry["action"].partition(".")
        step = step.rpartition(".")[2]
        if word in ("punch", "reject") and after.get("decision"):
            model, row = "biometric.decision", str(after["decision"])
        elif model not in AUDITED or word != WORDS[model]:
            return
        said = self.said.setdefault((model, int(row)), {})
        fixed = self.fixed.setdefault((model, int(row)), set())
        if not whole:
            fixed.clear()
            return
        if step in ("remove", "leave"):
            said.clear()
            fixed.clear()
            return
        fields = set(AUDITED[model].split()) - (fixed if licence == "rest" else set())
        said.update({name: value for name, value in after.items() if name in fields})
        fixed.update(fields & after.keys())

    # --- rows against the trail ----------------------------------------------------------------

    def states(self):
        standing = set()
        for row in self.rows("state.jsonl"):
            model, values, key = row["model"], row["values"], (row["model"], row["id"])
            standing.add(key)
            other = set(values) ^ set(AUDITED.get(model, "").split())
            if other:
                text = f"{', '.join(sorted(other))}: here or in docs/audit.md, not in both"
                raise ValueError(f"audited fields of {model}: {text}")
            place, said = f"{model} {row['id']}", self.said.get(key)
            by_service = (
                (model == "biometric.device" and values["state"] == "waiting")
                or (model == "biometric.device.user" and not values["employee_id"])
                or (model == "biometric.hearing" and values["state"] == "foreign")
            )
            if by_service and not said:
                continue
            if model == "biometric.gap" and values["state"] != "accepted":
                continue
            for name in AUDITED[model].split() if said else ():
                if name not in said:
                    if not by_service:
                        self.found("state_birth", place, f"no entry says its {name}")
                elif plain(said[name]) != plain(values[name]):
                    text = f"{name} is {values[name]!r}, the trail says {said[name]!r}"
                    self.found("state_differs", place, text)
            if not said:
                self.found("state_birth", place, "no entry says that it began")
        for (model, number), said in self.said.items():
            if not said or (model, number) in standing:
                continue
            if model == "biometric.gap" and said.get("state") != "accepted":
                continue
            gone = (removal["after"].get("gone") or {} for removal in self.removals)
            if not any(within(number, ranges.get(model)) for ranges in gone):
                self.found("state_death", f"{model} {number}", "no entry says that it ended")

    # --- punches and sightings -----------------------------------------------------------------

    def punches(self):
        for row in self.rows("punch.jsonl"):
            self.wall[row["id"]] = row
            place = f"punch {row['id']}"
            own = [row[name] for name in ("serial", "pin", "wall_time", "status")]
            if None in own or row["key"] != sha("v1", *own):
                self.found("punch_key", place, "its key is not that of its content")
            if row["serial"] != row["device_serial"] or row["company_id"] != self.company:
                self.found("punch_place", place, "is at another terminal than it says")
            if row["wall_date"] != row["wall_time"][:10]:
                self.found("punch_date", place, "its date is not that of its wall time")

    def sightings(self):
        """Leaf of each row; gathers hash and bareness by lane and number."""
        lanes, seen = {row["id"]: row["lane"] for row in self.rows("lane.jsonl")}, set()
        for row in self.rows("sighting.jsonl"):
            lane, key = lanes.get(row["lane_id"], "?"), (row["lane_id"], row["seq"])
            place, both = f"lane {lane} number {row['seq']}", (row["leaf"], row["hash"])
            if self.hashes.setdefault(key, both) != both:
                self.found("lane_twice", place, "the number has two contents")
            if row["company_id"] != self.company:
                self.found("sighting_company", place, "is of another company")
            if row["kind"] == "leaf":
                self.bare[key] = row
                if row["salt"] or row["received_at"] or row["punch_id"] or row["raw"]:
                    self.found("sighting_bare", place, "a bare leaf has a content")
                continue
            self.bare.pop(key, None)
            if row["device_company"] != self.company:
                self.found("sighting_device", place, "its terminal is of another company")
            if row["named_reason"]:
                self.found("leaf_named", place, "a whole sighting is called a bare leaf")
            middle = self.middle(row, place, seen)
            tail = (row["channel"], row["received_at"], row["clock"])
            canonical = ("v1", row["kind"], lane, str(row["seq"]), *middle, *tail)
            if None in canonical or row["leaf"] != sha(row["salt"] or "", *canonical):
                self.found("sighting_leaf", place, "its leaf is not that of its content")
        for number in self.wall.keys() - seen:
            self.found("punch_unseen", f"punch {number}", "no sighting tells of it")

    def middle(self, row, place, seen):
        """What stands in the canonical form between the number and the channel."""
        if row["kind"] != "punch":
            raw = hashlib.sha256((row["raw"] or "").encode()).hexdigest()
            return row["device_serial"], row["reason"], raw
        seen.add(row["punch_id"])
        held = self.wall.get(row["punch_id"])
        if held is None or held["key"] != row["key"]:
            self.found("punch_missing", place, "its punch is not in the ledger")
        elif row["skew"] is None or abs(row["skew"] - ahead(row)) > 0.001:
            self.found("sighting_skew", place, "its clock difference was changed")
        return row["key"], row["verify"], row["work_code"], row["extra"]

    def lanes(self):
        heads = {row["lane_id"] for row in self.rows("lane_head.jsonl")}
        for lane in self.rows("lane.jsonl"):
            place = f"lane {lane['lane']}"
            start = lane["checkpoint_seq"] or 0
            point = [start, lane["checkpoint_hash"]]
            recorded = (removal["after"].get("checkpoints") or {} for removal in self.removals)
            if start and point not in (points.get(str(lane["id"])) for points in recorded):
                self.found("lane_checkpoint", place, "no removal recorded it")
            former = lane["checkpoint_hash"] if start else sha("v1", "lane", lane["lane"])
            for number in range(start + 1, lane["head_seq"] + 1):
                leaf, digest = self.hashes.get((lane["id"], number), (None, None))
                if leaf is None:
                    self.found("lane_hole", f"{place} number {number}", "is missing")
                    break
                if digest != sha(former, leaf):
                    self.found("lane_link", f"{place} number {number}", "does not follow")
                former = digest
            else:
                if former != lane["head_hash"]:
                    self.found("lane_end", place, "its head is not the hash of its last number")
            if lane["broken_seq"]:
                self.found("lane_broken", place, f"number {lane['broken_seq']} broke it")
            if not lane["agent_id"]:
                self.carried(lane, start, place)
            elif lane["head_seq"] and lane["id"] not in heads:
                self.unsigned(lane, place)
            self.exceptions(lane, place)

    def carried(self, lane, start, place):
        who = self.carriers.get(lane["lane"], set()) - {""}
        if who and str(lane["carrier_id"]) not in who:
            self.found("lane_carrier", place, "another one carried it than the trail says")
        ranges = self.uploads.get(lane["lane"], []) + self.uploads.get(str(lane["id"]), [])
        for number in range(start + 1, lane["head_seq"] + 1):
            if not within(number, ranges):
                self.found("lane_upload", f"{place} number {number}", "no entry uploaded it")
                return

    def unsigned(self, lane, place):
        old = self.begin and lane["started_at"] < self.begin
        if old or not lane["agent_seen_at"]:
            return
        if moment(lane["agent_seen_at"]) - moment(lane["started_at"]) > timedelta(days=1):
            self.found("lane_unsigned", place, "its agent never signed its head")

    def exceptions(self, lane, place):
        """Bare leaves of a lane against names, nights and removals."""
        ident = str(lane["id"])
        nights = [
            (night["at"], night["after"].get("lanes", {}).get(ident)) for night in self.nights
        ]
        nights = [(at, said) for at, said in nights if said]
        bound = self.bound.get(str(lane["agent_id"]))
        since = min((at for at in (lane["signed_at"], bound) if at), default=None)
        older = lane["unsigned_at"] or lane["started_at"] < max(bound or "", self.begin or "")
        excused = 0 if since else float("inf")
        if since and older:
            excused = next((said["seq"] for at, said in nights if at >= since), float("inf"))
        erasing = any(removal["after"].get("erased_keys") for removal in self.removals)
        for (owner, number), row in self.bare.items():
            if owner != lane["id"]:
                continue
            where, reason = f"{place} number {number}", row["named_reason"]
            taken = (removal["after"].get("lanes") or {} for removal in self.removals)
            if any(within(number, ranges.get(ident)) for ranges in taken):
                continue
            first = next(((at, said) for at, said in nights if number <= said["seq"]), None)
            judged = first and (not self.begin or first[0] >= self.begin)
            if judged and not within(number, first[1].get("bare")):
                self.found("lane_bare", where, "the night that covers it knew it whole")
            elif reason == "odoo:erased":
                if not erasing:
                    self.found("lane_bare", where, "nothing was erased")
            elif reason:
                words = ("v1", "bare", lane["lane"], str(number), row["leaf"], reason)
                known = fingerprint(row["named_key"]) in self.approved
                if not known or not signed(row["named_key"], row["named_signature"], *words):
                    self.found("leaf_named", where, "no approved key named it")
            elif number > excused:
                self.found("lane_bare", where, "nobody named it")

    def night_digests(self):
        """What each night took up, against what stands: punches by digest, lanes by head."""
        restated = {}
        for removal in self.removals:
            restated.update(removal["after"].get("restated") or {})
        held = sorted(self.wall)
        starts = {row["id"]: row["checkpoint_seq"] or 0 for row in self.rows("lane.jsonl")}
        for night in self.nights:
            for span in night["after"].get("punches") or ():
                count, digest = restated.get(str(span["from"]), (span["count"], span["digest"]))
                total = hashlib.sha256()
                found = held[bisect_left(held, span["from"]) : bisect_right(held, span["to"])]
                for row in map(self.wall.get, found):
                    names = ("id", "key", "device_id", "wall_date", "stored_at")
                    total.update(("|".join(str(row[n]) for n in names) + "\n").encode())
                if (len(found), total.hexdigest()) != (count, digest):
                    place = f"punches {span['from']} to {span['to']}"
                    self.found("punch_night", place, f"a night counted {count}, now {len(found)}")
            for ident, said in (night["after"].get("lanes") or {}).items():
                place, number = f"lane {said.get('lane', ident)}", said["seq"]
                start = starts.get(int(ident))
                if start is None:
                    self.found("lane_missing", place, "a night saw it, it is gone")
                elif number > start:
                    self.stood(int(ident), said, place)

    def stood(self, lane, said, place):
        """Whether a number that was witnessed is there with the hash it had then."""
        stands = self.hashes.get((lane, said["seq"]))
        if stands is None:
            self.found("lane_cut", place, f"number {said['seq']} was witnessed and is gone")
        elif stands[1] != said["hash"]:
            self.found("lane_rewritten", place, f"number {said['seq']} had another hash then")

    def explanations(self):
        """Each explained finding has its entry: by that user, with those words, of that fact."""
        told = {}
        for entry in self.rows("audit.jsonl"):
            if entry["action"] == "finding.explain":
                told.setdefault(entry["res_id"], []).append(entry)
        for row in self.rows("tables/biometric.audit.finding.jsonl"):
            if not row["explained_at"]:
                continue
            for entry in told.get(str(row["id"]), ()):
                whole = entry["content_salt"] is not None
                fact = as_object(entry["after"]).get("fact") if whole else None
                same = not whole or entry["reason"] == row["explanation"]
                if (
                    same
                    and entry["user_id"] == str(row["explained_by_id"])
                    and fact in (None, row["fact"])
                ):
                    break
            else:
                self.found("finding_explained", f"finding {row['id']}", "no entry explains it so")

    def rows_of_nights(self):
        """Flags of punches and whom acts concerned, as each night said them, without a hole."""
        for place, text in broken_ranges(night["after"] for night in self.nights):
            self.found("night_range", place, text)
        for model, columns in NIGHT_ROWS.items():
            rows = sorted(self.rows(f"tables/{model}.jsonl"), key=lambda row: row["id"])
            again = {}
            for removal in self.removals:
                again.update((removal["after"].get("restated_rows") or {}).get(model) or {})
            for night in self.nights:
                for said in (night["after"].get("rows") or {}).get(model) or ():
                    held = [row for row in rows if said["from"] <= row["id"] <= said["to"]]
                    text = "".join(night_line(columns, row) + "\n" for row in held)
                    stands = [len(held), hashlib.sha256(text.encode()).hexdigest()]
                    wanted = again.get(str(said["from"])) or [said["count"], said["digest"]]
                    if stands != wanted:
                        self.found("row_night", f"{model} from {said['from']}", "others that night")

    # --- removals ------------------------------------------------------------------------------

    def erased(self):
        held = {
            row["batch"]: [row["count"], row["digest"]] for row in self.rows("erased_key.jsonl")
        }
        for batch in {*held, *self.counted}:
            if held.get(batch) != self.counted.get(batch):
                text = f"{held.get(batch)} stand, entries count {self.counted.get(batch)}"
                self.found("erased_key", f"batch {batch}", text)

    def policies(self):
        for removal in self.removals:
            months, after, place = removal["months"], removal["after"], removal["place"]
            before, purge = after.get("before"), removal["action"] == "retention.purge"
            if months is None:
                continue
            if not months:
                if purge or before:
                    self.found("purge_policy", place, "no retention was in force")
                continue
            limit = date.fromisoformat(removal["day"]) + timedelta(days=1)
            if not before or date.fromisoformat(before) > earlier(limit, months):
                self.found("purge_policy", place, f"reaches to {before}, {months} months are kept")
                continue
            former = None
            for night in self.nights[: removal["nights"]]:
                young = former and moment(former) >= moment(before) + timedelta(hours=1)
                spans = (str(span["from"]) for span in night["after"].get("punches") or ())
                if purge and young and any(s in (after.get("restated") or {}) for s in spans):
                    self.found("purge_policy", place, "took punches younger than it says")
                former = night["at"]

    # --- witnesses -----------------------------------------------------------------------------

    def heads(self):
        for row in self.rows("lane_head.jsonl"):
            lane = next((x for x in self.rows("lane.jsonl") if x["id"] == row["lane_id"]), None)
            name = lane["lane"] if lane else "gone"
            place, words = f"lane {name} head {row['seq']}", (name, str(row["seq"]), row["hash"])
            self.key(place, row["public_key"])
            if not signed(row["public_key"], row["signature"], "v1", "head", *words):
                self.found("head_signature", place, "its key did not sign it")
            elif lane is None:
                self.found("lane_missing", place, "its lane is gone")
            elif row["seq"] > (lane["checkpoint_seq"] or 0):
                self.stood(lane["id"], row, place)
        for row in self.rows("audit_witness.jsonl"):
            place, words = f"audit {row['seq']}", (str(row["seq"]), row["hash"])
            self.key(place, row["public_key"])
            text = ("v1", "audit", str(self.company), *words)
            if not signed(row["public_key"], row["signature"], *text):
                self.found("head_signature", place, "its key did not sign it")
            self.lay(row)
        former = ""
        for row in self.witnesses:
            if row.get("company_id", self.company) != self.company:
                continue
            if "former" in row:
                words = [str(row[name]) for name in ("company_id", "seq", "hash", "at", "former")]
                if not signed(row["public_key"], row["signature"], "v1", "remembered", *words):
                    raise ValueError(f"head {row['seq']}: the key it names did not sign it")
                if row["former"] != former:
                    raise ValueError(f"head {row['seq']}: a line before it is missing")
                former = row["signature"]
            self.lay(row)

    def key(self, place, public):
        if fingerprint(public) not in self.approved:
            self.found("agent_key", place, "signed by a key that nobody approved")

    def lay(self, row):
        stands = self.entries.get(row["seq"])
        if stands is None:
            self.found("audit_cut", f"audit {row['seq']}", "the entry is gone")
        elif stands != row["hash"]:
            self.found("audit_rewritten", f"audit {row['seq']}", "a witness saw another hash")

    # --- payroll files and days ----------------------------------------------------------------

    def files(self):
        names, days = set(self.archive.namelist()), {}
        for row in self.rows("tables/biometric.export.day.jsonl"):
            days.setdefault(row["export_id"], []).append(row)
        standing = set()
        for row in self.rows("tables/biometric.export.jsonl"):
            standing.add(row["id"])
            if row["state"] != "done":
                continue
            place, parts = f"payroll file {row['id']}", {}
            kinds = (
                ("data", "sha256", "file_content"),
                ("control", "control_sha256", "file_control"),
            )
            for kind, column, code in kinds:
                path = f"payroll/{row['id']}-{kind}"
                parts[kind] = self.archive.read(path) if path in names else b""
                if hashlib.sha256(parts[kind]).hexdigest() != row[column]:
                    self.found(code, place, f"its bytes are not those of its {column}")
            self.control(row, parts["control"], place)
            self.listed(row, days.get(row["id"], []), place)
            said = self.said.get(("biometric.export", row["id"]), {})
            stands = {**row, "generated_at": (row["generated_at"] or "").replace("T", " ")}
            for name in FILE_FIELDS.split():
                if name not in said or plain(said[name]) != plain(stands[name]):
                    self.found("file_entry", place, f"the trail does not say this {name}")
        for (model, number), said in self.said.items():
            if model == "biometric.export" and said.get("sha256") and number not in standing:
                self.found("file_gone", f"payroll file {number}", "the trail knows it, it is gone")

    def listed(self, row, days, place):
        """The list of days of a file: what is paid and what was left out."""
        stand = listed_days(days)
        if stand != (row["complete_days"], row["blocked_days"], row["total_minutes"]):
            self.found("file_day", place, f"paid, left out and minutes of its list are {stand}")
        for day in days:
            if sum((day["minutes"] or {}).values()) != day["total_minutes"]:
                text = f"{day['date']} of {day['employee_id']} does not add up"
                self.found("file_day", place, text)

    def control(self, row, text, place):
        record = as_object(text)
        same = "blocked_days complete_days employee_count kind line_count sha256 total_minutes"
        if any(record.get(name) != row[name] for name in same.split()):
            self.found("file_control", place, "its control record says otherwise")

    def days(self):
        """A day against the digest it carries; what it was computed from is not looked at."""
        beside = DAY_BESIDE.split()
        for row in self.rows("tables/biometric.day.jsonl"):
            kept = {name: value for name, value in row.items() if name not in beside}
            kept["derivation"] = json.dumps(kept["derivation"], sort_keys=True)
            if sha(json.dumps(kept, sort_keys=True)) != row["digest"]:
                self.found(
                    "day_digest", f"day {row['date']} of {row['employee_id']}", "written into"
                )

    def guards(self):
        owners = {}
        for night in self.nights:
            owners.update(night["after"].get("protection") or {})
        for row in self.protection:
            place = row["table"]
            if {row["row_trigger"], row["whole_trigger"]} - {"O", "A"} or row["refuses"] is False:
                self.found("protection", place, "its triggers do not refuse")
            for name in row.get("others") or ():
                self.found("protection", place, f"{name} hangs on it")
            if owners.get(place, row["owner"]) != row["owner"]:
                self.found("protection", place, f"belongs to {row['owner']}, not {owners[place]}")


def check(file, witnesses=()):
    """Findings [(code, place, text)] of an export (path or file); witnesses are rows of heads."""
    with zipfile.ZipFile(file) as archive:
        return Check(archive, witnesses).run()


def main(arguments):
    try:
        witnesses = []
        if "--witness" in arguments:
            path = arguments[arguments.index("--witness") + 1]
            lines = Path(path).read_text(encoding="utf-8").splitlines()
            witnesses = [json.loads(line) for line in lines if line.strip()]
        findings = check(arguments[0], witnesses)
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        print(f"cannot read it: {error!r}")
        return 2
    print("\n".join(map(": ".join, findings)) or "everything fits")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
