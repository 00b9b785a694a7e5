"""Mixin: every change of the named fields through the ORM leaves an audit entry, and fields that
are read-only on screen are refused from outside.

Independent of context keys, so neither import nor `tracking_disable` avoids it, and nobody who
calls from outside can put a reason in. What the service writes by itself (status, counters) goes
through SQL and is not a manual action.
"""

import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS

from ...verifier.audited import AUDITED

# Shorter reasons ("ok", "x") explain nothing to the person who reads the trail a year later.
MIN_REASON = 10
# Of what is recorded inside `_because`. Not in Odoo's context: that comes with every call.
_REASON = ContextVar("biometric_reason", default=None)


class Concern(NamedTuple):
    """Whom an act concerns, for the comparison of requester and subject (biometric.duty)."""

    subjects: frozenset | set | None = None  # ids of employees; None: whom the record names
    days: tuple = (None, None)  # first and last date it touches for them; None at an end: without
    right: str = "hr_officer"  # role that may do it
    may_refuse: bool = True  # whether it needs somebody else, where there is somebody else
    decides: bool = True  # a request or an answer decides nothing: nobody is marked for it
    # ids of users who asked for what is decided: of a request nobody decides alone
    requesters: frozenset | set = frozenset()
    others: object = None  # users who may do it instead (res.users); None: whoever has the right
    sides: tuple = ()  # subjects before and subjects after, where they may differ


# Whom the record itself names.
NAMED = Concern()


class Act(NamedTuple):
    """What an audit entry says of one act, as `biometric.audit._record` takes it."""

    record: object  # the one record it is about
    before: dict | None = None
    after: dict | None = None
    reason: str | None = None
    company: object = None  # None: that of the record
    concern: Concern = NAMED


class BiometricAudited(models.AbstractModel):
    _name = "biometric.audited"
    _description = "Changes are recorded in the audit trail"

    # First word of the actions.
    _audit_word = None
    # Those of them that can change a minute of somebody (None: all), and the role that may do it.
    _audit_pay_fields = None
    _audit_right = "hr_officer"

    @api.model
    @contextmanager
    def _because(self, reason):
        """What is recorded inside says this reason. Whoever asked a person for it checked it."""
        token = _REASON.set((reason or "").strip() or None)
        try:
            yield
        finally:
            _REASON.reset(token)

    @api.model
    def _reason(self):
        """The reason of the `_because` around the call, or None."""
        return _REASON.get()

    def _audit_subjects(self):
        """Ids of the employees whose minutes hang on this record as it stands."""
        self.ensure_one()
        field = self._fields.get("employee_id")
        if field and field.type == "many2one":
            return set(self.sudo().employee_id.ids)
        return set()

    def _audit_days(self):
        """(first, last) date that the record touches; None at an end: without."""
        self.ensure_one()
        return (None, None)

    def _audit_concern(self, names):
        """(subjects, days) of a change of these fields; none where they turn no minute."""
        pay = self._audit_pay_fields
        if pay is not None and not set(pay) & set(names):
            return set(), (None, None)
        return self._audit_subjects(), self._audit_days()

    @property
    def _audit_fields(self):
        """Names of the fields whose changes are recorded; () for a model that only explains."""
        audited = AUDITED.get(self._name)
        return audited.fields if audited else ()

    def _audit_values(self):
        """JSON values of the audited fields of one record, archived links among them."""
        self.ensure_one()
        values = {}
        whole = self.sudo().with_context(active_test=False)
        for name in self._audit_fields:
            field = self._fields[name]
            value = whole[name]
            if field.type == "many2one":
                values[name] = [value.id, value.display_name] if value else None
            elif field.relational:
                values[name] = value.ids
            elif field.type in ("date", "datetime"):
                values[name] = field.to_string(value) if value else None
            else:
                values[name] = None if value is False and field.type != "boolean" else value
        return values

    def _audit(self, step, before, after, reason=None, company=None, concerns=()):
        """concerns: (subjects, days) before and after the act, as `_audit_concern` says them."""
        self.ensure_one()
        self.env["biometric.audit"]._record(
            f"{self._audit_word}.{step}",
            self,
            before,
            after,
            reason or self._reason(),
            company=company,
            concern=self._audit_weight(concerns),
        )

    def _audit_weight(self, concerns):
        """The Concern of `(subjects, days)` before and after an act."""
        return Concern(
            set().union(*(subjects for subjects, _days in concerns)),
            _span([days for subjects, days in concerns if subjects]),
            self._audit_right,
            sides=tuple(subjects for subjects, _days in concerns),
        )

    def _audit_whole(self, step):
        """Record the birth (`create`) or the end (`remove`) of each of these, in few statements."""
        acts = []
        for record in self:
            values, concern = record._audit_values(), record._audit_concern(record._audit_fields)
            before, after = (None, values) if step == "create" else (values, None)
            weight = self._audit_weight([concern])
            acts.append(Act(record, before, after, self._reason(), concern=weight))
        self.env["biometric.audit"]._record_all(f"{self._audit_word}.{step}", acts)

    @api.model
    def _refuse_service_fields(self, vals):
        """Read-only in a view is no protection: states and facts are set by buttons and the
        service (both under sudo), never by a write from outside."""
        if self.env.su:
            return
        for name in vals:
            field = self._fields.get(name)
            if field and field.store and field.readonly and name not in MAGIC_COLUMNS:
                raise UserError(
                    self.env._("“%s” cannot be set manually.", field._description_string(self.env))
                )

    @contextmanager
    def _all_or_nothing(self):
        """A refusal takes the change back as well: whoever catches it, as code in a server action
        may, keeps nothing that no entry names."""
        if self.env.su:
            yield
            return
        with self.env.cr.savepoint():
            yield

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_service_fields(vals)
        with self._all_or_nothing():
            records = super().create(vals_list)
            records._audit_whole("create")
        return records

    def write(self, vals):
        self._refuse_service_fields(vals)
        if not set(vals) & set(self._audit_fields):
            return super().write(vals)
        before = {record.id: record._audit_values() for record in self}
        concerns = {record.id: record._audit_concern(vals) for record in self}
        companies = {record.id: record.sudo().company_id for record in self}
        with self._all_or_nothing():
            result = super().write(vals)
            for record in self:
                record._audit_change(before[record.id], companies[record.id], concerns[record.id])
        return result

    def _audit_change(self, old, company, concern):
        """Record what differs from `old`; company, concern: those of before. The first change of a
        row that the service made says all of it, so that each row has its birth; a row that changes
        company leaves one trail and is told whole in the other."""
        new = self._audit_values()
        changed = [name for name in new if new[name] != old[name]]
        if not changed:
            return
        concerns = [concern, self._audit_concern(changed)]
        here = self.sudo().company_id
        if company and here and company != here:
            self._audit_move(company, old, concerns)
            return
        told = changed
        made = AUDITED[self._name].made_by_service
        if made and made[0] in changed and (old[made[0]] or None) == made[1]:
            told = list(new)
        self._audit(
            "change",
            {name: old[name] for name in changed},
            {name: new[name] for name in told},
            concerns=concerns,
        )

    def _audit_move(self, company, old, concerns=()):
        """The row is another company's from now on. company: whose it was."""
        self._audit("leave", old, None, company=company, concerns=concerns)
        self._audit("join", None, self._audit_values(), concerns=concerns)

    def unlink(self):
        self.check_access("unlink")
        with self._all_or_nothing():
            self._audit_whole("remove")
            return super().unlink()

    @api.model
    def _names_someone(self, text, people):
        """Whether a text holds a part of a name of one of these employees, of three letters and
        more, as a whole word: what goes where no erasure reaches must not."""
        parts = {
            part.lower()
            for person in people.sudo()
            for part in re.split(r"\s+", person.name or "")
            if len(part) > 2
        }
        words = "|".join(map(re.escape, parts))
        return bool(words and re.findall(rf"(?<![^\W_])(?:{words})(?![^\W_])", text or "", re.I))

    @api.model
    def _check_reason(self, reason):
        """The reason, trimmed; refuses one that explains nothing."""
        reason = (reason or "").strip()
        if len(reason) < MIN_REASON:
            raise UserError(
                self.env._("Please give a reason of at least %s characters.", MIN_REASON)
            )
        return reason


def _span(spans):
    """The least (first, last) date around all; None at an end: without."""
    if not spans:
        return (None, None)
    firsts, lasts = zip(*spans, strict=True)
    return (
        None if None in firsts or False in firsts else min(firsts),
        None if None in lasts or False in lasts else max(lasts),
    )
