"""One delivery of a payroll file to one target, with its receipt.

Owns how a file travels and what the far end answered. Written by the service alone. The batch
number goes with every delivery, so that a receiver recognises one that comes again.
"""

import base64
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import email_normalize

from ...seams import delivery_folder, sftp, webhook
from ...seams.job import Turn

# Deliveries of one turn, and how often one is tried.
MOST, TRIES = 50, 5


class DeliveryError(Exception):
    """A delivery that did not arrive; the message says why."""


def _stored(answer):
    """A far end's words without what no text column takes: a receipt that cannot be written would
    have the file sent again and again."""
    return answer.replace("\0", "")


class BiometricDelivery(models.Model):
    _name = "biometric.delivery"
    _description = "Deliveries of payroll files"
    _order = "id desc"
    _rec_name = "target_name"

    export_id = fields.Many2one(
        "biometric.export", "File", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    target_id = fields.Many2one(
        "biometric.delivery.target", required=True, readonly=True, index=True, ondelete="restrict"
    )
    target_name = fields.Char("Where", required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("delivered", "Delivered"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )
    tries = fields.Integer("Attempts", readonly=True)
    sent_at = fields.Datetime("Sent on", readonly=True)
    sent_bytes = fields.Integer("Bytes", readonly=True)
    sha256 = fields.Char("SHA-256", readonly=True)
    answer = fields.Char(
        readonly=True, help="Answer of the recipient's system, or the reason why it did not arrive."
    )
    user_id = fields.Many2one("res.users", "Sent by", readonly=True, ondelete="restrict")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Deliveries are created by their button."))
        return super().create(vals_list)

    @api.model
    def _ask(self, export, targets):
        """Deliveries to be made, one a target; they go out in the next turn."""
        return self.sudo().create(
            [
                {
                    "export_id": export.id,
                    "company_id": export.company_id.id,
                    "target_id": target.id,
                    "target_name": target.name,
                    "user_id": self.env.uid,
                }
                for target in targets
            ]
        )

    @api.model
    def _cron_deliver(self):
        """Every few minutes: what waits goes out; a failure is tried again and told at the end."""
        aside = self.env["biometric.job"]._aside("deliver", "biometric.delivery")
        waiting = self.sudo().search(
            [
                ("state", "=", "waiting"),
                ("target_id.usable_at", "<=", fields.Datetime.now()),
                ("id", "not in", list(aside.resting)),
            ],
            order="id",
            limit=MOST,
        )
        turn = Turn(self.env, len(waiting))
        for delivery in waiting:
            aside.do(delivery, lambda one: one._deliver())
            if not turn.done(1):
                break

    def _deliver(self):
        """Send one (sudo); whatever comes of it is its receipt."""
        self.ensure_one()
        files = self._files()
        name, data, sha256 = files[0]
        values = {"tries": self.tries + 1, "sent_at": fields.Datetime.now()}
        try:
            self.target_id._check_usable()
            answer = getattr(self, f"_by_{self.target_id.kind}")(files)
        except (
            AccessError,
            DeliveryError,
            delivery_folder.FolderError,
            sftp.SftpError,
            webhook.WebhookError,
            OSError,
        ) as error:
            over = self.tries + 1 >= TRIES
            state = "failed" if over else "waiting"
            self.write(values | {"state": state, "answer": _stored(str(error))})
            if over:
                self._tell_failed()
            return
        self.write(
            values
            | {
                "state": "delivered",
                "answer": _stored(f"{name}: {answer}"),
                "sent_bytes": len(data),
                "sha256": sha256,
            }
        )

    def _files(self):
        """`[(name, bytes, sha256)]`: the payroll program's file first where there is one, then ours
        and the control record."""
        export = self.export_id
        found = [
            (export.filename, export._bytes("data")),
            (export.control_filename, export._bytes("control")),
        ]
        if export.program_filename:
            found.insert(0, (export.program_filename, export._bytes("program_data")))
        return [(name, data, webhook.digest(data)) for name, data in found]

    def _by_mail(self, files):
        target, addresses = self.target_id, self.target_id._addresses()
        body = self.env["ir.qweb"]._render(
            "biometric_attendance.delivery_mail",
            {"batch": self.export_id.name, "files": [(name, digest) for name, _b, digest in files]},
        )
        mail = self.env["mail.mail"].create(
            {
                "subject": self.env._("Payroll file %s", self.export_id.name),
                "email_to": ", ".join(email_normalize(one) for one in addresses),
                "body_html": body,
                "attachment_ids": [
                    fields.Command.create({"name": name, "raw": data}) for name, data, _d in files
                ],
            }
        )
        mail.send()
        if mail.exists() and mail.state == "exception":
            raise DeliveryError(mail.failure_reason or self.env._("The mail was not accepted."))
        return self.env._("given to the mail server for %s", target.recipients)

    def _by_folder(self, files):
        for name, data, _digest in files:
            delivery_folder.lay(self.target_id.folder, name, data)
        return self.env._("placed in the folder")

    def _by_sftp(self, files):
        for name, data, _digest in files:
            sftp.lay(self.target_id._place(), name, data)
        return self.env._("placed in the folder of %s", self.target_id.host)

    def _by_webhook(self, files):
        body = json.dumps(
            {
                "batch_id": self.export_id.name,
                "files": [
                    {"name": name, "sha256": digest, "content": base64.b64encode(data).decode()}
                    for name, data, digest in files
                ],
            },
            sort_keys=True,
        ).encode()
        moment = fields.Datetime.now().isoformat() + "Z"
        answer = webhook.post(
            self.target_id.url,
            body,
            {
                "Content-Type": "application/json",
                "X-Biometric-Batch": self.export_id.name,
                "X-Biometric-Time": moment,
                "X-Biometric-Digest": webhook.digest(body),
                "X-Biometric-Signature": webhook.signature(self.target_id.secret, moment, body),
            },
        )
        if not 200 <= answer.status < 300:
            raise DeliveryError(f"{answer.status} {answer.text}".strip())
        return f"{answer.status} {answer.text}".strip()

    def _tell_failed(self):
        self.env["biometric.period"].sudo().new({"company_id": self.company_id.id})._mail_lines(
            self.env._("%s was not delivered", self.export_id.name),
            [f"{self.target_name}: {self.answer}"],
        )
