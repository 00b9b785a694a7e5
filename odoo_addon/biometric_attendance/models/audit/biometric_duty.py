"""Requester and subject of an act are compared here, once, for every act that is recorded.

Nobody decides about themselves while somebody else may: an act that concerns nobody but its actor,
before it or after it, is refused, and so is the decision about a request by whoever made it or is
one of those whom it is about. Where the actor is the only one with the right, or is one of several
whom the act concerns (a rule set, a zone), it goes through and says `self_approved`; whose dates it
touches is kept beside the entry, so that the day, the month sheet and the payroll control record
show it.
Must not know what the acts mean.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...seams.sql_people import LOGINS

# A login taken off an employee still counts as theirs so many days: two pay periods of a month.
REMEMBERED_DAYS = 62
NAMES_SHOWN = 3


class BiometricAuditConcern(models.Model):
    """Whom an entry concerns besides the one person it names, and who acted about themselves."""

    _name = "biometric.audit.concern"
    _description = "Recipients of audit entries"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    # Numbers, no foreign keys: they outlive the employee, and judge nothing about the entry.
    entry_id = fields.Integer("Entry id", required=True, readonly=True, index=True)
    person_id = fields.Integer("Person number", required=True, readonly=True)
    date_from = fields.Date("From", readonly=True, help="Empty: from the beginning")
    date_to = fields.Date("To", readonly=True, help="Empty: no end")
    is_self = fields.Boolean("Self-approved", readonly=True)

    _by_person = models.Index("(person_id, id)")

    @api.model
    def _note(self, entry, persons, own, days):
        """One row a person of `persons`; `own`: those of them who are the actor."""
        date_from, date_to = days
        for person in sorted(persons):
            self.env.cr.execute(
                """INSERT INTO biometric_audit_concern
                       (company_id, entry_id, person_id, date_from, date_to, is_self)
                   VALUES (%s, %s, %s, %s, %s, %s)""",
                (
                    entry.sudo().company_id.id,
                    entry.id,
                    person,
                    date_from or None,
                    date_to or None,
                    person in own,
                ),
            )
        self.invalidate_model()

    @api.model
    def _self_approved_dates(self, employee_ids, date_from, date_to):
        """{(employee id, date)} of these dates that an act of the employee about themselves
        touches."""
        self.env.cr.execute(
            """SELECT DISTINCT s.person_id, d::date
                 FROM biometric_audit_concern s,
                      generate_series(GREATEST(COALESCE(s.date_from, %(first)s::date), %(first)s),
                                      LEAST(COALESCE(s.date_to, %(last)s::date), %(last)s),
                                      interval '1 day') d
                WHERE s.is_self AND s.person_id = ANY(%(people)s)""",
            {"first": date_from, "last": date_to, "people": list(employee_ids)},
        )
        return set(self.env.cr.fetchall())


class BiometricDuty(models.AbstractModel):
    _name = "biometric.duty"
    _description = "Separation of duties"

    @api.model
    def _own(self, *user_ids, ever=False):
        """Ids of the employees whom these users are, or were until REMEMBERED_DAYS ago: who takes
        the login off the own record for a moment is still the same person. ever: or ever were, for
        what is derived anew at any later time."""
        users = sorted({user for user in user_ids if user})
        self.env["hr.employee"].flush_model(["user_id"])
        self.env.cr.execute(
            f"""SELECT employee_id FROM {LOGINS} l WHERE user_id = ANY(%(users)s)
                UNION
               SELECT person_id FROM biometric_audit
                WHERE model = 'hr.employee' AND action = 'person.login'
                  AND (%(ever)s
                       OR happened_at > (now() AT TIME ZONE 'UTC') - %(days)s * interval '1 day')
                  AND (before::jsonb->'user_id'->>0)::integer = ANY(%(users)s)""",
            {"users": users, "days": REMEMBERED_DAYS, "ever": ever},
        )
        return {row[0] for row in self.env.cr.fetchall()}

    @api.model
    def _others(self, right, company, actors):
        """Users besides `actors` (ids) who hold the role `right` in the company and can log in."""
        group = self.env.ref(f"biometric_attendance.group_{right}").sudo()
        return group.all_user_ids.filtered(
            lambda user: (
                user.active
                and not user.share
                and user.id not in actors
                and user != self.env.ref("base.user_root")
                and company in user.company_ids
            )
        )

    @api.model
    def _weigh(self, concern, company):
        """Ids of the actor's employees among the subjects of a Concern.

        Refuses an act that concerns nobody else while another user may do it; what the system does
        as a consequence of another act (sudo) is marked and never refused.
        """
        return self._weigh_all([(concern, company)])[0]

    @api.model
    def _weigh_all(self, concerns):
        """The same of many `(Concern, company)` of one actor, a set each in their order."""
        concerns = list(concerns)
        actors = {self.env.uid, self.env["biometric.audit"]._real_uid()}
        asked = any(concern.decides and concern.subjects for concern, _company in concerns)
        mine = self._own(*actors) if asked else set()
        return [self._weighed(concern, company, actors, mine) for concern, company in concerns]

    def _weighed(self, concern, company, actors, mine):
        """mine: ids of the employees whom `actors`, ids of users, are."""
        if not concern.decides:
            return set()
        subjects = set(concern.subjects or ())
        own = mine & subjects
        # What goes from another person to the actor concerns nobody else afterwards.
        only = any(side and set(side) <= own for side in (subjects, *concern.sides))
        alone = bool(actors & set(concern.requesters))
        refusable = concern.may_refuse and not self.env.su
        if refusable and (alone or only or (own and concern.requesters)):
            others = concern.others
            if others is None:
                others = self._others(concern.right, company, actors)
            if concern.requesters:
                others = others.filtered(
                    lambda user: user.id not in actors and not self._own(user.id) & subjects
                )
            self._refuse(own, others, alone)
        # what one person both asked for and decided is theirs alone, whomever it is about
        return subjects if alone else own

    @api.model
    def _refuse(self, own, others, asked):
        """`own`: ids of the actor's employees whom it is about; `asked`: the actor asked for it."""
        if not others:
            return
        if asked and not own:
            raise UserError(
                self.env._(
                    "The requester of a change cannot decide about it. Someone else who "
                    "can do it: %(others)s.",
                    others=self._names(others),
                )
            )
        people = self.env["hr.employee"].sudo().browse(own)
        raise UserError(
            self.env._(
                "You cannot decide about yourself: this concerns %(who)s. Someone else "
                "who can do it: %(others)s.",
                who=", ".join(people.mapped("name")),
                others=self._names(others),
            )
        )

    @staticmethod
    def _names(users):
        names = sorted(users.mapped("name"))
        return ", ".join(names[:NAMES_SHOWN]) + ("…" if len(names) > NAMES_SHOWN else "")
