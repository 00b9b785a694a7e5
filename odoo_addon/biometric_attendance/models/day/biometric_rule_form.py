"""A rule set as people read and fill it in: presets, the parameters that matter most as fields of
their own, and warnings. All of it is a view of `parameters`; nothing is kept twice.
"""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine import (
    REGIMES,
    WEEKDAYS,
    RuleError,
    RuleSet,
    clock_text,
    lint,
)

DEFAULTS = RuleSet().to_dict()
# Hours and minutes as typed; anything else is minutes, or a word for the engine to judge.
_LENGTH = re.compile(r"([0-9]{1,4}):([0-5][0-9])")


def _field(kind, *args, **values):
    # written through create and write: an inverse would not know which of them changed
    return kind(*args, compute="_compute_typed", readonly=False, **values)


def _choice(label, choices, help_text=None):
    return _field(fields.Selection, choices, label, help=help_text)


def _number(label, help_text=None):
    return _field(fields.Integer, label, help=help_text)


# What an empty field of this kind means stands in its placeholder too.
NEVER = "Hours, as 8:00; empty: never"


def _optional(label, help_text=NEVER):
    """A length of time, or nothing: an empty field switches the rule off."""
    return _field(fields.Char, label, help=help_text, size=8)


class BiometricRule(models.Model):
    _inherit = "biometric.rule"

    preset = fields.Selection(
        [(name, regime["name"]) for name, regime in REGIMES.items()],
        help="Fills in the parameters of a known regime. None of it is legal advice.",
    )
    to_confirm = fields.Text("A specialist must confirm", compute="_compute_to_confirm")
    warnings = fields.Text(compute="_compute_warnings")

    p_pairing_method = _choice(
        "Pairing of punches",
        [
            ("alternate", "In turn, whatever the key pressed"),
            ("strict", "By the key pressed"),
            ("first_last", "First and last punch"),
            ("strict_first_last", "First IN and last OUT"),
        ],
    )
    p_duplicate_window_seconds = _number("Double tap within (s)")
    p_missing_out = _choice(
        "Forgotten check-out",
        [("flag", "Day stays incomplete"), ("shift_end", "Assume the end of the shift")],
    )
    p_max_session_minutes = _number("Longest session")
    p_late_grace_minutes = _number("Grace when late")
    p_early_leave_grace_minutes = _number("Grace when early")
    p_round_unit_minutes = _number("Round punches to")
    p_round_in = _choice("Check-in", [("nearest", "Nearest"), ("up", "Up"), ("down", "Down")])
    p_round_out = _choice("Check-out", [("nearest", "Nearest"), ("up", "Up"), ("down", "Down")])
    p_pre_shift_work = _choice("Before the shift", [("count", "Counts"), ("ignore", "Ignored")])
    p_post_shift_work = _choice("After the shift", [("count", "Counts"), ("ignore", "Ignored")])
    p_short_break_paid_max_minutes = _number("Breaks paid up to")
    p_meal_after_minutes = _optional("Meal deducted after", "Worked hours, as 6:00; empty: never")
    p_meal_minutes = _number("Meal")
    p_meal_required_after_minutes = _optional("Meal required after")
    p_ot_basis = _choice(
        "Overtime is", [("quantity", "More than due"), ("outside_shift", "Outside the shift")]
    )
    p_ot_daily_threshold_minutes = _optional(
        "Daily overtime after",
        "Hours, as 8:00, the word schedule for what was due that day, or empty: never",
    )
    p_dt_daily_threshold_minutes = _optional("Daily double time after")
    p_ot_weekly_threshold_minutes = _optional("Weekly overtime after")
    p_week_start = _choice("Week begins", [(day, day.capitalize()) for day in WEEKDAYS])
    p_ot_min_minutes = _number("Overtime from")
    p_ot_round_unit_minutes = _number("Overtime in units of")
    p_ot_requires_approval = _field(fields.Boolean, "Overtime needs approval")
    p_off_day_classification = _choice(
        "Work on days off", [("separate", "A class of its own"), ("none", "Like any work")]
    )
    p_night_window = _field(
        fields.Char, "Night", help="HH:MM-HH:MM of the local clock; empty: none", size=11
    )
    p_min_daily_rest_minutes = _optional("Daily rest at least", "Hours; empty: not watched")
    p_cto_eligible = _field(fields.Boolean, "Overtime earns compensatory time")

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
        """Moves typed values of `vals` into the parameters; only what differs from the defaults is
        kept, what has no field stays as it is."""
        parameters = dict(parameters or {})
        for name in [name for name in vals if name.startswith("p_")]:
            value = self._typed_value(name, vals.pop(name))
            if value == DEFAULTS[name[2:]]:
                parameters.pop(name[2:], None)
            else:
                parameters[name[2:]] = value
        vals["parameters"] = parameters

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

    @api.depends("parameters")
    def _compute_warnings(self):
        for rule in self:
            try:
                found = lint(rule._rule_set())
            except ValidationError:
                found = ()
            rule.warnings = "\n".join(text for _level, _name, text in found) or False

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
            if any(name.startswith("p_") for name in vals):
                self._take_typed(vals, vals.get("parameters"))
        return super().create(vals_list)

    def write(self, vals):
        vals = dict(vals)
        self._apply_preset(vals)
        if not any(name.startswith("p_") for name in vals):
            return super().write(vals)
        for rule in self:
            own = dict(vals)
            self._take_typed(own, own.get("parameters", rule.parameters))
            super(BiometricRule, rule).write(own)
        return True

    @api.model
    def _apply_preset(self, vals):
        """A preset chosen without parameters brings its own; a form sends both."""
        given = {"parameters", "parameters_text"} & set(vals)
        if vals.get("preset") and not given and not any(name[:2] == "p_" for name in vals):
            vals["parameters"] = dict(REGIMES[vals["preset"]]["rules"])
