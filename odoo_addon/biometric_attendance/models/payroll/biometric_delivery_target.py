"""Where payroll files are delivered: named recipients of a mail, a folder of the server, a webhook,
and by SFTP where the server can speak it.

Owns what a target is and from when on it may be used: a new or changed one waits a day unless a
second administrator confirms it, because whoever names a target gets everybody's hours. How a file
travels, the delivery says.
"""

import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import email_normalize

from ...seams import delivery_folder, sftp, webhook

WAIT = timedelta(hours=24)
# What says where files go: a change of these waits again.
WHERE = (
    "kind",
    "recipients",
    "folder",
    "url",
    "host",
    "port",
    "login",
    "host_key",
    "company_id",
)
WRONG = (webhook.WebhookError, delivery_folder.FolderError, sftp.SftpError)


class BiometricDeliveryTarget(models.Model):
    _name = "biometric.delivery.target"
    _description = "Destinations of payroll files"
    _inherit = ["biometric.audited"]
    _order = "company_id, name, id"
    _audit_word = "delivery_target"
    _audit_pay_fields = ()

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection("_kinds", "By", required=True, default="mail")
    recipients = fields.Char(
        help="E-mail addresses, separated by commas. Each recipient is listed here."
    )
    folder = fields.Char(
        help="On this server: a folder below the one directory in its configuration; empty: "
        "that directory. With SFTP: on the other server."
    )
    host = fields.Char("Machine", help="Name of the SFTP server.")
    port = fields.Integer(default=22)
    login = fields.Char("Login there")
    host_key = fields.Char(
        "Machine key",
        help="One line as printed by ssh-keyscan. Ask the operator of the server for it: a "
        "server that shows another key gets nothing.",
    )
    public_key = fields.Char(
        "Our key",
        readonly=True,
        copy=False,
        help="The operator of the server adds this key to authorized_keys.",
    )
    private_key = fields.Text(
        "Private key", readonly=True, copy=False, groups="biometric_attendance.group_administrator"
    )
    url = fields.Char("Address", help="Starts with https://. Redirects are not followed.")
    secret = fields.Char(
        readonly=True,
        copy=False,
        groups="biometric_attendance.group_administrator",
        help="The recipient uses it to verify that a request came from here.",
    )
    is_automatic = fields.Boolean(
        "After each closing", help="Sent automatically when a pay period was closed."
    )
    usable_at = fields.Datetime("Usable from", readonly=True, copy=False)
    confirmed_by_id = fields.Many2one(
        "res.users", "Confirmed by", readonly=True, copy=False, ondelete="restrict"
    )
    changed_by_id = fields.Many2one(
        "res.users", "Changed by", readonly=True, copy=False, ondelete="restrict"
    )

    @api.model
    def _kinds(self):
        """SFTP is offered only where the server can speak it."""
        kinds = [
            ("mail", self.env._("Mail")),
            ("folder", self.env._("Folder of the server")),
            ("webhook", self.env._("Webhook (HTTPS)")),
        ]
        return [*kinds, ("sftp", self.env._("SFTP"))] if sftp.available() else kinds

    @api.constrains("kind", "recipients", "folder", "url", "host", "port", "login", "host_key")
    def _check_where(self):
        for target in self:
            try:
                target._check_one()
            except WRONG as error:
                raise ValidationError(str(error)) from error

    def _check_one(self):
        if self.kind == "mail" and not (
            self._addresses() and all(map(email_normalize, self._addresses()))
        ):
            raise ValidationError(self.env._("Enter the e-mail addresses, separated by commas."))
        if self.kind == "webhook":
            webhook.check_url(self.url or "")
        if self.kind == "folder":
            if not delivery_folder.root():
                raise ValidationError(
                    self.env._(
                        "The server's configuration names no directory for files (%s). "
                        "Ask the server's administrator.",
                        delivery_folder.ROOT,
                    )
                )
            delivery_folder.check_folder(self.folder)
        if self.kind == "sftp":
            if not (self.host and self.login and 0 < self.port < 65536):
                raise ValidationError(
                    self.env._("Enter the server, its port (usually 22) and the login there.")
                )
            sftp.check_host_key(self.host_key)

    def _place(self):
        """Where files of a target by SFTP go (sudo)."""
        return sftp.Place(
            self.host,
            self.port,
            self.login,
            self.folder or "",
            self.host_key,
            self.private_key,
        )

    def _addresses(self):
        return [one.strip() for one in (self.recipients or "").split(",") if one.strip()]

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        for target in targets.sudo():
            target.secret = secrets.token_hex(32)
        targets._give_keys()
        targets._wait()
        return targets

    def write(self, vals):
        result = super().write(vals)
        if set(WHERE) & set(vals):
            self._give_keys()
            self._wait()
        return result

    def _give_keys(self):
        """A key to log in with by SFTP, also to targets of before there was SFTP."""
        for target in self.sudo().filtered(lambda one: one.kind == "sftp" and not one.private_key):
            target.private_key, target.public_key = sftp.new_key("biometric-attendance")

    def _wait(self):
        self.sudo().write(
            {
                "usable_at": fields.Datetime.now() + WAIT,
                "confirmed_by_id": False,
                "changed_by_id": self.env["biometric.audit"]._real_uid(),
            }
        )

    def action_confirm(self):
        """A second administrator says that it is right: it is used at once."""
        self.ensure_one()
        self.check_access("write")
        if self.changed_by_id.id in {self.env.uid, self.env["biometric.audit"]._real_uid()}:
            raise UserError(
                self.env._(
                    "Must be confirmed by someone other than who entered it, or it waits for "
                    "one day."
                )
            )
        self.sudo().write({"confirmed_by_id": self.env.uid, "usable_at": fields.Datetime.now()})
        return True

    def _usable(self):
        """Those that files may go to now."""
        now = fields.Datetime.now()
        return self.filtered(lambda one: one.active and one.usable_at and one.usable_at <= now)

    def _check_usable(self):
        for target in self - self._usable():
            words = (
                self.env._(
                    "%s was entered or changed less than a day ago and nobody else "
                    "has confirmed it: nothing is sent there yet.",
                    target.name,
                )
                if target.active
                else self.env._("%s is archived: nothing is sent there.", target.name)
            )
            raise AccessError(words)
