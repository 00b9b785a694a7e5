"""A terminal is taken into use: a named person punches by each means, and somebody looks whether
all of it arrived and came out right. What was passed, what was waived, by whom: kept for ever.

Owns the states, the waivers and the frozen findings. What is looked at is
biometric_commissioning_check's.
"""

import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")


class BiometricCommissioning(models.Model):
    _name = "biometric.commissioning"
    _description = "Commissioning of terminals"
    _inherit = ["biometric.audited"]
    _audit_word = "commissioning"
    _order = "id desc"

    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    device_id = fields.Many2one(
        "biometric.device",
        "Terminal",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('state', '=', 'active')]",
    )
    occasion = fields.Selection(
        [
            ("first", "First use"),
            ("replacement", "After a replacement"),
            ("update", "After an update"),
            ("other", "Another reason"),
        ],
        "Reason",
        required=True,
        default="first",
    )
    tester_id = fields.Many2one(
        "hr.employee", "Test person", required=True, index=True, ondelete="restrict"
    )
    by_finger = fields.Boolean("By finger", default=True)
    by_face = fields.Boolean("By face")
    by_palm = fields.Boolean("By palm")
    by_card = fields.Boolean("By card")
    by_pin = fields.Boolean("By PIN")
    said_count = fields.Integer(
        "Punches made", help="Number of punches the test person made, by their own account"
    )
    said_first = fields.Char("First punch at", help="HH:MM, by the terminal's clock")
    said_last = fields.Char("Last punch at", help="HH:MM, by the terminal's clock")
    state = fields.Selection(
        [("open", "In progress"), ("passed", "Accepted"), ("abandoned", "Cancelled")],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    started_at = fields.Datetime(
        "Started", required=True, readonly=True, copy=False, default=fields.Datetime.now
    )
    ended_at = fields.Datetime("Ended", readonly=True, copy=False)
    ended_by_id = fields.Many2one(
        "res.users", "Accepted by", readonly=True, copy=False, ondelete="restrict"
    )
    agent_version = fields.Char("Program of the agent", readonly=True, copy=False)
    firmware = fields.Char(readonly=True, copy=False)
    # A list of {key, ok, found}, as they stood when it ended.
    checks = fields.Json(readonly=True, copy=False)
    # A list of {key, user, name, reason, at}: who waived what, when and why.
    waivers = fields.Json(readonly=True, copy=False)
    checks_html = fields.Html("Checked", compute="_compute_checks_html", sanitize=False)
    open_count = fields.Integer("Still open", compute="_compute_checks_html")
    # As text: whoever tries a terminal has no right to people's punches by that alone.
    punches_text = fields.Text("Punches received", compute="_compute_punches_text")

    @api.depends("device_id")
    def _compute_company_id(self):
        for test in self:
            test.company_id = test.sudo().device_id.company_id

    @api.depends("device_id", "started_at")
    def _compute_display_name(self):
        for test in self:
            device = test.sudo().device_id
            if not device:
                test.display_name = self.env._("New commissioning")
                continue
            test.display_name = self.env._(
                "Commissioning of %(device)s, %(day)s",
                device=device.name,
                day=fields.Date.to_string(test.started_at or fields.Datetime.now()),
            )

    def _found(self):
        """[{key, ok, found, waived}] now, or as it stood when it ended."""
        self.ensure_one()
        if self.state != "open":
            rows = self.checks or []
        elif self.device_id and self.tester_id and isinstance(self.id, int):
            rows = self.env["biometric.commissioning.check"].sudo()._look(self.sudo())
        else:
            rows = []
        waived = {row["key"]: row for row in self.waivers or []}
        return [{**row, "waived": waived.get(row["key"])} for row in rows]

    @api.depends("state", "waivers", "checks", "said_count", "said_first", "said_last")
    @api.depends_context("lang")
    def _compute_checks_html(self):
        labels = self.env["biometric.commissioning.check"]._labels()
        for test in self:
            rows = test._found()
            test.open_count = sum(not row["ok"] and not row["waived"] for row in rows)
            test.checks_html = Markup('<table class="table table-sm mb-0">%s</table>') % Markup(
                ""
            ).join(
                Markup('<tr><td class="%s">%s</td><td>%s</td><td>%s</td></tr>')
                % (_color(row), labels[row["key"]], self._state_word(row), row["found"])
                for row in rows
            )

    def _state_word(self, row):
        if row["waived"]:
            return self.env._(
                "waived by %(name)s: %(reason)s",
                name=row["waived"]["name"],
                reason=row["waived"]["reason"],
            )
        return self.env._("passed") if row["ok"] else self.env._("open")

    @api.depends("device_id", "tester_id", "started_at")
    def _compute_punches_text(self):
        looks = self.env["biometric.commissioning.check"].sudo()
        for test in self:
            known = test.device_id and test.tester_id and isinstance(test.id, int)
            punches = looks._punches(test.sudo()) if known else ()
            test.punches_text = "\n".join(
                f"{punch.wall_time}   {punch.status or '-'}   {punch.verify_word or '-'}"
                for punch in punches
            ) or self.env._("Nothing yet. A punch appears here a few seconds after it was made.")

    @api.constrains("said_first", "said_last")
    def _check_clocks(self):
        for test in self:
            for said in (test.said_first, test.said_last):
                if said and not _CLOCK.match(said):
                    raise ValidationError(
                        self.env._("“%s” is not a time: enter HH:MM, such as 08:05.", said)
                    )

    @api.constrains("by_finger", "by_face", "by_palm", "by_card", "by_pin")
    def _check_means(self):
        for test in self:
            if not any(self.env["biometric.commissioning.check"]._used(test).values()):
                raise ValidationError(
                    self.env._("Tick the methods people use to punch at this terminal.")
                )

    @api.constrains("tester_id", "device_id")
    def _check_own_company(self):
        for test in self.sudo():
            if test.tester_id.company_id != test.company_id:
                raise ValidationError(
                    self.env._("The test person works for another company than the terminal's.")
                )

    def write(self, vals):
        if not self.env.su and any(test.state != "open" for test in self):
            raise UserError(
                self.env._("A commissioning that was accepted or cancelled cannot be changed.")
            )
        if not self.env.su and {"device_id", "tester_id"} & set(vals):
            raise UserError(
                self.env._("Cancel this one and start another for another terminal or person.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A commissioning cannot be deleted; cancel it instead."))

    # ------------------------------------------------------------------ buttons

    def action_read_log(self):
        """Order its log of the time of this test: over port 4370 where it is read there, else over
        push."""
        self.ensure_one()
        self._check_open()
        pulls = self.env["biometric.pull"]
        now = fields.Datetime.now()
        commands = pulls._give_window(
            self.device_id, *self.device_id._wall_window(self.started_at, now)
        )
        return pulls._open(self.device_id, commands)

    def action_look(self):
        """Look again."""
        self.check_access("read")
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_waive(self):
        """Open the dialog in which a check is waived with a reason."""
        self.ensure_one()
        self._check_open()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waive a check"),
            "res_model": "biometric.commissioning.waive",
            "view_mode": "form",
            "target": "new",
            "context": {"default_commissioning_id": self.id},
        }

    def action_accept(self):
        """Every check is passed or waived; what was found is frozen."""
        for test in self:
            test._check_open()
            rows = test._found()
            labels = self.env["biometric.commissioning.check"]._labels()
            still = [labels[row["key"]] for row in rows if not row["ok"] and not row["waived"]]
            if still:
                raise UserError(
                    self.env._(
                        "Still open: %s. Have the test person punch again, fix the "
                        "terminal, or waive it with a reason.",
                        "; ".join(still),
                    )
                )
            test._finish("passed", rows)

    def action_abandon(self):
        for test in self:
            test._check_open()
            test._finish("abandoned", test._found())

    def _finish(self, state, rows):
        device = self.sudo().device_id
        self.sudo().write(
            {
                "state": state,
                "ended_at": fields.Datetime.now(),
                "ended_by_id": self.env.uid,
                "agent_version": device.agent_id.agent_version,
                "firmware": str((device.facts or {}).get("firmware") or "")[:128],
                "checks": [{name: row[name] for name in ("key", "ok", "found")} for row in rows],
            }
        )
        passed = [row["key"] for row in rows if row["ok"]]
        waived = [row["key"] for row in self.waivers or []]
        self.env["biometric.audit"]._record(
            f"commissioning.{state}", self, None, {"passed": passed, "waived": waived}
        )

    def _waive(self, key, reason):
        self._check_open()
        reason = self._check_reason(reason)
        row = {
            "key": key,
            "user": self.env.uid,
            "name": self.env.user.name,
            "reason": reason,
            "at": fields.Datetime.to_string(fields.Datetime.now()),
        }
        others = [one for one in self.waivers or [] if one["key"] != key]
        self.sudo().waivers = [*others, row]
        self.env["biometric.audit"]._record(
            "commissioning.waive", self, None, {"check": key}, reason
        )

    def _check_open(self):
        self.ensure_one()
        self.check_access("write")
        if self.state != "open":
            raise UserError(self.env._("This commissioning has ended; start a new one."))


def _color(row):
    if row["ok"]:
        return "text-success"
    return "text-warning" if row["waived"] else "text-danger"
