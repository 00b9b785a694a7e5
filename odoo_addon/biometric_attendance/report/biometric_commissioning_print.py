"""The acceptance report of a terminal: what was looked at, what was passed or waived, by whom.

Owns columns and words; what was found is kept with the commissioning.
"""

from odoo import api, models
from odoo.tools import format_datetime

from .paper import Column, Table


class CommissioningPrint(models.AbstractModel):
    _name = "report.biometric_attendance.commissioning"
    _inherit = ["biometric.paper"]
    _description = "Acceptance report"
    _document_of = "biometric.commissioning"

    @api.model
    def _sheets(self, docids):
        return [self._report(one) for one in self.env["biometric.commissioning"].browse(docids)]

    @api.model
    def _report(self, test):
        _ = self.env._
        words = {
            name: dict(test._fields[name]._description_selection(self.env))[test[name]]
            for name in ("state", "occasion")
        }
        device, found = test.device_id, test._found()
        accepted = test.state == "passed"
        # A terminal that nobody named yet is headed by its serial number.
        is_named = device.name != device.serial
        lines = [
            device.place or "",
            _("Serial number: %s", device.serial) if is_named else "",
            _("Test person: %s", test.tester_id.name),
            _("Occasion: %s", words["occasion"]),
            _("Started: %s", self._moment(test.started_at)),
        ]
        if test.ended_at:
            name = test.ended_by_id.sudo().name
            lines.append(f"{words['state']}: {self._moment(test.ended_at)}, {name}")
        else:
            lines.append(_("Not accepted yet"))
        if test.agent_version or test.firmware:
            lines.append(
                _(
                    "Program of the agent: %(agent)s. Firmware: %(firmware)s",
                    agent=test.agent_version or "?",
                    firmware=test.firmware or "?",
                )
            )
        lines.append(self._sum(found))
        return self._sheet(
            test.company_id.sudo().name,
            _("Acceptance report"),
            device.name,
            lines,
            [Table(self._columns(), [self._row(test, row) for row in found])],
            # Nobody signs for what was not accepted.
            signatures=[_("Test person"), _("Accepted by")] if accepted else [],
        )

    @api.model
    def _moment(self, at):
        return format_datetime(self.env, at, dt_format="short")

    @api.model
    def _sum(self, found):
        passed = sum(row["ok"] for row in found)
        waived = sum(bool(row["waived"]) and not row["ok"] for row in found)
        return self.env._(
            "%(passed)s passed, %(waived)s waived, %(open)s open",
            passed=passed,
            waived=waived,
            open=len(found) - passed - waived,
        )

    @api.model
    def _columns(self):
        _ = self.env._
        return [
            Column(_("Checked"), 360),
            Column(_("Result"), 300),
            Column(_("Found"), 340),
        ]

    @api.model
    def _row(self, test, row):
        labels = self.env["biometric.commissioning.check"]._labels()
        return [labels[row["key"]], test._state_word(row), row["found"]]
