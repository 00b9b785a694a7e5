"""Two people let a pay period pass though something blocks it: one asks with a reason, another
confirms. The control record prints it.

Owns that act. Which blockers may pass at all, the engine's gate says.
"""

from odoo import fields
from odoo.exceptions import AccessError, UserError

from ...engine import gate
from ..mixins.biometric_audited import Concern

PAYROLL = "biometric_attendance.group_payroll_officer"
HR = "biometric_attendance.group_hr_officer"


class PeriodOverride:
    """Of biometric.period: what two people let pass. Mixed into its one class."""

    __slots__ = ()

    def action_ask_override(self, reason):
        """Ask that what blocks now, and may pass at all, passes. Asking anew replaces what was
        asked before."""
        self.ensure_one()
        self._check_payroll()
        reason = self._check_reason(reason)
        found = self._gate().blockers
        may = [one for one in found if one[2] not in gate.MUST_BE_MENDED]
        if self.state == "exported" or not may:
            raise UserError(
                self.env._("None of what blocks %s can be overridden.", self.display_name)
            )
        self.sudo().write(
            {
                "override_reason": reason,
                "override_asked_by_id": self.env.uid,
                "override_asked_at": fields.Datetime.now(),
                "override_confirmed_by_id": False,
                "override_confirmed_at": False,
                "override_blockers": [list(one) for one in may],
            }
        )
        return True

    def action_confirm_override(self):
        """The second person agrees: somebody else than who asked, and nobody whom it is about."""
        self.ensure_one()
        self.check_access("read")
        if not (self.env.user.has_group(PAYROLL) or self.env.user.has_group(HR)):
            raise AccessError(
                self.env._(
                    "Only payroll officers and HR officers can override the checks of a period."
                )
            )
        asker = self.sudo().override_asked_by_id
        if not asker or self.override_confirmed_by_id:
            raise UserError(self.env._("Nobody requested to override %s.", self.display_name))
        if asker.id in {self.env.uid, self.env["biometric.audit"]._real_uid()}:
            raise UserError(
                self.env._(
                    "Two people override a period: someone other than the requester has to confirm."
                )
            )
        duty = self.env["biometric.duty"]
        duty._weigh(
            Concern(
                subjects=self._override_people(),
                requesters={asker.id},
                others=duty._others("payroll_officer", self.company_id, {self.env.uid})
                | duty._others("hr_officer", self.company_id, {self.env.uid}),
            ),
            self.company_id,
        )
        with self._because(self.override_reason):
            self.sudo().write(
                {
                    "override_confirmed_by_id": self.env.uid,
                    "override_confirmed_at": fields.Datetime.now(),
                }
            )
        return True

    def _override_people(self):
        """Ids of the employees whose days were asked to pass."""
        named = {one[0] for one in self.override_blockers or ()}
        return {int(one.removeprefix("employee:")) for one in named if one.startswith("employee:")}

    def _passed(self):
        """Blockers that two people let pass."""
        if not self.override_confirmed_by_id:
            return []
        return [tuple(one) for one in self.override_blockers or ()]

    def _passed_record(self):
        """What the control record says of it: who, why, and how many of each kind."""
        passed = self._passed()
        if not passed:
            return {}
        kinds = {}
        for _what, _date, reason in passed:
            kinds[reason] = kinds.get(reason, 0) + 1
        period = self.sudo()
        return {
            "override": {
                "asked_by": period.override_asked_by_id.login,
                "asked_at": period.override_asked_at.isoformat() + "Z",
                "confirmed_by": period.override_confirmed_by_id.login,
                "confirmed_at": period.override_confirmed_at.isoformat() + "Z",
                "reason": period.override_reason,
                "passed": dict(sorted(kinds.items())),
            }
        }
