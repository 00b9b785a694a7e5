"""A typed punch gives way to the real one.

Owns when: a punch that was typed while a terminal of the person still owed punches is withdrawn by
a recorded step when the terminal's own punch arrives close to it; where that lies farther away,
both people are asked. Must not know how minutes are computed.
"""

from datetime import timedelta

from odoo import api, fields, models

# A real punch so far from the typed one is another event and asks nothing.
ASKED_MINUTES = 240


class BiometricDayRebuild(models.AbstractModel):
    _inherit = "biometric.day.rebuild"

    def _keep(self, rows):
        rows, changed = super()._keep(rows)
        if changed:
            self.env["biometric.today"]._tell_screens(rows)
        return rows, changed

    def _after_slice(self, rows, book):
        result = super()._after_slice(rows, book)
        people = {row["employee_id"] for row in rows}
        dates = [row["date"] for row in rows]
        if dates:
            self.env["biometric.typed.punch"].sudo()._look(people, min(dates), max(dates))
        return result


class BiometricTypedPunch(models.AbstractModel):
    _name = "biometric.typed.punch"
    _description = "Manual punches and terminal punches"

    @api.model
    def _look(self, employee_ids, first, last):
        """Withdraw the provisional punches of these people's dates whose real one has come."""
        typed = self.env["biometric.adjustment"].search(
            [
                ("is_provisional", "=", True),
                ("state", "=", "approved"),
                ("employee_id", "in", list(employee_ids)),
                ("date", ">=", first - timedelta(days=1)),
                ("date", "<=", last + timedelta(days=1)),
            ],
            limit=500,
        )
        for one in typed:
            self._look_at(one)

    def _look_at(self, one):
        day = timedelta(days=1)
        real = self.env["biometric.punch"]._usable(
            one.employee_id.ids, one.date - day, one.date + day
        )
        fresh = [
            punch
            for punch in real
            if self.env["biometric.punch"].browse(punch.punch_id).stored_at > one.decided_at
        ]
        if not fresh:
            return
        nearest = min(fresh, key=lambda punch: abs(punch.instant - one.at))
        apart = abs(nearest.instant - one.at)
        if apart <= timedelta(minutes=one.company_id.biometric_yield_minutes):
            self._give_way(one, nearest)
        elif apart <= timedelta(minutes=ASKED_MINUTES):
            self._ask(one, nearest)

    def _give_way(self, one, real):
        def said(env):
            return env._(
                "The terminal's own punch arrived: %s.",
                one.with_env(env)._wall_words(real, real.tz),
            )

        words = said(self._there(one))
        reversal = one.create(
            {
                "kind": "reversal",
                "company_id": one.company_id.id,
                "employee_id": one.employee_id.id,
                "date": one.date,
                "reverses_id": one.id,
                "reason_text": words,
                "state": "draft",
                "requested_by_id": self.env.uid,
                "requested_at": fields.Datetime.now(),
            }
        )
        reversal._move({"state": "submitted", "day_before": one._day_snapshot()})
        reversal._note("submit", words)
        reversal._take_effect(reversal._note("yield", words), words)
        one._tell_asker(said)

    def _ask(self, one, real):
        if "question" in one.step_ids.mapped("action"):
            return

        def said(env):
            return env._(
                "The terminal reported a punch at %(real)s; the manual one is still "
                "there. Which one is correct?",
                real=one.with_env(env)._wall_words(real, real.tz),
            )

        words = said(self._there(one))
        one._note("question", words)
        one._tell_trail("question", one._concern(), text=words)
        one._tell_employee(said)
        one._tell_asker(said)

    def _there(self, one):
        """The environment in the language of whoever the punch is of: what stays on record speaks
        it, whichever job came first."""
        person = one.employee_id
        lang = person.user_id.lang or person.lang or "en_US"
        return self.with_context(lang=lang).env
