"""The statement of completeness per branch: what is proven, what is open, and whose word it is.

Mailed every week and before payroll. Every figure is read at the moment of sending; nothing that
is not proven is called complete.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models

from .biometric_statement_schedule import StatementSchedule

WEEK = timedelta(days=7)
_logger = logging.getLogger(__name__)


class BiometricAgent(StatementSchedule, models.Model):
    _inherit = "biometric.agent"

    statement_email = fields.Char(
        "Statements to", help="Addresses, parted by commas; empty: the biometric administrators"
    )

    def _statement(self, date_from, date_to):
        """Facts of one branch for days `date_from` to `date_to`, as the mail prints them."""
        self.ensure_one()
        agent = self.sudo()
        devices = agent.device_ids.filtered(lambda device: device.state == "active")
        start = fields.Datetime.to_datetime(date_from)
        end = fields.Datetime.to_datetime(date_to) + timedelta(days=1)
        gaps = self.env["biometric.gap"].sudo()
        window = [
            ("window_from", "<", end),
            "|",
            ("window_to", "=", False),
            ("window_to", ">", start),
            "|",
            ("device_id", "in", devices.ids),
            "&",
            ("device_id", "=", False),
            ("agent_id", "=", agent.id),
        ]
        lane = agent.lane_ids.sorted("id")[-1:]
        untils = devices.mapped("complete_until")
        return {
            "date_from": date_from,
            "date_to": date_to,
            "complete_until": min(untils) if devices and all(untils) else False,
            "punches": self.env["biometric.punch"]
            .sudo()
            .search_count(
                [
                    ("device_id", "in", devices.ids),
                    ("wall_date", ">=", date_from),
                    ("wall_date", "<=", date_to),
                ]
            ),
            "open_gaps": gaps.search([("state", "=", "open"), *window]),
            "accepted_gaps": gaps.search([("state", "=", "accepted"), *window]),
            "rejects": self.env["biometric.quarantine"]
            .sudo()
            .search_count([("device_id", "in", devices.ids), ("reason", "=", "reject")]),
            "clock": max(
                (abs(device._clock_offset() or 0) for device in devices),
                default=0,
            ),
            "clock_known": any(device._clock_offset() is not None for device in devices),
            "head_seq": lane.head_seq,
            "head_hash": (lane.head_hash or "")[:16],
            "devices": devices,
            "complete": bool(devices)
            and all(until and until >= min(end, self._statement_now()) for until in untils)
            and not gaps.search_count([("state", "=", "open"), *window], limit=1),
        }

    @api.model
    def _statement_now(self):
        """A running device is proven up to its last word, minutes ago."""
        return fields.Datetime.now() - timedelta(minutes=15)

    def _last_week(self):
        today = fields.Date.context_today(self)
        return today - WEEK, today - timedelta(days=1)

    def _statement_for_mail(self):
        """For the template: the days come with the context, else last week."""
        self.ensure_one()
        days = self.env.context.get("statement_days")
        if days:
            days = tuple(fields.Date.to_date(day) for day in days)
        return self._statement(*(days or self._last_week()))

    def _statement_recipients(self):
        self.ensure_one()
        if self.statement_email:
            return self.statement_email
        users = self.env.ref("biometric_attendance.group_administrator").sudo().all_user_ids
        return ",".join(
            user.email_formatted
            for user in users
            if user.active and user.email and self.company_id in user.company_ids
        )

    def _without_address(self):
        """Branches whose statement would reach nobody."""
        return self.filtered(lambda agent: not agent._statement_recipients())

    def _send_statement(self, date_from=None, date_to=None):
        """Mail the statement of each branch; queued. Returns how many were mailed. The log names
        the branches of which nobody heard: the cron has no other place to say it."""
        template = self.env.ref("biometric_attendance.mail_template_statement")
        sent = 0
        if silent := self._without_address():
            _logger.info("Nobody has an address for statements of %s", silent.mapped("name"))
        for agent in self - silent:
            days = (date_from, date_to) if date_from and date_to else agent._last_week()
            recipients = agent._statement_recipients()
            context = {"statement_days": [fields.Date.to_string(day) for day in days]}
            template.with_context(**context).send_mail(
                agent.id, email_values={"email_to": recipients, "recipient_ids": []}
            )
            sent += 1
        return sent

    @api.model
    def _cron_statement(self):
        self.search([("state", "=", "active")])._send_statement()

    def action_send_statement(self):
        """Before payroll: a biometric administrator mails last week's statement now."""
        self.check_access("write")
        sent = self._send_statement()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if sent < len(self) else "success",
                "sticky": sent < len(self),
                "message": self._words_for_sent(sent),
            },
        }

    def _words_for_sent(self, sent):
        """What became of asking: how many went, and why others did not."""
        parts = []
        if sent == 1:
            parts.append(self.env._("One statement is on its way."))
        elif sent:
            parts.append(self.env._("%s statements are on their way.", sent))
        if silent := self._without_address():
            parts.append(
                self.env._(
                    "No statement for %s: nobody has an address. Fill in Statements to on the "
                    "branch's form, or the e-mail of a biometric administrator of its company.",
                    ", ".join(silent.mapped("name")),
                )
            )
        return " ".join(parts)
