"""What the verifier found, one row a cause, until a named person explains it.

The red banner counts the rows nobody has explained. A finding is never removed. An explanation
holds for the fact that was explained: found again it stays explained, but with another fact at the
same place, or after a whole run that did not find it, it is open again. Must not verify anything.
"""

import hashlib
import re

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...contract import wire
from ..mixins.biometric_audited import Concern

# A row that was found before comes back as another fact, or after it was gone. Rows of before the
# digest take it up silently.
_REOPENS = "(f.gone_at IS NOT NULL OR f.fact <> excluded.fact)"
# Where a finding names the entry, or the record whose newest entry, it is about.
_ENTRY = re.compile(r"audit (\d+)")
_EMPLOYEE = re.compile(r"\bof employee (\d+)")
_PUNCH = re.compile(r"punch (\d+)$")
_RECORD = re.compile(r".*?((?:biometric|hr|res|ir)\.[a-z_.]+)\D+(\d+)")


class BiometricAuditFinding(models.Model):
    _name = "biometric.audit.finding"
    _description = "Verification findings"
    _log_access = False
    _order = "explained_at desc nulls first, id desc"
    _rec_name = "code"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    code = fields.Char(required=True, readonly=True)
    place = fields.Char(required=True, readonly=True)
    text = fields.Char(readonly=True)
    first_seen_at = fields.Datetime("First found on", required=True, readonly=True)
    last_seen_at = fields.Datetime("Last found on", required=True, readonly=True)
    explained_at = fields.Datetime("Explained on", readonly=True)
    explained_by_id = fields.Many2one(
        "res.users", "Explained by", readonly=True, ondelete="restrict"
    )
    explanation = fields.Char(readonly=True)
    fact = fields.Char(
        "Details", readonly=True, help="SHA-256 of what was found; an explanation is bound to it"
    )
    check_id = fields.Many2one(
        "biometric.audit.check",
        "Found by",
        readonly=True,
        ondelete="set null",
        help="The last verification that found it; empty: reported by an agent",
    )
    gone_at = fields.Datetime(
        "Resolved on",
        readonly=True,
        help="A full verification no longer found it; if it comes back, it is open again",
    )

    _one_cause = models.UniqueIndex("(company_id, code, place)")
    _open = models.Index("(company_id) WHERE explained_at IS NULL")

    @api.model
    def _found(self, company_id, rows, check=None):
        """Keep findings. rows: [{"code", "place", "text"[, "fact"]}]; check: the run that found
        them, None for what an agent says."""
        if not rows:
            return
        unique = {(row["code"], row["place"]): row for row in rows}
        execute_values(
            self.env.cr._obj,
            f"""INSERT INTO biometric_audit_finding AS f
                   (company_id, code, place, text, fact, check_id, first_seen_at, last_seen_at)
               VALUES %s
               ON CONFLICT (company_id, code, place)
               DO UPDATE SET last_seen_at = excluded.last_seen_at, check_id = excluded.check_id,
                             text = excluded.text, fact = excluded.fact, gone_at = NULL,
                             explained_at = CASE WHEN {_REOPENS} THEN NULL ELSE f.explained_at END,
                             explained_by_id =
                                 CASE WHEN {_REOPENS} THEN NULL ELSE f.explained_by_id END,
                             explanation = CASE WHEN {_REOPENS} THEN NULL ELSE f.explanation END
                WHERE f.last_seen_at < excluded.last_seen_at - interval '1 minute'
                   OR {_REOPENS} OR f.check_id IS DISTINCT FROM excluded.check_id""",
            [
                (company_id, code, place, row["text"], self._fact(row), check and check.id)
                for (code, place), row in sorted(unique.items())
            ],
            template="(%s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')",
        )
        self.invalidate_model()
        self._tell_banner(self.env["res.company"].browse(company_id))

    @staticmethod
    def _fact(row):
        """Digest of what a finding states; its words, where nothing else was said of it."""
        stated = "\n".join((row["code"], row["place"], row["text"] or ""))
        return row.get("fact") or hashlib.sha256(stated.encode()).hexdigest()

    @api.model
    def _note_gone(self, check, kept):
        """A run is over: what it did not find any more is gone. kept: codes of which the run found
        more than it names, so that nothing can be said of the single place."""
        self.env.cr.execute(
            """UPDATE biometric_audit_finding SET gone_at = now() AT TIME ZONE 'UTC'
                WHERE company_id = %s AND check_id < %s AND gone_at IS NULL
                  AND NOT code = ANY(%s)""",
            (check.company_id.id, check.id, list(kept)),
        )
        self.invalidate_model()

    def _tell_banner(self, companies):
        """After the commit the banners of these companies read again, with their reader's own
        rights."""
        for company in companies:
            self.env["biometric.bus"]._tell("finding", company, {})

    @api.model
    def _explained_rows(self, company_id):
        """Explained findings as the verifier reads them."""
        self.flush_model()
        self.env.cr.execute(
            """SELECT id, code, place, fact, explained_at::text AS explained_at, explained_by_id,
                      explanation
                 FROM biometric_audit_finding
                WHERE company_id = %s AND explained_at IS NOT NULL ORDER BY id""",
            (company_id,),
        )
        return self.env.cr.dictfetchall()

    @api.model
    def _open_again(self, ids):
        if ids:
            self.browse(ids).sudo().write(
                {"explained_at": False, "explained_by_id": False, "explanation": False}
            )

    @api.model
    def get_banner(self):
        """What the red banner of the web client says to the reader, for his companies.

        {"open": number of findings nobody explained, "since_at": instant of the oldest of them or
        None, "may_open": whether he may read them, "unverified_since": instant since which no
        verification ended, where that is long ago, or None}. Nothing for whoever has no role but
        their own days: the banner calls those who approve, pay, administer or audit.
        """
        if not self.env["biometric.bus"]._hears("finding"):
            return {"open": 0, "since_at": None, "may_open": False, "unverified_since": None}
        ((count, since_at),) = self.sudo()._read_group(
            [("company_id", "in", self.env.companies.ids), ("explained_at", "=", False)],
            aggregates=["__count", "first_seen_at:min"],
        )
        overdue = self.env["biometric.audit.check"].sudo()._overdue_since(self.env.companies)
        return {
            "unverified_since": wire.from_datetime(overdue) if overdue else None,
            "open": count,
            "since_at": wire.from_datetime(since_at) if since_at else None,
            "may_open": self.has_access("read"),
        }

    def action_explain(self, explanation):
        """A named administrator or HR officer says what happened: never an auditor, who watches
        them, and nobody whose own act it is about while somebody else may. Audited; nothing else
        silences the banner."""
        self._check_may_explain()
        explanation = self.env["biometric.audited"]._check_reason(explanation)
        self.check_access("read")
        for finding in self.filtered(lambda row: not row.explained_at):
            caused_it = finding._check_not_the_cause()
            subjects = finding._subjects()
            finding._check_not_the_subject(subjects)
            finding.sudo().write(
                {
                    "explained_at": fields.Datetime.now(),
                    "explained_by_id": self.env.uid,
                    "explanation": explanation,
                }
            )
            self.env["biometric.audit"]._record(
                "finding.explain",
                finding,
                {"code": finding.code, "place": finding.place, "text": finding.text},
                {"fact": finding.fact} | ({"caused_by_explainer": True} if caused_it else {}),
                explanation,
                concern=Concern(subjects, may_refuse=False),
            )
        self._tell_banner(self.company_id)

    @api.model
    def _check_may_explain(self):
        user = self.env.user
        if user.has_group("biometric_attendance.group_auditor"):
            raise AccessError(
                self.env._("Auditors read findings; an administrator or HR officer explains them.")
            )
        explainers = ("group_hr_officer", "group_administrator")
        if not any(user.has_group(f"biometric_attendance.{group}") for group in explainers):
            raise AccessError(
                self.env._("Only biometric administrators and HR officers can explain findings.")
            )

    def _check_not_the_cause(self):
        """Whether the reader's own act is what was found; refused while another may explain."""
        self.ensure_one()
        if not self._causes() & self._actors():
            return False
        if others := self._other_explainers():
            raise UserError(
                self.env._(
                    "It concerns an action of your own. Someone else who can explain it: %s.",
                    ", ".join(sorted(others.mapped("name"))[:3]),
                )
            )
        return True

    def _check_not_the_subject(self, subjects):
        """Nobody explains what was found in their own time while another may."""
        duty = self.env["biometric.duty"]
        if own := duty._own(*self._actors()) & subjects:
            duty._refuse(own, self._other_explainers(), False)

    def _actors(self):
        return {self.env.uid, self.env["biometric.audit"]._real_uid()}

    def _other_explainers(self):
        """Users besides the reader who may explain findings of the company."""
        duty, actors = self.env["biometric.duty"], self._actors()
        others = [
            duty._others(right, self.company_id, actors)
            for right in ("hr_officer", "administrator")
        ]
        auditors = self.env.ref("biometric_attendance.group_auditor").sudo().all_user_ids
        return (others[0] | others[1]) - auditors

    def _subjects(self):
        """Ids of the employees whose time a finding is about: whom it names, whom the entry names,
        whose record it is, and whose punch."""
        self.ensure_one()
        named = {int(number) for number in _EMPLOYEE.findall(self.place)}
        query, values = self._entries_about("person_id")
        if query:
            self.env.cr.execute(query, values)
            named |= {row[0] for row in self.env.cr.fetchall() if row[0]}
        for name, number in self._records_named():
            model = self.env[name].sudo().with_context(active_test=False)
            row = model.browse(number).exists()
            if row and hasattr(row, "_audit_subjects"):
                named |= row._audit_subjects()
            elif row and "employee_id" in row._fields:
                named |= set(row.employee_id.ids)
        return named

    def _records_named(self):
        """[(model, id)] of the record that a finding names."""
        if punch := _PUNCH.match(self.place):
            return [("biometric.punch", int(punch[1]))]
        record = _RECORD.match(self.place)
        return [(record[1], int(record[2]))] if record and record[1] in self.env else []

    def _causes(self):
        """Ids of the users whose act a finding is about: of the entry it names, or of the newest
        entry about the record it names."""
        self.ensure_one()
        query, values = self._entries_about("user_id, real_user_id")
        if not query:
            return set()
        self.env.cr.execute(query, values)
        return {user for row in self.env.cr.fetchall() for user in row if user}

    def _entries_about(self, columns):
        """(SQL, values) of columns of the entry that a finding names, or of the newest about its
        record; (None, None) where it names neither."""
        columns = f"SELECT {columns} FROM biometric_audit WHERE company_id = %s"
        if entry := _ENTRY.match(self.place):
            query, values = f"{columns} AND seq = %s", [int(entry[1])]
        elif record := _RECORD.match(self.place):
            query = f"{columns} AND model = %s AND res_id = %s ORDER BY id DESC LIMIT 1"
            values = [record[1], int(record[2])]
        else:
            return None, None
        return query, [self.company_id.id, *values]

    def action_open_explain(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.finding.explain",
            "name": self.env._("Explain findings"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_finding_ids": [(6, 0, self.ids)]},
        }
