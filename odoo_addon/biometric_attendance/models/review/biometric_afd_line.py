"""Numbered records of the AFD, Brazil's file of raw punches: gapless, written once, never anew.

A punch, a person or the employer gets its number when a file first needs it; the line stays as it
was written then, whatever is corrected later. A ledger; an erased person's lines lose their text.
Must not know the treated day.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine import brazil

MOST_LINES = 200_000
COLLECTOR = "04"  # an electronic device


class BiometricAfdLine(models.Model):
    _name = "biometric.afd.line"
    _description = "Records of the AFD"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "nsr"
    _rec_name = "nsr"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    nsr = fields.Integer("Number (NSR)", required=True, readonly=True)
    kind = fields.Selection(
        [("2", "Employer"), ("3", "Punch"), ("5", "Employee"), ("7", "Punch, chained")],
        required=True,
        readonly=True,
    )
    employee_id = fields.Many2one("hr.employee", readonly=True, ondelete="restrict", index=True)
    # A number, no foreign key: the record outlives the punch.
    punch_number = fields.Integer("Punch number", readonly=True)
    day = fields.Date(required=True, readonly=True, help="According to the clock at that location.")
    line = fields.Char(readonly=True)
    chain = fields.Char(readonly=True, help="Hash to which the next record is chained.")

    _one_number = models.UniqueIndex("(company_id, nsr)")
    _one_punch = models.UniqueIndex("(company_id, punch_number) WHERE punch_number IS NOT NULL")
    _by_day = models.Index("(company_id, day)")

    @api.model
    def _number(self, company, punch_kind, about, punches):
        """Number what is not numbered yet (sudo): the employer before the first punch, each person
        before theirs, punches in the order in which they were stored.

        about: fields of the employer and `responsible`; punches: [(punch id, employee, cpf, text
        of its instant, text of when it was stored)]. How many records are new."""
        self.flush_model()
        # One writer at a time: two would take the same number.
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(hashtext('biometric_afd'), %s)", (company.id,)
        )
        self.env.cr.execute(
            """SELECT max(nsr), array_agg(punch_number) FILTER (WHERE punch_number IS NOT NULL),
                      array_agg(employee_id) FILTER (WHERE kind = '5')
                 FROM biometric_afd_line WHERE company_id = %s""",
            (company.id,),
        )
        number, known, people = self.env.cr.fetchone()
        self._check_kind(company, punch_kind)
        rows = _Rows(company, number or 0, self._last_chain(company), about)
        known, people = set(known or ()), set(people or ())
        punches = sorted(punches)
        if not number and punches:
            *_more, text, stored = punches[0]
            rows.add("2", text, {"at": stored, "place": ""})
        for punch in punches:
            self._add_punch(rows, punch_kind, punch, known, people)
        self.sudo().create(rows.rows)
        return len(rows.rows)

    @staticmethod
    def _add_punch(rows, kind, punch, known, people):
        number, employee, cpf, text, stored = punch
        if number in known:
            return
        if employee.id not in people:
            people.add(employee.id)
            person = {"at": stored, "operation": "I", "cpf": cpf, "name": employee.name}
            rows.add("5", text, person, employee_id=employee.id)
        values = {"at": text, "cpf": cpf, "stored_at": stored, "collector": COLLECTOR}
        offline = "0" if text[:16] == stored[:16] else "1"
        rows.add(
            kind,
            text,
            {**values, "offline": offline},
            employee_id=employee.id,
            punch_number=number,
        )

    def _check_kind(self, company, punch_kind):
        other = self.search(
            [("company_id", "=", company.id), ("kind", "in", ("3", "7"))], limit=1
        ).kind
        if other and other != punch_kind:
            begun = "REP-A" if other == "3" else "REP-P"
            raise UserError(
                self.env._("The AFD of this company was started as %s: continue with it.", begun)
            )

    def _last_chain(self, company):
        last = self.search(
            [("company_id", "=", company.id), ("kind", "=", "7")], order="nsr desc", limit=1
        )
        return last.chain or ""

    @api.model
    def _lines(self, company, first, last):
        """Lines from the first to the last number of these dates (sudo), without a hole."""
        self.flush_model()
        self.env.cr.execute(
            """SELECT nsr, line FROM biometric_afd_line
                WHERE company_id = %(company)s AND nsr BETWEEN
                      (SELECT min(nsr) FROM biometric_afd_line WHERE company_id = %(company)s
                          AND day BETWEEN %(first)s AND %(last)s)
                  AND (SELECT max(nsr) FROM biometric_afd_line WHERE company_id = %(company)s
                          AND day BETWEEN %(first)s AND %(last)s)
                ORDER BY nsr LIMIT %(most)s""",
            {"company": company.id, "first": first, "last": last, "most": MOST_LINES + 1},
        )
        rows = self.env.cr.fetchall()
        if len(rows) > MOST_LINES:
            raise UserError(
                self.env._(
                    "These dates contain more than %s records: choose fewer days per file.",
                    f"{MOST_LINES:,}",
                )
            )
        if gone := [number for number, line in rows if not line]:
            raise UserError(
                self.env._(
                    "Records of an erased person have been removed: numbers %(first)s to "
                    "%(last)s. Choose dates after them.",
                    first=gone[0],
                    last=gone[-1],
                )
            )
        return [line for _number, line in rows]


class _Rows:
    """New rows in the order of their numbers."""

    def __init__(self, company, number, chain, about):
        self.company, self.number, self.chain, self.about = company, number, chain, about
        self.rows = []

    def add(self, kind, text, values, **links):
        """text: the instant whose date the record belongs to."""
        self.number += 1
        line = brazil.afd_line(kind, {**self.about, **values, "nsr": self.number}, self.chain)
        if kind == "7":
            self.chain = brazil.afd_hash(line)
        self.rows.append(
            {
                "company_id": self.company.id,
                "nsr": self.number,
                "kind": kind,
                "day": text[:10],
                "line": line,
                "chain": self.chain if kind == "7" else False,
                **links,
            }
        )
