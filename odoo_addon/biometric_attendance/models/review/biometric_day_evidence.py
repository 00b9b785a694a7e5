"""The evidence of one day, for a dispute: everything it was made of, in one file.

Owns what is gathered and how its history is played again: the states of the review come out anew
from the steps, so that the file shows whether the ledger says what its history gives. For HR
officers and auditors; each file is an entry of the trail. Computes no minute.
"""

import hashlib
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...engine import Review, RuleSet
from ..mixins.biometric_audited import Concern
from .biometric_evidence_proof import EvidenceProof

READERS = ("hr_officer", "auditor")
FORMAT = "biometric-evidence 1"
DAY = timedelta(days=1)
_PUNCHES = """
SELECT p.id, p.key, d.serial, p.pin, p.wall_time, p.status, p.stored_at, p.device_id
  FROM biometric_punch p
  JOIN biometric_device d ON d.id = p.device_id
  JOIN biometric_device_user u ON u.device_id = p.device_id AND u.pin = p.pin
   AND p.wall_date >= COALESCE(u.valid_from, '0001-01-01'::date)
   AND p.wall_date <= COALESCE(u.valid_to, '9999-12-31'::date)
 WHERE u.employee_id = %s AND p.wall_date BETWEEN %s AND %s ORDER BY p.wall_time, p.id
"""
_SIGHTINGS = """
SELECT s.punch_id, s.channel, s.verify, s.received_at, s.clock, s.skew_seconds, l.lane, s.seq
  FROM biometric_sighting s JOIN biometric_lane l ON l.id = s.lane_id
 WHERE s.punch_id = ANY(%s) ORDER BY s.punch_id, s.received_at, s.seq
"""
_ENTRIES = """
SELECT id, seq, happened_at, action, model, res_id, user_name, reason, self_approved, hash
  FROM biometric_audit
 WHERE company_id = %s AND ((model = 'biometric.adjustment' AND res_id = ANY(%s))
    OR (model = 'biometric.punch' AND res_id = ANY(%s))
    OR (model = 'biometric.day.approval' AND res_id = ANY(%s))) ORDER BY id
"""


class BiometricDayEvidence(EvidenceProof, models.AbstractModel):
    _name = "biometric.day.evidence"
    _description = "Evidence of a day"

    @api.model
    def _check_may(self, day):
        day.check_access("read")
        if not any(
            self.env.user.has_group(f"biometric_attendance.group_{role}") for role in READERS
        ):
            raise AccessError(self.env._("The evidence of a day is for HR officers and auditors."))

    @api.model
    def _file(self, day):
        """(name, bytes) of the file about one day; checks who asks and leaves an entry."""
        data = self._taken(day)[1]
        return f"evidence-{day.sudo().employee_id.id}-{day.date}.json", data

    @api.model
    def _taken(self, day):
        """(pack, its bytes) for a file or paper; checks who asks and leaves an entry."""
        self._check_may(day)
        # What waits for its number would travel without a proof.
        while self.env["biometric.audit"].sudo()._seal(1000):
            pass
        pack = self.sudo()._pack(day.sudo())
        text = json.dumps(pack, indent=1, sort_keys=True, ensure_ascii=False, default=_plain)
        data = text.encode()
        self.env["biometric.audit"].sudo()._record(
            "evidence.write",
            day.sudo(),
            None,
            {"date": str(day.date), "sha256": hashlib.sha256(data).hexdigest()},
            company=day.sudo().company_id,
            concern=Concern(frozenset(day.sudo().employee_id.ids), decides=False),
        )
        return pack, data

    def _pack(self, day):
        """Everything about the day and its two neighbours (sudo)."""
        employee = day.employee_id
        first, last = day.date - DAY, day.date + DAY
        punches = self._punches(employee, first, last)
        rows = self.env["biometric.adjustment"]._of_days(employee.ids, first, last)
        approvals = self.env["biometric.day.approval"].search(
            [("employee_id", "=", employee.id), ("date", "=", day.date)], order="id", limit=1000
        )
        entries = self._entries(day.company_id, rows, punches, approvals)
        return {
            "format": FORMAT,
            "employee": {"number": employee.id, "name": employee.name},
            "company": day.company_id.name,
            "written_at": fields.Datetime.now(),
            "day": self._day(day),
            "neighbours": [self._day(one) for one in self._neighbours(day)],
            "punches": punches,
            "adjustments": [self._adjustment(row) for row in rows],
            "history": self._replay(rows, entries),
            "approvals": [
                {
                    "verdict": one.verdict,
                    "by": one.user_id.name,
                    "at": one.decided_at,
                    "of": one.day,
                }
                for one in approvals
            ],
            "trail": entries,
            "trail_head": self.env["biometric.audit"]._head(day.company_id.id),
            "proof": self._proof(day.company_id, punches, entries),
            "runs": self._runs(punches),
            "rule": self._rule(day),
            **self._beside(day),
        }

    def _beside(self, day):  # noqa: ARG002 - whoever extends it asks it
        """What later rooms know of the day: payroll says which files held it."""
        return {}

    def _neighbours(self, day):
        near = [day.date - DAY, day.date + DAY]
        return self.env["biometric.day"].search(
            [("employee_id", "=", day.employee_id.id), ("date", "in", near)], order="date", limit=2
        )

    def _day(self, day):
        return {
            "date": day.date,
            "first_in_at": day.first_in_at,
            "last_out_at": day.last_out_at,
            "sentences": self.env["biometric.sentence"]._of_day(day),
            "shift": day.shift_reason,
            "derivation": day.derivation,
            "computed_at": day.computed_at,
            "digest": day.digest,
            **day._decision_values(),
        }

    def _punches(self, employee, first, last):
        """Punches of the person's PINs, each with every sighting of it and what its clock was."""
        self.env.flush_all()
        self.env.cr.execute(_PUNCHES, (employee.id, first, last))
        rows = self.env.cr.dictfetchall()
        self.env.cr.execute(_SIGHTINGS, ([row["id"] for row in rows],))
        seen = {}
        for one in self.env.cr.dictfetchall():
            seen.setdefault(one.pop("punch_id"), []).append(one)
        counted = {
            punch.punch_id: punch
            for punch in self.env["biometric.punch"]._usable(employee.ids, first, last)
        }
        for row in rows:
            usable = counted.get(row["id"])
            row["sightings"] = seen.get(row["id"], [])
            row["counts_at"] = usable and usable.instant
            row["zone"] = usable and usable.tz
        return rows

    @staticmethod
    def _adjustment(row):
        return {
            "number": row.id,
            "change": row._change_words(),
            "kind": row.kind,
            "date": row.date,
            "state": row.state,
            "order": row.sequence,
            "asked_by": row.requested_by_id.name,
            "asked_at": row.requested_at,
            "reason": row._reason_words(),
            "evidence": row.evidence,
            "evidence_now": row.evidence_text,
            "before": row.day_before,
            "steps": [
                {
                    "at": step.done_at,
                    "what": step.action,
                    "by": step.user_id.name,
                    "words": step.text or None,
                    "self_approved": step.self_approved,
                    "day": step.day,
                }
                for step in row.step_ids.sorted("id")
            ],
        }

    @staticmethod
    def _approval(one):
        said = {"verdict": one.verdict, "by": one.user_id.name, "at": one.decided_at}
        return said | {"day": one.day, "act": one.bulk, "self_approved": one.self_approved}

    def _entries(self, company, rows, punches, approvals):
        ids = (rows.ids, [punch["id"] for punch in punches], approvals.ids)
        self.env.cr.execute(_ENTRIES, (company.id, *ids))
        return self.env.cr.dictfetchall()

    @staticmethod
    def _replay(rows, entries):
        """The review of the day played again from its steps: what is in effect by that and by the
        ledger, and which attempts were refused."""
        review = Review(RuleSet.from_dict({"four_eyes": False}))
        for step in rows.step_ids.sorted("id"):
            row, by = step.adjustment_id, str(step.user_id.id)
            name, why = str(row.id), row._reason_words() or "-"
            if step.action == "submit" and row.reverses_id:
                review.reverse(name, str(row.reverses_id.id), by, why)
            elif step.action == "submit":
                review.request(name, by, why, row.kind)
            elif step.action == "effect":
                review.approve(name, by)
            elif step.action in ("reject", "withdraw"):
                review.reject(name, by)
        for entry in entries:
            if entry["action"] == "adjustment.refused":
                review.forbid("decide", str(entry["res_id"]), entry["user_name"], entry["reason"])
        kept = rows.filtered(lambda row: row.state == "approved" and row.kind != "reversal")
        return {
            "in_effect_by_history": [int(one.identity) for one in review.effective()],
            "in_effect_by_ledger": kept.sorted("sequence").ids,
            "waiting": [int(one.identity) for one in review.open()],
            "refused": [[one.target, one.by, one.reason] for one in review.refusals()],
        }


def _plain(value):
    """What JSON has no form for, as text."""
    return str(value)
