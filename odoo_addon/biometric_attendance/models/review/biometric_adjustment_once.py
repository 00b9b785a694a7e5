"""The same minutes of a day are asked for once at a time, and what is taken back is in effect.

Owns what keeps a second request of the same minutes from counting beside the first, also when two
people act at the same moment. Must not know who decides, nor what a decision does.
"""

from odoo import api
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain

# What the day says where a request names no minutes: nothing is decided that nobody has seen.
OFFERED = {
    "excuse_late": "penalised_late_minutes",
    "excuse_early": "penalised_early_leave_minutes",
    "approve_ot": "overtime_unapproved_minutes",
}
# Minutes of these add up with each further approval.
ONCE = (*OFFERED, "reclassify")


class AdjustmentOnce:
    """Of biometric.adjustment: what counts once. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _take_turn(self, kind, employee, day):
        """From here to the end of the transaction nobody else asks for or decides about this kind
        of minutes of a person's date. ConcurrencyError, upon which Odoo runs the request anew,
        where somebody did after this transaction began to read: it would not see theirs."""
        if kind not in ONCE:
            return
        self.env.flush_all()
        key = (kind, employee.id, day)
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(hashtext('biometric_once'), hashtext(%s))",
            (" ".join(map(str, key)),),
        )
        seen = self._last_step(self.env.cr, key)
        with self.env.registry.cursor() as now:
            last = self._last_step(now, key)
        if last > seen:
            raise ConcurrencyError(f"{kind} of employee {employee.id}, {day}: decided meanwhile")

    @staticmethod
    def _last_step(cr, key):
        """Id of the latest step about these minutes that a cursor sees, 0 for none. Whoever writes
        one has had their turn, so a later one has a higher id."""
        cr.execute(
            """SELECT COALESCE(max(s.id), 0) FROM biometric_adjustment a
                 JOIN biometric_adjustment_step s ON s.adjustment_id = a.id
                WHERE a.kind = %s AND a.employee_id = %s AND a.date = %s""",
            key,
        )
        return cr.fetchone()[0]

    def _check_once(self, decides=False):
        """Held overtime, lateness, or a change of one pay class into another, of a date is asked
        for once at a time: approvals add up, and a second one of the same minutes would pay others
        of the day, or those that come later, unseen. UserError that names
        the other one: it was approved since this was asked for, or it waits; whoever `decides` is
        stopped by one alone that waits for its person's yes."""
        one = self.sudo()
        self._check_takes_back()
        if self.kind not in ONCE:
            return
        self._take_turn(self.kind, one.employee_id, self.date)
        same = Domain(
            [(name, "=", self[name]) for name in ("kind", "date", "pay_class", "to_class")]
            + [("employee_id", "=", one.employee_id.id), ("id", "!=", self.id)]
        )
        since = Domain("state", "=", "approved") & Domain("sequence", ">", self._asked_at())
        other = one.search(same & (self._in_the_way(decides) | since), limit=1)
        if other.state == "approved":
            raise UserError(
                self.env._(
                    "%s: another request was approved after this one was made. Reject "
                    "this one or withdraw it; request again what is still missing on the "
                    "day.",
                    self.display_name,
                )
            )
        if other:
            raise UserError(
                self.env._(
                    "%(what)s: another request is already waiting for %(who)s. Have it "
                    "decided or withdrawn first, then request everything that is missing.",
                    what=self.display_name,
                    who=other.waits_text or self.env._("an HR officer"),
                )
            )

    def _asked_at(self):
        """Id of the step at which its minutes were named."""
        steps = self.sudo().step_ids
        drafted = steps.filtered(lambda step: step.action in ("draft", "amend"))
        submitted = steps.filtered(lambda step: step.action == "submit")
        return max((drafted or submitted).ids, default=0)

    def _in_the_way(self, decides):
        """Of the open ones, those that come first. What its person disputes takes no effect, and
        only they can still say yes to it. Of two that wait for a yes the earlier yes counts."""
        if decides and self.sudo().awaits_answer:
            return Domain.FALSE
        waits = Domain("state", "=", "submitted") & Domain(
            "step_ids", "not any", [("action", "=", "dispute")]
        )
        return waits & Domain("awaits_answer", "=", True) if decides else waits

    def _check_takes_back(self):
        """What a reversal takes back is still in effect; UserError where another one, or the real
        punch, took it back already."""
        target = self.sudo().reverses_id
        if target and target.state != "approved":
            raise UserError(
                self.env._(
                    "%s is already reversed. Reject this request or withdraw it.",
                    target.sudo(False).display_name,
                )
            )
