"""Dialog that makes the files of Brazil's labour inspection: AFD and AEJ.

Owns what is asked. What stands in the files is biometric.labour.values.
"""

import base64
import hashlib

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import brazil
from ..models.mixins.biometric_audited import Concern


class BiometricLabourFile(models.TransientModel):
    _name = "biometric.labour.file"
    _inherit = ["biometric.dialog"]
    _description = "AFD and AEJ (Brazil)"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [("afd", "AFD: the punches"), ("aej", "AEJ: the processed days")],
        required=True,
        default="afd",
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", required=True)
    recorder_kind = fields.Selection(
        [("A", "REP-A (by collective agreement)"), ("P", "REP-P (registered program)")],
        "Recorder",
        required=True,
        default="A",
    )
    recorder_number = fields.Char(
        "Number of the recorder",
        size=17,
        help="REP-P: the registration at INPI. REP-A: the process of the deposited agreement; "
        "empty where there is none.",
    )
    maker = fields.Char(
        "CNPJ or CPF of the developer", required=True, help="Person responsible for the program."
    )
    maker_name = fields.Char("Name of the developer", required=True)
    maker_email = fields.Char("E-mail of the developer", required=True)
    responsible = fields.Char("CPF of the person responsible", required=True)
    file = fields.Binary(readonly=True, attachment=False)
    filename = fields.Char(readonly=True)

    def action_make(self):
        """Make the file and show it; an entry of the trail names its digest."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(self.env._("Only HR officers can create these files."))
        if not 0 <= (self.date_to - self.date_from).days <= 366:
            raise UserError(self.env._("Choose between one day and one year."))
        values, recorder = self.env["biometric.labour.values"].sudo(), self._recorder()
        make = values._afd if self.kind == "afd" else values._aej
        data = make(self.company_id.sudo(), self.date_from, self.date_to, recorder)
        self.file = base64.b64encode(data)
        self.filename = values._name_of(self.company_id.sudo(), self.kind, recorder)
        self.env["biometric.audit"]._record(
            "labour.file",
            self.company_id,
            None,
            {
                "file": self.filename,
                "date_from": str(self.date_from),
                "date_to": str(self.date_to),
                "sha256": hashlib.sha256(data).hexdigest(),
            },
            company=self.company_id,
            concern=Concern(frozenset(), may_refuse=False, decides=False),
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "name": self.env._("AFD and AEJ (Brazil)"),
            "view_mode": "form",
            "target": "new",
        }

    def _recorder(self):
        maker, responsible = brazil.digits(self.maker), brazil.digits(self.responsible)
        number = brazil.digits(self.recorder_number or "")
        if not brazil.employer_kind(maker):
            raise UserError(self.env._("The developer needs a valid CNPJ or CPF."))
        if not brazil.is_cpf(responsible):
            raise UserError(self.env._("The person responsible needs a valid CPF."))
        if self.recorder_kind == "P" and not number:
            raise UserError(self.env._("A REP-P needs its number at INPI."))
        return {
            "kind": self.recorder_kind,
            "number": (number or brazil.NO_AGREEMENT).rjust(17, "0"),
            "maker": maker,
            "maker_name": self.maker_name,
            "maker_email": self.maker_email,
            "responsible": responsible,
        }
