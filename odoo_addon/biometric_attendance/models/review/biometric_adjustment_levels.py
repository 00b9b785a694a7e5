"""At which level a request waits, for whom, and since when too long.

Owns where a request stands among its levels. Which levels there are and who decides at one is
biometric.approval.level.
"""

from odoo import api, fields

# Open requests of a company that a job looks through in one turn.
MOST_OPEN = 2000


class AdjustmentLevels:
    """Of biometric.adjustment: its levels. Mixed into its one class."""

    __slots__ = ()

    def _levels(self):
        return self.env["biometric.approval.level"].sudo()._levels_of(self)

    def _first_level(self):
        """Columns of a request that is handed in."""
        levels = self._levels()
        return self._at_level(levels[:1])

    def _at_level(self, level):
        now = fields.Datetime.now()
        due = level._due(self.sudo().company_id, now) if level else False
        return {"level": level.level if level else 1, "due_at": due}

    def _waiting(self):
        """Levels that have not said yes: the first of them, and those that it was passed on to."""
        passed = self._passed()
        return self._levels().filtered(lambda row: passed < row.level <= max(self.level, 1))

    def _level_of_actor(self):
        """The highest waiting level that the actor speaks for; HR officers for each but a named
        user's. Whoever is late speaks for their own level alone: passing on skips nobody."""
        waiting, user = self._waiting(), self.env.user
        officer = user in self.env["biometric.approval.level"].sudo()._officers(
            self.sudo().company_id
        )
        own = waiting.filtered(
            lambda row: (officer and row.who != "user") or user in row._users(self)
        )
        return max(own.mapped("level") or waiting[:1].mapped("level"), default=self.level)

    def _next_level(self, own):
        """Columns of the next level above `own` that is not the actor's as well; None after the
        last."""
        for level in self._levels().filtered(lambda row: row.level > own):
            if self.env.user not in level._users(self):
                return self._at_level(level)
        return None

    def _passed(self):
        """The highest level that has said yes."""
        passes = self.sudo().step_ids.filtered(lambda step: step.action == "pass")
        return max(passes.mapped("level"), default=0)

    def _deciders(self):
        """Users who may decide now, the officers of HR among them (sudo)."""
        self.ensure_one()
        one, model = self.sudo(), self.env["biometric.approval.level"].sudo()
        if not self._levels():
            return model.new({"who": "approver"})._users(one) | model._officers(one.company_id)
        here = self._waiting()
        users = model._officers(one.company_id)
        if here and all(level.who == "user" for level in here):
            users = users.browse()
        for level in here:
            users |= level._users(one)
        return users

    def _deciding_level(self):
        """Whether the reader may decide now. Whom biometric.duty refuses is asked there."""
        if self.state != "submitted" or self.awaits_answer:
            return False
        user = self.env.user
        if user in self._deciders():
            return True
        asked = self.sudo().requested_by_id == user
        return asked and bool(self.sudo().employee_id) and self._leads(self.sudo().employee_id)

    @api.depends("state", "level", "due_at", "awaits_answer")
    @api.depends_context("uid", "lang")
    def _compute_waits(self):
        now = fields.Datetime.now()
        for one in self:
            waiting = one.state == "submitted"
            one.is_late = bool(waiting and one.due_at and one.due_at < now)
            if waiting and one.awaits_answer:
                one.waits_text = one.sudo().employee_id.name
            elif waiting:
                one.waits_text = ", ".join(sorted(one.sudo().decider_ids.mapped("name"))[:3])
            else:
                one.waits_text = False

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in" or len(set(value)) > 1:
            return NotImplemented
        late = [("state", "=", "submitted"), ("due_at", "<", fields.Datetime.now())]
        return late if True in set(value) else ["!", "&", *late]

    @api.depends_context("uid")
    @api.depends("state", "level")
    def _compute_can_decide(self):
        for one in self:
            one.can_decide = one._deciding_level()

    @api.model
    def _search_can_decide(self, operator, value):
        if operator != "in" or len(set(value)) > 1:
            return NotImplemented
        mine = [
            ("state", "=", "submitted"),
            ("awaits_answer", "=", False),
            ("decider_ids", "in", self.env.uid),
        ]
        return mine if True in set(value) else ["!", "&", "&", *mine]

    def _show_deciders(self):
        """Who sees that it waits: written down anew wherever that may have changed."""
        for one in self.sudo():
            found = one._deciders() if one.state == "submitted" else one.decider_ids.browse()
            if one.decider_ids != found:
                one._move({"decider_ids": [(6, 0, found.ids)]})
                self.env["biometric.work"]._tell_screens(one.company_id)

    @api.model
    def _refresh_deciders(self, company):
        """Deputies, levels or people changed: open requests of the company are shown to others."""
        rows = self.sudo().search(
            [("company_id", "=", company.id), ("state", "=", "submitted")], limit=MOST_OPEN
        )
        rows._show_deciders()

    @api.model
    def _cron_hourly(self):
        """What time alone brings about: levels, answers, and who sees what waits. One company or
        request that cannot be dealt with does not stop the others."""
        aside = self.env["biometric.job"]._aside("review", "res.company")
        aside.each(self.env["res.company"].sudo().search([]), self._refresh_deciders)
        self._cron_escalate()
        self._cron_answers()

    @api.model
    def _cron_escalate(self):
        """What was not decided in time passes on: the next level may decide as well, and it shows
        who is late. After the last level it stays late."""
        late = self.sudo().search(
            [
                ("state", "=", "submitted"),
                ("awaits_answer", "=", False),
                ("due_at", "<", fields.Datetime.now()),
            ],
            limit=500,
        )
        aside = self.env["biometric.job"]._aside("review", self._name)
        aside.each(late, lambda row: row._pass_on())

    def _pass_on(self):
        """To the next level, if there is one, with the names of who is late."""
        following = self._levels().filtered(lambda row: row.level > self.level)[:1]
        if not following:
            return
        names = ", ".join(sorted(self._deciders().mapped("name"))[:5])
        self._note("escalate", names)
        self._move(self._at_level(following))
        self._show_deciders()
        self._tell_trail("escalate", self._concern(), text=names)
        self._tell_deciders()
