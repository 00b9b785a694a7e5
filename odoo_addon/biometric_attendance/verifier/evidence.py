"""The verifier on the evidence of one day: `python3 verify.py evidence-….json`.

Checks what the file itself can prove: keys of its punches, leaves and links of the agents' lanes up
to a head that an agent signed, entries of the trail and the links between them. Standard library
alone; knows neither odoo nor where the file comes from.
"""

import json

try:
    from . import forms, trail
    from .trail import ACTOR, CLEAR, CONTENT, prefixed, signature_holds
except ImportError:  # run as a script, outside Odoo
    import forms
    import trail
    from trail import ACTOR, CLEAR, CONTENT, prefixed, signature_holds

FORMAT = "biometric-evidence 1"


def read(path):
    """The pack of a file; ValueError where it is none."""
    with open(path, encoding="utf-8") as file:
        pack = json.load(file)
    if not isinstance(pack, dict) or pack.get("format") != FORMAT:
        raise ValueError(f"not a file of form {FORMAT!r}")
    return pack


def verify(pack):
    """trail.Findings of a pack."""
    findings = trail.Findings()
    keys = _punches(pack["punches"], findings)
    _lanes(pack["proof"]["lanes"], keys, findings)
    _trail(pack, findings)
    return findings


def _punches(punches, findings):
    """Keys of the punches that say what their key says."""
    keys = set()
    for row in punches:
        if not forms.punch_fits(row):
            place = f"punch {row['id']}"
            findings.add("punch_key", place, "its key does not fit its columns")
        keys.add(row["key"])
    return keys


def _lanes(proofs, keys, findings):
    proven = set()
    for row in proofs:
        place = f"lane {row['lane']}, number {row['seq']}"
        _leaf(row, place, findings)
        start = forms.lane_start(row["lane"]) if row["seq"] == 1 else row["previous"]
        if start is None:
            findings.note(f"{place}: the number before it was purged; its link is not checked")
        elif forms.linked(start, row["leaf"]) != row["hash"]:
            findings.add("sighting_hash", place, "it does not follow the number before it")
        if row["key"] not in keys:
            findings.add("punch_missing", place, "it is of a punch that the file does not hold")
        proven.add(row["key"])
        _head(row, place, findings)
    for key in sorted(keys - proven):
        findings.add("punch_unseen", f"punch {key[:16]}", "no agent ever saw it")


def _leaf(row, place, findings):
    canonical = (row["key"], row["verify"], row["work_code"], row["extra"])
    if not forms.sighting_fits(row, "punch", row["lane"], canonical):
        findings.add("sighting_leaf", place, "its leaf does not fit its columns")


def _head(row, place, findings):
    """The links from a sighting to the next head, and the agent's signature under that."""
    head, link = row["head"], row["hash"]
    if not head:
        findings.note(f"{place}: no agent signed a head behind it yet")
        return
    for leaf in row["leaves"]:
        link = forms.linked(link, leaf)
    if link != head["hash"] or len(row["leaves"]) != head["seq"] - row["seq"]:
        findings.add("lane_rewritten", place, "its links do not lead to the signed head")
    _signed(head, forms.head_text(row["lane"], head), place, findings)


def _signed(head, text, place, findings):
    if not signature_holds(head["public_key"], head["signature"], text):
        findings.add("head_signature", place, "the signature is wrong")
        return
    mark = trail.fingerprint(head["public_key"])
    findings.note(f"signed by the agent with the fingerprint {mark}: compare it")


def _trail(pack, findings):
    proof, company = pack["proof"]["audit"], str(pack["proof"]["company"])
    said = {entry["id"]: entry for entry in pack["trail"]}
    last = None
    for row in proof["rows"]:
        place = f"audit {row['seq']}"
        if row["company_id"] != company:
            findings.add("audit_company", place, "the entry is of another company")
        if forms.sha256(f"{row['previous_hash']}\n{prefixed('audit', row, CLEAR)}") != row["hash"]:
            findings.add("audit_hash", place, "its seal does not fit its columns")
        if proof["whole"] and last and row["previous_hash"] != last["hash"]:
            findings.add("audit_link", place, "it does not follow the entry before it")
        if "actor_salt" in row:
            _content(row, place, said.pop(int(row["id"]), None), findings)
        last = row
    for entry in said.values():
        if entry["seq"]:
            findings.add("audit_cut", f"audit {entry['seq']}", "the entry has no proof")
        else:
            findings.note(f"entry {entry['id']} had no number yet")
    if not proof["whole"]:
        findings.note("too many entries lie between: each was checked, the links were not")
    _witness(proof, company, findings)


def _content(row, place, entry, findings):
    for part, names in (("actor", ACTOR), ("content", CONTENT)):
        salt = row[f"{part}_salt"]
        if salt is None:
            findings.note(f"{place}: its {part} was taken out with a person")
        elif row[f"{part}_digest"] != forms.sha256(f"{salt}\n{prefixed(part, row, names)}"):
            findings.add("audit_content", place, f"its {part} was changed")
    shown = ("action", "model", "user_name", "reason", "hash")
    if entry is None or any(entry[name] != row[name] for name in shown):
        findings.add("audit_content", place, "the list of the trail says otherwise")


def _witness(proof, company, findings):
    witness = proof["witness"]
    if not proof["rows"] or not proof["whole"]:
        return
    if not witness:
        findings.note("no agent countersigned the trail behind these entries yet")
        return
    place = f"countersignature of entry {witness['seq']}"
    held = {int(row["seq"]): row["hash"] for row in proof["rows"]}
    if held.get(witness["seq"]) != witness["hash"]:
        findings.add("audit_rewritten", place, "the links do not lead to it")
    _signed(witness, forms.audit_text(company, witness), place, findings)
