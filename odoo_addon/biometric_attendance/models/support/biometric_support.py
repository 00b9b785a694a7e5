"""Support access: a company's administrator lets a named outsider look at its fleet for some hours.

Off unless granted. It ends by itself at its instant, at once when revoked, and every look stands in
the company's own trail. Shows agents, terminals and what happened to them: no people, no punches,
no days, and changes nothing. The group alone opens nothing; the open grant does, asked anew at each
access, so that no cache or cron stands between the end and the refusal.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime

from ..mixins.biometric_bus import SEES_TERMINALS

SUPPORT_GROUP = "biometric_attendance.group_support"
OWN_GROUP = "biometric_attendance.group_employee"
# Roles that see terminals by themselves.
FLEET_GROUPS = tuple(f"biometric_attendance.group_{role}" for role in SEES_TERMINALS)
MAX_HOURS = 6


class BiometricSupport(models.Model):
    _name = "biometric.support"
    _description = "Support access"
    _inherit = ["biometric.audited"]
    _log_access = False
    _order = "id desc"
    _rec_name = "user_id"
    _audit_word = "support"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    user_id = fields.Many2one(
        "res.users", "Who has access", required=True, readonly=True, ondelete="restrict", index=True
    )
    reason = fields.Char(readonly=True)
    granted_by_id = fields.Many2one("res.users", "Granted by", readonly=True, ondelete="restrict")
    granted_at = fields.Datetime("Granted on", required=True, readonly=True)
    expires_at = fields.Datetime("Expires on", required=True, readonly=True)
    revoked_at = fields.Datetime("Revoked on", readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("over", "Ended"), ("revoked", "Revoked")], compute="_compute_state"
    )

    @api.depends("expires_at", "revoked_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for grant in self:
            if grant.revoked_at:
                grant.state = "revoked"
            else:
                grant.state = "open" if grant.expires_at > now else "over"

    @api.model
    def _check_administrator(self):
        self.env["biometric.agent"].check_access("write")

    @api.model
    def _grant(self, user, hours, reason):
        """Open the current company's fleet to `user` (res.users) for 1 to MAX_HOURS hours."""
        self._check_administrator()
        reason = self.env["biometric.audited"]._check_reason(reason)
        company, user = self.env.company, user.sudo()
        if not 1 <= hours <= MAX_HOURS:
            raise UserError(self.env._("Support access lasts from 1 to %s hours.", MAX_HOURS))
        if user.share or not user.active or company not in user.company_ids:
            raise UserError(
                self.env._("Choose an internal user who has access to %s.", company.name)
            )
        if user.has_group(OWN_GROUP):
            raise UserError(
                self.env._("%s already has an attendance role and needs no grant.", user.name)
            )
        group = self.env.ref(SUPPORT_GROUP)
        if group not in user.group_ids:
            user.group_ids = [fields.Command.link(group.id)]
        now = fields.Datetime.now()
        values = {
            "company_id": company.id,
            "user_id": user.id,
            "reason": reason,
            "granted_by_id": self.env.uid,
            "granted_at": now,
            "expires_at": fields.Datetime.add(now, hours=hours),
        }
        with self._because(reason):
            return self.sudo().create(values)

    def action_revoke(self):
        """Button: over at once."""
        self._check_administrator()
        self.check_access("read")
        for grant in self.filtered(lambda row: row.state == "open"):
            grant.sudo().revoked_at = fields.Datetime.now()

    # ------------------------------------------------------------------ at each access

    @api.model
    def _is_support(self):
        """Whether it is support alone that lets the reader see the fleet. Who became an employee
        with days of their own since sees no terminal by that."""
        user = self.env.user
        return user.has_group(SUPPORT_GROUP) and not any(map(user.has_group, FLEET_GROUPS))

    @api.model
    def _open(self):
        """Grants open to the reader this moment, by the database's clock and past every cache."""
        self.env["biometric.support"].flush_model()
        self.env.cr.execute(
            """SELECT id FROM biometric_support
                WHERE user_id = %s AND revoked_at IS NULL
                  AND expires_at > clock_timestamp() AT TIME ZONE 'UTC'""",
            (self.env.uid,),
        )
        return self.sudo().browse([row[0] for row in self.env.cr.fetchall()])

    @api.model
    def _make_over_error(self):
        """What is said to whom nothing is open any more: when it ended, or that it never began."""
        last = self.sudo().search([("user_id", "=", self.env.uid)], limit=1)
        if not last:
            return AccessError(self.env._("No administrator has granted you access."))
        companies = self.env.companies - self._open().company_id
        ended = min(filter(None, (last.revoked_at, last.expires_at)))
        if last in self._open():
            return AccessError(
                self.env._(
                    "You can only view %(company)s: untick %(others)s at the top.",
                    company=last.company_id.name,
                    others=", ".join(companies.mapped("name")),
                )
            )
        return AccessError(
            self.env._(
                "Your support access to %(company)s ended at %(time)s. An administrator "
                "there can grant it again.",
                company=last.company_id.name,
                time=format_datetime(self.env, ended),
            )
        )

    @api.model
    def _admits(self, records):
        """Whether the reader may look at `records` now; who looks is written down.

        All companies the reader has chosen must be open to him: what a method gathers itself
        goes by them.
        """
        if self.env.companies - self._open().company_id:
            return False
        self._write_down(records)
        return True

    @api.model
    def _write_down(self, records):
        """One entry a model and request, and one for the records that were read in it."""
        seen = self.env.cr.precommit.data.setdefault("biometric.support", set())
        fresh = {(self.env.uid, records._name, record) for record in records.ids or [0]} - seen
        if not fresh:
            return
        seen |= fresh
        numbers = sorted(number for _uid, _model, number in fresh if number)
        for grant in self._open().filtered(lambda row: row.company_id in self.env.companies):
            self.env["biometric.audit"].sudo()._record(
                "support.look",
                grant,
                None,
                {"model": records._name, "ids": numbers},
                grant.reason,
            )


class BiometricSupported(models.AbstractModel):
    _name = "biometric.supported"
    _description = "Can be viewed by support while access is granted"

    def _check_access(self, operation):
        support = self.env["biometric.support"]
        refused = super()._check_access(operation)
        if refused or not support._is_support() or support._admits(self):
            return refused
        return self, support._make_over_error

    def _fetch_query(self, query, fields):
        """Every value that is read, by whatever door, comes through here."""
        fetched = super()._fetch_query(query, fields)
        if not self.env.su and self.env["biometric.support"]._is_support():
            self.env["biometric.support"]._write_down(fetched)
        return fetched


class BiometricAgent(models.Model):
    _name = "biometric.agent"
    _inherit = ["biometric.agent", "biometric.supported"]


class BiometricDevice(models.Model):
    _name = "biometric.device"
    _inherit = ["biometric.device", "biometric.supported"]


class BiometricRun(models.Model):
    _name = "biometric.run"
    _inherit = ["biometric.run", "biometric.supported"]


class BiometricGap(models.Model):
    _name = "biometric.gap"
    _inherit = ["biometric.gap", "biometric.supported"]


class BiometricAlarm(models.Model):
    _name = "biometric.alarm"
    _inherit = ["biometric.alarm", "biometric.supported"]


class BiometricDeviceZone(models.Model):
    _name = "biometric.device.zone"
    _inherit = ["biometric.device.zone", "biometric.supported"]


class BiometricIncident(models.Model):
    _name = "biometric.incident"
    _inherit = ["biometric.incident", "biometric.supported"]


class BiometricHearing(models.Model):
    _name = "biometric.hearing"
    _inherit = ["biometric.hearing", "biometric.supported"]
