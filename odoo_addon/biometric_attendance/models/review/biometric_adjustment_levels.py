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

    def _next_level(self):
        """Columns of the next level that is not the actor's as well; None after the last."""
        for level in self._levels().filtered(lambda row: row.level > self.level):
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
        passed = one._passed()
        levels = self._levels()
        if not levels:
            return model.new({"who": "approver"})._users(one) | model._officers(one.company_id)
        here = levels.filtered(lambda row: passed < row.level <= max(one.level, 1))
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
        """What time alone brings about: levels, answers, and who sees what waits."""
        for company in self.env["res.company"].sudo().search([]):
            self._refresh_deciders(company)
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
        for one in late:
            following = one._levels().filtered(lambda row, own=one: row.level > own.level)[:1]
            if not following:
                continue
            names = ", ".join(sorted(one._deciders().mapped("name"))[:5])
            one._note("escalate", names)
            one._move(one._at_level(following))
            one._show_deciders()
            one._tell_trail("escalate", one._concern(), text=names)
            one._tell_deciders()
