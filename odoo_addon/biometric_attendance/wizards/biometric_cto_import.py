"""Dialog that brings in balances that stood before: a lot a line, tried first, whole or not at all.

How the file is read is engine/bank_csv.py's part; who an employee text means is said here.
"""

from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine import FOREVER, bank_csv
from ..models.cto.biometric_cto_account import ACCOUNTS
from ..models.mixins.biometric_audited import Concern
from ..seams.binary import raw

SHOWN_FAULTS = 30


class BiometricCtoImport(models.TransientModel):
    _name = "biometric.cto.import"
    _inherit = ["biometric.dialog"]
    _description = "Opening balances"

    state = fields.Selection(
        [("choose", "Choose"), ("tried", "Checked"), ("done", "Done")], default="choose"
    )
    kind = fields.Selection(ACCOUNTS, required=True, default="bank")
    on = fields.Date(
        "Balance of", required=True, default=lambda self: self.env.company._biometric_today()
    )
    data = fields.Binary("File", attachment=False)
    file_name = fields.Char("File name")
    faults = fields.Text("Errors", readonly=True)
    employee_count = fields.Integer("Employees", readonly=True)
    total_minutes = fields.Integer("Total of the file", readonly=True)
    before_minutes = fields.Integer("Balance before", readonly=True)
    after_minutes = fields.Integer("Balance afterwards", readonly=True)

    def action_try(self):
        """Read the file and say what it would do; nothing is posted."""
        self.ensure_one()
        self.check_access("write")
        lots, faults = self._read()
        if faults:
            shown = [self.env._("Line %(line)s: %(fault)s", line=n, fault=t) for n, t in faults]
            more = [f"+{len(faults) - SHOWN_FAULTS}"] if len(faults) > SHOWN_FAULTS else []
            self.write({"state": "choose", "faults": "\n".join(shown[:SHOWN_FAULTS] + more)})
            return self._show()
        books = (
            self.env["biometric.cto.account"]
            .sudo()
            ._look(self.env.company, {employee.id for employee, _lot in lots}, self.kind)
        )
        before = sum(sum(row["minutes"] for row in book.rows) for book in books.values())
        total = sum(lot.minutes for _employee, lot in lots)
        self.write(
            {
                "state": "tried",
                "faults": False,
                "employee_count": len(books),
                "total_minutes": total,
                "before_minutes": before,
                "after_minutes": before + total,
            }
        )
        return self._show()

    def action_import(self):
        """Post what was tried: an opening entry a line."""
        self.ensure_one()
        self.check_access("write")
        lots, faults = self._read()
        if faults or self.state != "tried":
            return self.action_try()
        by_person = defaultdict(list)
        for employee, lot in lots:
            by_person[employee].append(lot)
        for employee, own in by_person.items():
            self._record(employee, own)
        accounts = self.env["biometric.cto.account"].sudo()
        books = accounts._open(self.env.company, [employee.id for employee in by_person], self.kind)
        for employee, own in by_person.items():
            for lot in own:
                self._post(books[employee.id], lot)
        accounts._write_down(books.values())
        after = accounts.search(
            [
                ("id", "in", [book.account["id"] for book in books.values()]),
            ],
            limit=len(books),
        )
        self.write(
            {
                "state": "done",
                "data": False,
                "after_minutes": sum(after.mapped("balance_minutes")),
            }
        )
        return self._show()

    def _record(self, employee, lots):
        self.env["biometric.audit"]._record(
            "cto.opening",
            employee,
            None,
            {
                "account": self.kind,
                "date": str(self.on),
                "lots": [[lot.minutes, str(lot.expires_on or ""), lot.document] for lot in lots],
            },
            self.env._("Opening balances from the file %s", self.file_name or "?"),
            company=self.env.company,
            concern=Concern(set(employee.ids)),
        )

    def _post(self, book, lot):
        # a file of the same day again is told apart by what stands already
        source = f"opening:{self.on}:{len(book.entries) + 1}"
        on = max(self.on, book.last_date or self.on)
        if book.flex:
            book.flex.opening(source, on, lot.minutes)
        else:
            book.bank.opening(source, on, lot.minutes, lot.expires_on or FOREVER)
        book.note(source, {"note": lot.document or None})

    # ------------------------------------------------------------------ the file

    def _read(self):
        """`([(employee, Lot)], [(line, fault)])`."""
        try:
            form = self.env["res.lang"]._get_data(code=self.env.user.lang).date_format
            lots, faults = bank_csv.parse(raw(self.data), form)
        except (bank_csv.Unreadable, ValueError) as error:
            raise UserError(self.env._("The file cannot be read: %s.", error)) from error
        roster = self.env["biometric.roster.import"].new()
        people, employees = roster._people(), self.env["hr.employee"].sudo()
        found, seen = [], {}
        for lot in lots:
            # who an employee text means is one rule for every file
            likely, fault = roster._find(lot, people)
            fault = fault or self._fault(lot) or self._doubt(lot, likely)
            fault = fault or self._named(employees.browse(likely[:1]), lot)
            fault = fault or self._twice(seen, likely[0], lot)
            if fault:
                faults.append((lot.line, fault))
            else:
                found.append((employees.browse(likely[0]), lot))
        return found, sorted(faults)

    def _doubt(self, lot, likely):
        if not likely:
            return self.env._("nobody has the name %s", lot.who)
        if len(likely) > 1:
            return self.env._("%s matches several people: enter the badge number", lot.who)
        return None

    def _named(self, employee, lot):
        if self.env["biometric.audited"]._names_someone(lot.document, employee):
            return self.env._(
                "the account keeps the document permanently, even after an erasure: do "
                "not write the name in it"
            )
        return None

    def _fault(self, lot):
        if self.kind == "bank" and lot.minutes < 0:
            return self.env._("compensatory time cannot be negative")
        if lot.expires_on and (self.kind == "flex" or lot.expires_on < self.on):
            return self.env._("%s: such a credit would already have expired", lot.expires_on)
        return None

    def _twice(self, seen, employee_id, lot):
        key = (employee_id, lot.minutes, lot.expires_on, lot.document)
        if key in seen:
            return self.env._("the same as line %s", seen[key])
        seen[key] = lot.line
        return None

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
