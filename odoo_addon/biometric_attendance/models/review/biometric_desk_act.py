"""What somebody does at the review desk: accept a repair, decide a request, approve what is clean,
take it back. Every act goes through the doors of biometric.adjustment and biometric.day.approval,
which check who may and keep the trail; here is only what joins them for one key.

Each act answers `{"cells": [[employee id, cell]], "text", "undo"}`: the days as they stand, what
was done in a sentence, and what `undo` takes (None: nothing to take back).
"""

import secrets
from datetime import timedelta

from odoo import api, fields
from odoo.exceptions import UserError

MOST_PROPOSALS = 500
# What one key may ask for of the day that is shown.
ONE_KEY = ("excuse_late", "excuse_early", "approve_ot")


class DeskAct:
    """Of biometric.desk: what is done there. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def accept(self, day_ids, least=0):
        """Ask for the proposed punch of each of these days that is at least `least` percent sure,
        and put it into effect where one person may. Days without such a proposal, and those of
        which something is asked for already, stay as they are."""
        if len(day_ids) > MOST_PROPOSALS:
            raise UserError(self.env._("At most %s days at once.", MOST_PROPOSALS))
        days = self.env["biometric.day"].search([("id", "in", list(day_ids))], limit=MOST_PROPOSALS)
        found = self.env["biometric.proposal"]._for_days(days)
        bulk, made = secrets.token_hex(8), self.env["biometric.adjustment"]
        for day in days.filtered(lambda day: not day.open_request_count):
            proposal = found.get(day.id)
            if proposal and proposal["at"] and proposal["percent"] >= least:
                made |= self._ask_proposed(day, proposal, bulk)
        return self._answer(days, self._accepted_text(len(days), made), made)

    def _ask_proposed(self, day, proposal, bulk):
        values = {
            "kind": "add_punch",
            "employee_id": day.employee_id.id,
            "date": fields.Date.to_string(day.date),
            "at": proposal["at"],
            "direction": proposal["direction"],
            "reason_text": self.env._(
                "Proposed, %(percent)s %% sure. %(why)s",
                percent=proposal["percent"],
                why=" ".join(proposal["reasons"]),
            ),
            "bulk": bulk,
        }
        return self._ask(values)

    @api.model
    def ask(self, day_id, kind, reason):
        """Ask for what concerns the whole of a day: its lateness, its overtime."""
        if kind not in ONE_KEY:
            raise UserError(self.env._("This is requested on the form of the day."))
        day = self._one_day(day_id)
        made = self._ask(
            {
                "kind": kind,
                "employee_id": day.employee_id.id,
                "date": fields.Date.to_string(day.date),
                "reason_text": reason,
            }
        )
        return self._answer(day, self._accepted_text(1, made), made)

    @api.model
    def refresh(self, day_id):
        """A day as it stands, after a dialog of its own."""
        day = self._one_day(day_id)
        return self._answer(day, "", None)

    @api.model
    def confirm(self, day_id, reason):
        """Say of one day that is to be looked at that it is right as it stands."""
        day = self._one_day(day_id)
        self.env["biometric.day.approval"].confirm_day(day.id, reason)
        return self._answer(day, self.env._("Confirmed unchanged"), None)

    def _ask(self, values):
        """A request, decided at once where whoever asks may decide alone."""
        requests = self.env["biometric.adjustment"]
        one = requests.browse(requests.request(values))
        if self._decides_alone(one):
            one.approve()
        return one

    def _decides_alone(self, one):
        """Whether asker and decider may be the same: no second pair of eyes is wanted by the rule
        set, or there is none."""
        if not one.can_decide:
            return False
        rules = one._rules_on(one.sudo().employee_id, one.date)
        others = one._deciders().filtered("active") - self.env.user
        return not rules.four_eyes or not others

    def _accepted_text(self, asked, made):
        done = len(made.filtered(lambda one: one.state == "approved"))
        waiting = len(made) - done
        parts = []
        if done:
            parts.append(self.env._("%s put into effect", done))
        if waiting:
            who = made.filtered(lambda one: one.state == "submitted")[:1].waits_text
            parts.append(self.env._("%(count)s waiting for %(who)s", count=waiting, who=who or "–"))
        if asked - len(made):
            parts.append(self.env._("%s without a proposal left unchanged", asked - len(made)))
        return ", ".join(parts)

    # ------------------------------------------------------------------ requests

    @api.model
    def decide(self, request_id, yes, text=None):
        """Approve or reject an open request."""
        one = self.env["biometric.adjustment"].search([("id", "=", int(request_id))], limit=1)
        if not one:
            raise UserError(
                self.env._("This request no longer exists, or you have no access to it.")
            )
        if yes:
            one.approve(text)
            said = self.env._("Approved: %s", one.change_text)
        else:
            one.reject(text)
            said = self.env._("Rejected: %s", one.change_text)
        taken = one if one.state == "approved" else one.browse()
        return self._answer(self._day_of(one), said, taken)

    @api.model
    def reverse(self, request_id, text):
        """Take an approved adjustment back by a further record."""
        one = self._one_request(request_id)
        back = one.browse(one.reverse(text))
        for row in back:
            if self._decides_alone(row):
                row.approve()
        waits = back.filtered(lambda row: row.state == "submitted")[:1].waits_text
        said = (
            self.env._("Its reversal is waiting for %s", waits)
            if waits
            else self.env._("Reversed: %s", one.change_text)
        )
        return self._answer(self._day_of(one), said, None)

    def _one_request(self, request_id):
        one = self.env["biometric.adjustment"].search([("id", "=", int(request_id))], limit=1)
        if not one:
            raise UserError(
                self.env._("This request no longer exists, or you have no access to it.")
            )
        return one

    def _day_of(self, requests):
        return self.env["biometric.day"].search(
            [
                ("employee_id", "in", requests.sudo().employee_id.ids),
                ("date", "in", requests.mapped("date")),
            ]
        )

    # ------------------------------------------------------------------ approve what is clean

    @api.model
    def sum_clean(self, date_from, date_to):
        """What `approve_clean` would approve: days, people, minutes; days left out by reason."""
        return self.env["biometric.day.approval"].sum_of(self._clean(date_from, date_to).ids)

    @api.model
    def approve_clean(self, date_from, date_to, days):
        """Approve every clean day of these dates in one act. `days`: how many were announced; where
        it would be others by now nothing is done."""
        clean = self._clean(date_from, date_to)
        approvals = self.env["biometric.day.approval"]
        now = approvals.sum_of(clean.ids)["days"]
        if now != days:
            raise UserError(
                self.env._(
                    "Something changed in the meantime. Days now: %(now)s, before: "
                    "%(said)s. Check the total again.",
                    now=now,
                    said=days,
                )
            )
        done = approvals.approve_days(clean.ids)
        clean.invalidate_recordset()
        text = self.env._("Days approved: %s", done["days"])
        return {
            "cells": self._cells(clean),
            "text": text,
            "undo": {"bulk": done["bulk"]} if done["days"] else None,
        }

    def _clean(self, date_from, date_to):
        days = self._days(fields.Date.to_date(date_from), fields.Date.to_date(date_to))
        return days.filtered(lambda day: day.review_basket == "clean" and not day.is_day_approved)

    # ------------------------------------------------------------------ undo

    @api.model
    def undo(self, what):
        """Take an act back, by further records: what its answer said under `undo`."""
        if what.get("bulk"):
            approvals = self.env["biometric.day.approval"]
            rows = approvals.search([("bulk", "=", what["bulk"])])
            count = approvals.take_back(what["bulk"])
            days = self.env["biometric.day"].search(
                [
                    ("employee_id", "in", rows.employee_id.ids),
                    ("date", "in", list(set(rows.mapped("date")))),
                ]
            )
            days.invalidate_recordset()
            text = self.env._("Approvals undone: %s", count)
            return {"cells": self._cells(days), "text": text, "undo": None}
        requests = self.env["biometric.adjustment"].browse(what.get("requests") or []).exists()
        reason = self.env._("Undone at the review desk shortly after")
        for one in requests:
            if one.state == "submitted" and one.is_mine:
                one.withdraw()
            elif one.state == "approved":
                back = one.browse(one.reverse(reason))
                back.filtered(self._decides_alone).approve()
        days = self._day_of(requests)
        still = requests.filtered(lambda one: one.state == "approved")
        text = (
            self.env._("%s undone", len(requests) - len(still))
            if not still
            else self.env._("The reversal is waiting for a decision")
        )
        return self._answer(days, text, None)

    def _answer(self, days, text, made):
        """The days acted on with their neighbours, whose minutes may hang on them."""
        step = timedelta(days=1)
        near = {(day.employee_id.id, day.date + n * step) for day in days for n in (-1, 0, 1)}
        around = self.env["biometric.day"].search(
            [
                ("employee_id", "in", days.employee_id.ids),
                ("date", "in", list({date for _person, date in near})),
            ]
        )
        around.invalidate_recordset()
        around = around.filtered(lambda day: (day.employee_id.id, day.date) in near)
        undo = {"requests": made.ids} if made else None
        return {"cells": self._cells(around), "text": text, "undo": undo}
