"""The list that somebody carries to a terminal to enrol people: a line per person, with room to
note the day and to sign.

Owns columns and words. Nothing of a finger, a face or a card is printed; only that it is there.
Who is left out for want of consent is named.
"""

from odoo import api, models

from .paper import Column, Table

HAND = 42


class EnrolmentPrint(models.AbstractModel):
    _name = "report.biometric_attendance.enrolment"
    _inherit = ["biometric.paper"]
    _description = "Enrolment list"

    @api.model
    def _sheets(self, docids):
        users = self.env["biometric.device.user"].browse(docids)
        return [self._list(*page) for page in users.grouped("device_id").items()]

    @api.model
    def _list(self, device, users):
        _ = self.env._
        place = _("Serial number %s", device.serial)
        how = _(
            "At the terminal: Menu, User management, the PIN below; then finger, face or "
            "card. A card or a PIN with password works just as well: nobody has to give "
            "a biometric feature."
        )
        out = self.env["biometric.consent"]._left_out_of(users.sudo().employee_id)
        left = users.filtered(lambda user: user.sudo().employee_id.id in out)
        lines = [f"{device.place}, {place}" if device.place else place, how]
        if left:
            lines.append(self.env["biometric.consent"]._left_out_words(left.sudo().employee_id))
        return self._sheet(
            device.company_id.sudo().name,
            _("Enrolment list"),
            _("To enrol at: %s", device.name),
            lines,
            [
                Table(
                    self._columns(),
                    [self._row(user) for user in (users - left).sorted("pin")],
                    row_height=HAND,
                )
            ],
        )

    @api.model
    def _columns(self):
        _ = self.env._
        return [
            Column(_("PIN"), 100),
            Column(_("Name on the terminal"), 160),
            Column(_("Employee"), 210),
            Column(_("Badge"), 110),
            Column(_("There already"), 150),
            Column(_("Done on"), 110),
            Column(_("Signature"), 160),
        ]

    @api.model
    def _instead(self, user):
        """Who wants no biometrics is enrolled with a card or a PIN."""
        employee = user.sudo().employee_id
        if self.env["biometric.consent"]._standing(employee).get(employee.id) == "no_biometrics":
            return self.env._("Card or PIN only")
        return ""

    @api.model
    def _row(self, user):
        return [
            user.pin,
            user.device_name or "",
            user.employee_id.name or "",
            user.sudo().employee_id.barcode or "",
            user._credentials_text() or self._instead(user),
            "",
            "",
        ]
