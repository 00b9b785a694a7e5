"""An entry of the trail as a sentence, and what was before beside what is after.

Owns words alone: they are made when an entry is read, in the reader's language, and never kept; the
seal covers what was written. What no words are known for is shown as it was written. Must not know
what the acts do.
"""

import json

from markupsafe import Markup

from odoo import api, fields
from odoo.tools import format_datetime

from ...verifier.audited import TAKE_UP
from ..mixins.biometric_words import day_words

# Fields named in the sentence of a change; all of them stand in the table.
MOST_NAMED = 3
# How an empty value reads, so that it is not taken for unread.
NOTHING = "–"
# What a person made, did or ended, by the last word of an action.
STEPS = ("create", "change", "remove", "join", "leave", TAKE_UP)
_TABLE = Markup(
    '<table class="table table-sm mb-0"><thead><tr><th scope="col" class="w-25">%s</th>'
    '<th scope="col">%s</th><th scope="col">%s</th></tr></thead><tbody>%s</tbody></table>'
)
_ROW = Markup(
    '<tr><th scope="row" class="fw-normal">%s</th><td class="text-break">%s</td>'
    '<td class="text-break">%s</td></tr>'
)


class AuditStory:
    """Of biometric.audit: its words. Mixed into its one class."""

    __slots__ = ()

    @api.depends("action", "record_name", "before", "after", "user_name")
    @api.depends_context("lang")
    def _compute_story(self):
        names = self._person_names()
        words = self._act_words()
        nouns = self._nouns()
        for entry in self:
            entry.person = names.get(entry.person_id, "")
            entry.story = entry._sentence(words, nouns)

    @api.depends("story")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = entry.story

    @api.depends("before", "after", "model")
    @api.depends_context("lang", "tz")
    def _compute_differences(self):
        _ = self.env._
        for entry in self:
            # what was empty and stays so is no difference
            facts = entry._facts(says_clock=True)
            facts = [row for row in facts if {row[1], row[2]} - {"", NOTHING}]
            rows = Markup().join(_ROW % row for row in facts)
            head = (_("What"), _("Before"), _("After"))
            entry.differences = _TABLE % (*head, rows) if rows else False

    # ------------------------------------------------------------------ the sentence

    def _person_names(self):
        """`{number: name}` of the people these are about; an erased one has none."""
        ids = {entry.person_id for entry in self if entry.person_id}
        people = self.env["hr.employee"].sudo().with_context(active_test=False)
        return {one.id: one.name for one in people.browse(ids).exists()}

    def _sentence(self, words, nouns):
        self.ensure_one()
        _ = self.env._
        values = {
            "who": self.user_name or self.login or _("Someone"),
            "what": self._what(),
            "person": self.person or _("someone"),
        }
        first, _dot, step = self.action.partition(".")
        noun = nouns.get(first)
        known = (
            self._mapping_words(values) or self._membership_words(values) or words.get(self.action)
        )
        if not known and not (noun and step in STEPS):
            known = words.get(f"{first}.*", _("%(who)s: %(what)s"))
        if known:
            return known % values
        values["noun"] = noun
        if step == "change":
            changed = self._changed_labels()
            if changed:
                return _(
                    "%(who)s changed the %(noun)s %(what)s: %(fields)s", fields=changed, **values
                )
        return {
            "create": _("%(who)s added the %(noun)s %(what)s", **values),
            "change": _("%(who)s changed the %(noun)s %(what)s", **values),
            "remove": _("%(who)s removed the %(noun)s %(what)s", **values),
            "join": _("%(who)s moved the %(noun)s %(what)s into this company", **values),
            "leave": _("%(who)s moved the %(noun)s %(what)s to another company", **values),
            TAKE_UP: _("Audit trail of the %(noun)s %(what)s started", **values),
        }[step]

    def _what(self):
        """The record by its name of then, and whom it is about where that does not say it."""
        name = self.record_name or ""
        if self.person and self.person not in name:
            return f"{name} ({self.person})" if name else self.person
        return name

    def _mapping_words(self, values):
        """Whose PIN it is: the sentence that is asked for most."""
        _ = self.env._
        if self.action not in ("mapping.create", "mapping.change"):
            return ""
        before, after = self._read(self.before), self._read(self.after)
        if "employee_id" not in after:
            return ""
        device = _named(after.get("device_id") or before.get("device_id"))
        values |= {
            "pin": self.record_name or "",
            "device": device or self._terminal_name() or _("a terminal"),
            "old": _named(before.get("employee_id")),
            "new": _named(after.get("employee_id")),
        }
        if not values["new"] and not values["old"]:
            return ""
        if not values["new"]:
            return _("%(who)s ended the mapping of PIN %(pin)s at %(device)s to %(old)s")
        if not values["old"]:
            return _("%(who)s mapped PIN %(pin)s at %(device)s to %(new)s")
        return _("%(who)s mapped PIN %(pin)s at %(device)s to %(new)s instead of %(old)s")

    def _terminal_name(self):
        """Of the terminal whose PIN it is; the registry knows it."""
        return ""

    def _membership_words(self, values):  # noqa: ARG002 - the registry fills them
        """Who belongs to which area: `%`-words for `values`, which get the area; the registry
        knows it."""
        return ""

    def _changed_labels(self):
        labels = [label for label, before, after in self._facts() if before != after]
        more = len(labels) - MOST_NAMED
        named = ", ".join(labels[:MOST_NAMED])
        return (
            self.env._("%(names)s and %(more)s more", names=named, more=more) if more > 0 else named
        )

    # ------------------------------------------------------------------ before and after

    @staticmethod
    def _read(text):
        """The values that were written; what is not an object of them is one value."""
        if not text:
            return {}
        try:
            values = json.loads(text)
        except ValueError:
            return {"": text}
        return values if isinstance(values, dict) else {"": values}

    def _facts(self, says_clock=False):
        """`[(label, before, after)]` in words, in the order of the model's fields. says_clock: a
        time's label says that it is shown by the reader's."""
        self.ensure_one()
        before, after = self._read(self.before), self._read(self.after)
        model = self.env.get(self.model) if self.model else None
        own = model._fields if model is not None else {}
        order = {name: number for number, name in enumerate(own)}
        names = sorted(before.keys() | after.keys(), key=lambda one: (order.get(one, 9999), one))
        return [
            (
                self._label(own.get(name), name, says_clock),
                self._value(own.get(name), before[name]) if name in before else "",
                self._value(own.get(name), after[name]) if name in after else "",
            )
            for name in names
        ]

    def _label(self, field, name, says_clock):
        if field:
            label = field._description_string(self.env)
            is_shifted = says_clock and field.type == "datetime"
            return self.env._("%s (your time)", label) if is_shifted else label
        return name.replace("_", " ").strip().capitalize()

    def _value(self, field, value):
        """One value in words; nothing is a dash, so that it is not taken for unread."""
        _ = self.env._
        if value is None or value == "" or value == []:
            return NOTHING
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        kind = field.type if field else ""
        if kind == "selection":
            return str(dict(field._description_selection(self.env)).get(value, value))
        if kind == "date" and (day := _parsed(fields.Date.to_date, value)):
            return day_words(self.env, day)
        if kind == "datetime" and (at := _parsed(fields.Datetime.to_datetime, value)):
            return format_datetime(self.env, at)
        if kind == "many2one":
            return _named(value) or self._names_of(field, [value])
        if kind in ("many2many", "one2many") and isinstance(value, list):
            return self._names_of(field, value)
        if isinstance(value, dict):
            return "; ".join(f"{key}: {self._value(None, one)}" for key, one in value.items())
        if isinstance(value, list):
            return ", ".join(self._value(None, one) for one in value)
        return str(value)

    def _names_of(self, field, ids):
        model = self.env.get(field.comodel_name)
        if model is None or not all(isinstance(one, int) for one in ids):
            return ", ".join(str(one) for one in ids)
        known = model.sudo().with_context(active_test=False).browse(ids).exists()
        gone = len(ids) - len(known)
        names = [one.display_name or str(one.id) for one in known]
        return ", ".join([*names, *([self.env._("%s that were removed", gone)] if gone else [])])


def _named(pair):
    """The name of an audited link, `[id, name]`."""
    return str(pair[1]) if isinstance(pair, list) and len(pair) == 2 else ""


def _parsed(parse, text):
    try:
        return parse(text) if isinstance(text, str) else None
    except ValueError:
        return None
