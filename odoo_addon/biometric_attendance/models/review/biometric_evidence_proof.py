"""The proofs inside the evidence of a day: what of the ledgers an outsider needs to check it.

Owns which links of the audit trail and of the agents' lanes travel with a day, and how far: up to
the next head that an agent signed. verifier/evidence.py checks them. Must not judge.
"""

from odoo import api
from odoo.tools import SQL

from ...verifier import trail

# Links of the trail between the first entry of a day and the last; beyond, each stands alone.
MOST_LINKS = 20_000
# Numbers of a lane between a sighting and the next signed head.
MOST_LEAVES = 20_000
_STAMP = '\'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\''
_SIGHTINGS = f"""
SELECT s.lane_id, l.lane, s.seq, s.leaf, s.hash, s.salt, p.key, s.verify, s.work_code, s.extra,
       s.channel, to_char(s.received_at, {_STAMP}) AS received_at, s.clock,
       (SELECT o.hash FROM biometric_sighting o WHERE o.lane_id = s.lane_id AND o.seq = s.seq - 1
         ORDER BY o.id LIMIT 1) AS previous
  FROM biometric_sighting s
  JOIN biometric_lane l ON l.id = s.lane_id JOIN biometric_punch p ON p.id = s.punch_id
 WHERE s.punch_id = ANY(%s) AND s.kind = 'punch' ORDER BY s.lane_id, s.seq
"""
_HEAD = """
SELECT seq, hash, signature, public_key FROM biometric_lane_head
 WHERE lane_id = %s AND seq >= %s ORDER BY seq LIMIT 1
"""
_LEAVES = """
SELECT DISTINCT ON (seq) seq, leaf FROM biometric_sighting
 WHERE lane_id = %s AND seq > %s AND seq <= %s ORDER BY seq, id
"""
_WITNESS = """
SELECT company_id, seq, hash, signature, public_key FROM biometric_audit_witness
 WHERE company_id = %s AND seq >= %s ORDER BY seq, id LIMIT 1
"""


class EvidenceProof:
    """Of biometric.day.evidence: the proofs. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _proof(self, company, punches, entries):
        """`{"company", "audit": {"rows", "whole", "witness"}, "lanes": [sighting]}` (sudo)."""
        return {
            "company": company.id,
            "audit": self._trail_proof(company, entries),
            "lanes": self._lane_proofs([punch["id"] for punch in punches]),
        }

    def _trail_proof(self, company, entries):
        """Rows of the trail: those of the day whole, those between them as links alone."""
        numbers = {entry["seq"] for entry in entries if entry["seq"]}
        if not numbers:
            return {"rows": [], "whole": True, "witness": None}
        first, last = min(numbers), max(numbers)
        witness = self._one(_WITNESS, company.id, last)
        end = witness["seq"] if witness and witness["seq"] - first < MOST_LINKS else last
        whole = end - first < MOST_LINKS
        rows = []
        for row in self.env["biometric.evidence"]._audit(company.id, low=first - 1, high=end):
            if int(row["seq"]) in numbers:
                rows.append(row)
            elif whole:
                hidden = (*trail.ACTOR, *trail.CONTENT, "actor_salt", "content_salt")
                rows.append({name: value for name, value in row.items() if name not in hidden})
        kept = witness if witness and witness["seq"] <= end else None
        return {"rows": rows, "whole": whole, "witness": kept}

    def _lane_proofs(self, punch_ids):
        self.env.cr.execute(_SIGHTINGS, (punch_ids,))
        proofs = self.env.cr.dictfetchall()
        for proof in proofs:
            lane_id, proof["leaves"] = proof.pop("lane_id"), []
            proof["head"] = head = self._one(_HEAD, lane_id, proof["seq"])
            if head and head["seq"] - proof["seq"] <= MOST_LEAVES:
                self.env.cr.execute(_LEAVES, (lane_id, proof["seq"], head["seq"]))
                proof["leaves"] = [leaf for _seq, leaf in self.env.cr.fetchall()]
            else:
                proof["head"] = None
        return proofs

    def _one(self, query, *parameters):
        self.env.cr.execute(SQL(query, *parameters))
        rows = self.env.cr.dictfetchall()
        return rows[0] if rows else None

    # ------------------------------------------------------------------ what it was made by

    def _runs(self, punches):
        """Runs that brought these punches: of their terminals, around when they were received."""
        seen = [one["received_at"] for punch in punches for one in punch["sightings"]]
        if not seen:
            return []
        devices = list({punch["device_id"] for punch in punches})
        self.env.cr.execute(
            """SELECT r.uuid, d.serial, r.channel, r.asked_by, r.started_at, r.ended_at, r.outcome,
                      r.window_from, r.window_to, r.read_count, r.new_count, r.duplicate_count,
                      r.rejected_count
                 FROM biometric_run r JOIN biometric_device d ON d.id = r.device_id
                WHERE r.device_id = ANY(%s) AND r.started_at <= %s
                  AND COALESCE(r.ended_at, r.started_at) >= %s
                ORDER BY r.started_at LIMIT 500""",
            (devices, max(seen), min(seen)),
        )
        return self.env.cr.dictfetchall()

    @staticmethod
    def _rule(day):
        """The rule set by which the day was computed; without a number: what is built in."""
        rule = day.rule_id
        said = {"name": day.rule_name or None, "number": rule.id or None}
        return {**said, "valid_from": rule.valid_from or None, "parameters": rule.parameters}
