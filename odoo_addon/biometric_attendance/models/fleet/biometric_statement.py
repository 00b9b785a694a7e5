"""The statement of completeness per branch: what is proven, what is open, and whose word it is.

Mailed every week and before payroll. Every figure is read at the moment of sending; nothing that
is not proven is called complete.
"""

import logging
from datetime import datetime, timedelta

from odoo import api, fields, models

from ...engine import wall
from ...seams.job import Turn
from ..mixins.biometric_words import named_moment
from .biometric_place_time import BranchPlaces
from .biometric_statement_schedule import StatementSchedule
from .biometric_takeover import Takeover

WEEK = timedelta(days=7)
_logger = logging.getLogger(__name__)


class BiometricAgent(StatementSchedule, Takeover, BranchPlaces, models.Model):
    _inherit = "biometric.agent"

    statement_email = fields.Char(
        "Statement recipients",
        help="E-mail addresses, separated by commas; empty: the biometric administrators",
    )

    # How far the jobs came that mail them: no branch twice, none left out.
    statement_sent_on = fields.Date("Weekly statement sent", readonly=True, copy=False)
    statement_period = fields.Char("Payroll statement sent", readonly=True, copy=False)

    def _statement(self, date_from, date_to):
        """Facts of one branch for its own days `date_from` to `date_to`, as the mail prints them.

        `complete` says that the whole of them is proven; of time before any terminal served nobody
        can say that, `not_in_service` tells until when (naive UTC) there was none."""
        self.ensure_one()
        agent = self.sudo()
        start, end = agent._branch_instant(date_from), agent._branch_instant(date_to, days=1)
        devices = agent.device_ids.filtered(
            lambda device: (
                device.state == "active"
                or (device.state == "moved" and device.moved_at and device.moved_at > start)
            )
        )
        serving = devices.filtered(lambda device: agent._served_since(device) < end)
        served = min(map(agent._served_since, serving), default=None)
        gaps = self.env["biometric.gap"].sudo()
        window = agent._gap_domain(devices, start, end)
        clock = agent._worst_clock(serving, date_from, date_to)
        lane = agent.lane_ids.sorted("id")[-1:]
        untils = serving.mapped("complete_until")
        is_open = bool(gaps.search_count([("state", "=", "open"), *window], limit=1))
        proven = bool(serving) and all(
            device.complete_until
            and device.complete_until
            >= min(end, self._statement_now(), device.moved_at or end, device.back_at or end)
            for device in serving
        )
        rejects = (
            self.env["biometric.quarantine"]
            .sudo()
            .search_count([("device_id", "in", devices.ids), ("reason", "=", "reject")])
        )
        return {
            "date_from": date_from,
            "date_to": date_to,
            "company": agent.company_id.name,
            "to_do": agent._statement_to_do(is_open, proven, serving, rejects),
            "complete_until": min(untils) if serving and all(untils) else False,
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
            "rejects": rejects,
            "clock": clock or 0,
            "clock_known": clock is not None,
            "head_seq": lane.head_seq,
            "head_hash": (lane.head_hash or "")[:16],
            "devices": devices,
            "not_in_service": min(served or end, end) if not served or served > start else False,
            "complete_since": bool(served) and proven and not is_open,
            "complete": bool(served) and served <= start and proven and not is_open,
        }

    def _statement_to_do(self, is_open, proven, serving, rejects):
        """[what somebody has to do before payroll, in sentences]; empty where all is proven."""
        _ = self.env._
        found = []
        if not serving:
            found.append(
                _("No terminal was in service here on these days: approve one, or check why.")
            )
        if is_open:
            found.append(
                _(
                    "Open Gaps: pull each window; accept, with a reason, what no "
                    "terminal has any more."
                )
            )
        elif serving and not proven:
            found.append(
                _(
                    "Open Coverage: read the terminals that are not confirmed complete, "
                    "or check why they are not responding."
                )
            )
        if rejects:
            found.append(_("Open Quarantine: release or discard each unreadable line."))
        return found

    def _branch_zone(self):
        self.ensure_one()
        return self.tz or self.company_id.partner_id.tz or "UTC"

    def _branch_instant(self, day, days=0):
        """Naive UTC instant at which a day of the branch begins, `days` later."""
        day = fields.Date.to_date(day) + timedelta(days=days)
        return wall.to_instant(f"{day} 00:00:00", self._branch_zone())

    @staticmethod
    def _served_since(device):
        return device.in_service_from or device.first_seen_at or datetime.min

    def _gap_domain(self, devices, start, end):
        return [
            ("window_from", "<", end),
            "|",
            ("window_to", "=", False),
            ("window_to", ">", start),
            "|",
            ("device_id", "in", devices.ids),
            "&",
            ("device_id", "=", False),
            ("agent_id", "=", self.id),
        ]

    @api.model
    def _worst_clock(self, devices, date_from, date_to):
        """Seconds that a clock was off on these days, by what was pushed then; None: not known.

        The least late of a terminal's punches tells its clock: nothing comes before it is made. A
        clock that was off for a while is known by its flags."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT max(EXTRACT(epoch FROM p.wall_time::timestamp AT TIME ZONE COALESCE(
                              (SELECT z.tz FROM biometric_device_zone z
                                WHERE z.device_id = p.device_id AND z.valid_from <= p.wall_time
                                ORDER BY z.valid_from DESC LIMIT 1), 'UTC') AT TIME ZONE 'UTC'
                          - s.received_at)),
                      max(abs(g.offset_seconds))
                 FROM biometric_punch p
                 JOIN biometric_sighting s ON s.punch_id = p.id AND s.channel = 'push'
                  AND s.clock = 'ok'
                 LEFT JOIN biometric_flag g ON g.punch_id = p.id AND g.kind = 'skew'
                WHERE p.device_id = ANY(%s) AND p.wall_date BETWEEN %s AND %s
                GROUP BY p.device_id""",
            (devices.ids, date_from, date_to),
        )
        found = []
        for least_late, flagged in self.env.cr.fetchall():
            if flagged:
                found.append(flagged)
            elif least_late is not None and least_late >= -wall.SKEW_LIMIT.total_seconds():
                found.append(abs(round(least_late)))
        return max(found, default=None)

    @api.model
    def _statement_now(self):
        """A running device is proven up to its last word, minutes ago."""
        return fields.Datetime.now() - timedelta(minutes=15)

    def _last_week(self):
        """The seven days before today, on the calendar of the branch."""
        today = fields.Date.context_today(self.with_context(tz=self._branch_zone()))
        return today - WEEK, today - timedelta(days=1)

    def _statement_for_mail(self):
        """For the template: the days come with the context, else last week."""
        self.ensure_one()
        days = self.env.context.get("statement_days")
        if days:
            days = tuple(fields.Date.to_date(day) for day in days)
        return self._statement(*(days or self._last_week()))

    def _statement_clock(self, instant):
        """An instant by the clock of the branch, whose name stands behind it; "" for none."""
        return named_moment(self.env, instant, self._branch_zone())

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
        """Once a week for each branch, on the day and at the hour of its company; those that do not
        fit into this turn come in the next."""
        now = fields.Datetime.now()
        waiting = self.search([("state", "=", "active")]).filtered(
            lambda agent: agent._is_weekly_due_or_unknown(now)
        )
        aside = self.env["biometric.job"]._aside("statement", "biometric.agent")
        waiting = aside.due(waiting)
        turn = Turn(self.env, len(waiting))
        for agent in waiting:
            aside.do(agent, self._mail_week)
            if not turn.done(1):
                break

    @api.model
    def _mail_week(self, agent):
        agent._send_statement()
        agent.statement_sent_on = agent._weekly_moment(fields.Datetime.now())[0]

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
            parts.append(self.env._("One statement is being sent."))
        elif sent:
            parts.append(self.env._("%s statements are being sent.", sent))
        if silent := self._without_address():
            parts.append(
                self.env._(
                    "No statement for %s: nobody has an e-mail address. Fill in "
                    "Statement recipients on the branch's form, or the e-mail of a "
                    "biometric administrator of its company.",
                    ", ".join(silent.mapped("name")),
                )
            )
        return " ".join(parts)
