"""A rule set as people read and fill it in: presets, the parameters that matter most as fields of
their own, and warnings. All of it is a view of `parameters`; nothing is kept twice.
"""

import json
import re

from odoo import api, fields
from odoo.exceptions import ValidationError

from ...engine import (
    REGIMES,
    RuleError,
    RuleSet,
    clock_text,
    lint,
    without_effect,
)

DEFAULTS = RuleSet().to_dict()
# Hours and minutes as typed; anything else is minutes, or a word for the engine to judge.
_LENGTH = re.compile(r"([0-9]{1,4}):([0-5][0-9])")


def typed(kind, *args, **values):
    # written through create and write: inverses would not know which of them changed, and those of
    # one save would write over each other
    return kind(*args, compute="_compute_typed", readonly=False, **values)


def choice(label, choices, help_text=None):
    return typed(fields.Selection, choices, label, help=help_text)


def number(label, help_text=None):
    return typed(fields.Integer, label, help=help_text)


# What an empty field of this kind means stands in its placeholder too.
NEVER = "Hours, such as 8:00; empty: never"


def optional(label, help_text=NEVER):
    """A length of time, or nothing: an empty field switches the rule off."""
    return typed(fields.Char, label, help=help_text, size=8)


class RuleForm:
    """Of biometric.rule: presets, typed fields, warnings. Mixed into its one class."""

    __slots__ = ()

    @api.depends("parameters")
    def _compute_typed(self):
        names = self._typed_names()
        for rule in self:
            try:
                values = rule._rule_set().to_dict()
            except ValidationError:
                values = DEFAULTS
            for name in names:
                rule[f"p_{name}"] = self._shown(name, values[name])

    @api.model
    def _typed_names(self):
        return [name[2:] for name in self._fields if name.startswith("p_")]

    @api.model
    def _shown(self, name, value):
        kind = self._fields[f"p_{name}"].type
        if kind != "char":
            return value
        if value is None:
            return False
        if isinstance(value, int):
            return f"{value // 60}:{value % 60:02d}"
        return "-".join(value) if isinstance(value, list) else value

    @api.model
    def _take_typed(self, vals, parameters):
        """Moves what a form sends of `vals` into the parameters. It sends every field of a new
        record: what says the same as `parameters`, the ones before, was not typed. Only what
        differs from the defaults is kept, what has no field stays as it is."""
        before = dict(vals.get("parameters", parameters) or {})
        text = self._typed_text(vals, before)
        shown = DEFAULTS | before
        found = dict(text)
        for name in [name for name in vals if name.startswith("p_")]:
            value = self._typed_value(name, vals.pop(name))
            if value == shown[name[2:]]:
                continue
            if text.get(name[2:]) not in (before.get(name[2:]), value):
                raise ValidationError(
                    self.env._(
                        "%(label)s is entered twice with different values: in its own "
                        "field and in the text of the parameters. Remove one of the two.",
                        label=self._fields[name]._description_string(self.env),
                    )
                )
            if value == DEFAULTS[name[2:]]:
                found.pop(name[2:], None)
            else:
                found[name[2:]] = value
        vals["parameters"] = found

    @api.model
    def _typed_text(self, vals, before):
        """The parameters as the text of `vals` gives them; those before where it gives none."""
        if "parameters_text" not in vals:
            return before
        try:
            parameters = json.loads(vals.pop("parameters_text") or "{}")
        except ValueError as error:
            raise ValidationError(
                self.env._("The parameters are not valid JSON: %s", error)
            ) from error
        if not isinstance(parameters, dict):
            raise ValidationError(self.env._("The parameters have to be one JSON object."))
        return parameters

    @api.model
    def _typed_value(self, name, value):
        if self._fields[name].type != "char":
            return value
        text = (value or "").strip()
        if not text:
            return None
        if name == "p_night_window":
            return self._night(text)
        if match := _LENGTH.fullmatch(text):
            return int(match[1]) * 60 + int(match[2])
        return int(text) if text.isascii() and text.isdigit() else text

    @api.model
    def _night(self, text):
        try:
            start, end = RuleSet.from_dict({"night_window": text}).night_window
        except RuleError as error:
            raise ValidationError(self.env._("Night: %s", error)) from error
        return [clock_text(start), clock_text(end)]

    @api.constrains("parameters", "state")
    def _check_no_error(self):
        """A draft may still be wrong; one that counts must not contradict itself. What is in force
        already is asked when it is touched."""
        for rule in self.filtered(lambda one: one.state == "adopted"):
            found = lint(rule._rule_set())
            if wrong := [text for level, _name, text in found if level == "error"]:
                raise ValidationError(
                    self.env._("Rule set %(name)s: %(fault)s", name=rule.name, fault=wrong[0])
                )

    @api.depends("parameters")
    def _compute_warnings(self):
        for rule in self:
            try:
                found = lint(rule._rule_set())
            except ValidationError:
                found = ()
            rule.warnings = "\n".join(text for _level, _name, text in found) or False

    @api.depends("parameters")
    @api.depends_context("lang")
    def _compute_not_in_effect(self):
        for rule in self:
            try:
                rules = rule._rule_set()
            except ValidationError:
                rule.not_in_effect = False
                continue
            lines = [
                self.env._("Until there is %(wait)s, nothing is decided by: %(names)s.", **told)
                for told in rule._by_wait(without_effect(rules))
            ]
            rule.not_in_effect = "\n".join(lines) or False

    def _by_wait(self, found):
        """What waits for the same thing together: one sentence names them all."""
        names = {}
        for name, wait in found:
            names.setdefault(wait, []).append(self._label(name))
        return [{"wait": wait, "names": ", ".join(own)} for wait, own in names.items()]

    def _label(self, name):
        """A parameter as its field is called, with its own name for those who write parameters."""
        field = self._fields.get(f"p_{name}")
        label = field and field.get_description(self.env, ["string"])["string"]
        return f"{label.split(' (')[0]} ({name})" if label else name

    @api.onchange("parameters_text")
    def _onchange_parameters_text(self):
        """The fields follow the text while it is typed."""
        try:
            parameters = json.loads(self.parameters_text or "{}")
        except ValueError:
            return
        if isinstance(parameters, dict) and parameters != (self.parameters or {}):
            self.parameters = parameters

    @api.depends("preset")
    def _compute_to_confirm(self):
        for rule in self:
            regime = REGIMES.get(rule.preset, {"confirm": ()})
            rule.to_confirm = "\n".join(regime["confirm"]) or False

    @api.onchange("preset")
    def _onchange_preset(self):
        if self.preset:
            self.parameters = dict(REGIMES[self.preset]["rules"])
            self.name = self.name or REGIMES[self.preset]["name"]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._apply_preset(vals)
            if self._is_typed(vals):
                self._take_typed(vals, {})
        return super().create(vals_list)

    def write(self, vals):
        vals = dict(vals)
        self._apply_preset(vals)
        if not self._is_typed(vals):
            return super().write(vals)
        for rule in self:
            own = dict(vals)
            self._take_typed(own, rule.parameters)
            super(RuleForm, rule).write(own)
        return True

    @api.model
    def _is_typed(self, vals):
        return "parameters_text" in vals or any(name.startswith("p_") for name in vals)

    @api.model
    def _apply_preset(self, vals):
        """A preset chosen without parameters brings its own; a form sends both."""
        given = {"parameters", "parameters_text"} & set(vals)
        if vals.get("preset") and not given and not any(name[:2] == "p_" for name in vals):
            vals["parameters"] = dict(REGIMES[vals["preset"]]["rules"])
