"""Site calibration: what a site's own punches say about the rules that fit it.

Owns the questions and the proposal; every answer is computed by the engine from real days. Saves
nothing until somebody adopts the proposal, which then is a rule set like any other.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from statistics import median_low

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..engine import IN, OUT, dates_between

METHODS = ("alternate", "strict", "first_last", "strict_first_last")
# Fewer worked days say nothing about a site.
LEAST_DAYS = 30
# Another method must leave so many fewer of 100 days incomplete before it is proposed.
CLEARLY_BETTER = 1.0
DRIFT_SECONDS = 60


class BiometricCalibration(models.TransientModel):
    _name = "biometric.calibration"
    _inherit = ["biometric.dialog"]
    _description = "Site calibration"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, default=lambda s: s.env.company)
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda s: s.env.company._biometric_today() - timedelta(days=28),
    )
    date_to = fields.Date(
        "To",
        required=True,
        default=lambda s: s.env.company._biometric_today() - timedelta(days=1),
    )
    device_ids = fields.Many2many(
        "biometric.device", string="Only these terminals", check_company=True
    )
    state = fields.Selection([("ask", "Ask"), ("done", "Answered")], default="ask")
    worked_days = fields.Integer("Days with punches", readonly=True)
    labels_right_percent = fields.Float("Correct keys pressed", readonly=True, digits=(4, 1))
    proposed_method = fields.Selection(
        lambda self: self.env["biometric.rule"]._fields["p_pairing_method"].selection,
        "Proposed method",
        readonly=True,
    )
    proposed_window_seconds = fields.Integer("Double tap within (s)", readonly=True)
    line_ids = fields.One2many("biometric.calibration.line", "calibration_id")

    def action_measure(self):
        """Answer from the punches of the dates; shows the proposal."""
        self.ensure_one()
        self.check_access("write")
        if not 0 <= (self.date_to - self.date_from).days <= 92:
            raise UserError(self.env._("Choose between one day and three months."))
        su = self.sudo()
        people = su._people()
        book = su.env["biometric.rule"]._book_of(people)
        shares = {method: su._incomplete(people, book, method) for method in METHODS}
        worked = shares["alternate"][1]
        punches = su._punches(people)
        method = self._best(shares)
        lines = [
            *self._method_lines(shares, method),
            *self._tap_lines(punches),
            *su._drift_lines(punches),
            *su._pin_lines(),
        ]
        self.write(
            {
                "state": "done",
                "worked_days": worked,
                "labels_right_percent": self._labels_right(punches),
                "proposed_method": method if worked >= LEAST_DAYS else False,
                "proposed_window_seconds": 60,
                "line_ids": [Command.clear(), *(Command.create(line) for line in lines)],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Site calibration"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_adopt(self):
        """One click: a rule set of the company from today on, with what was proposed."""
        self.ensure_one()
        self.check_access("write")
        if not self.proposed_method:
            raise UserError(
                self.env._(
                    "Fewer than %s days with punches are not enough to judge a site.", LEAST_DAYS
                )
            )
        rules = self.env["biometric.rule"]
        today = self.company_id._biometric_today()
        found = rules.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "adopted"),
                ("employee_ids", "=", False),
                ("department_ids", "=", False),
                ("valid_from", "<=", today),
            ],
            order="valid_from desc",
            limit=1,
        )
        parameters = dict(found.parameters or {}) | {
            "pairing_method": self.proposed_method,
            "duplicate_window_seconds": self.proposed_window_seconds,
        }
        rule = rules.create(
            {
                "name": found.name or self.env._("Calibrated on site"),
                "company_id": self.company_id.id,
                "valid_from": today,
                "parameters": parameters,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.rule",
            "res_id": rule.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------------ facts

    def _people(self):
        users = self.env["biometric.device.user"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("employee_id", "!=", False),
                *([("device_id", "in", self.device_ids.ids)] if self.device_ids else []),
            ]
        )
        return users.employee_id

    def _devices(self):
        return self.device_ids or self.env["biometric.device"].search(
            [("company_id", "=", self.company_id.id), ("state", "=", "active")]
        )

    def _punches(self, people):
        """Those made here: who came from another company left some there."""
        found = self.env["biometric.punch"]._usable(people.ids, self.date_from, self.date_to)
        devices = self.env["biometric.device"].browse({punch.device_id for punch in found})
        here = devices.filtered(lambda device: device.company_id == self.company_id)
        return [punch for punch in found if punch.device_id in here._ids]

    def _incomplete(self, people, book, method):
        """(incomplete, worked) days if everybody's punches were paired this way."""
        if not people:
            return 0, 0
        dates = dates_between(self.date_from, self.date_to)
        variant = _Variant(book, method)
        incomplete = worked = 0
        computed = self.env["biometric.day.facts"]._computed(
            people, {person.id: dates for person in people}, variant
        )
        for _employee, results in computed:
            for result in results:
                if result.plan.company_on(result.day.work_date) != self.company_id.id:
                    continue
                derivation = result.day.derivation
                if not (derivation.get("sessions") or derivation.get("ignored")):
                    continue
                worked += 1
                incomplete += _is_open(result.day)
        return incomplete, worked

    @api.model
    def _best(self, shares):
        """The method that leaves clearly fewer days incomplete; ours (`alternate`) else. First and
        last punch hide what is missing, so they are measured but never proposed."""
        share = {method: _percent(*shares[method]) for method in ("alternate", "strict")}
        better = share["alternate"] - share["strict"] >= CLEARLY_BETTER
        return "strict" if better else "alternate"

    @api.model
    def _labels_right(self, punches):
        """Of 100 days of a person, how many begin with IN and alternate to an OUT."""
        days = {}
        for punch in punches:
            days.setdefault((punch.employee_id, punch.wall_time[:10]), []).append(punch)
        if not days:
            return 0.0
        right = sum(_alternates(own) for own in days.values())
        return round(_percent(right, len(days)), 1)

    # ------------------------------------------------------------------ answers

    @api.model
    def _method_lines(self, shares, chosen):
        names = dict(self._fields["proposed_method"]._description_selection(self.env))
        return [
            {
                "topic": self.env._("Pairing: %s", names[method]),
                "text": self.env._(
                    "%(share)s %% of %(days)s days incomplete",
                    share=f"{_percent(*shares[method]):.1f}",
                    days=shares[method][1],
                ),
                "is_warning": False,
                "is_proposed": method == chosen,
            }
            for method in METHODS
        ]

    @api.model
    def _tap_lines(self, punches):
        """How many pauses each window would swallow, and how many of them are real breaks."""
        gaps = Counter()
        before = None
        for punch in punches:
            if before is not None and before.employee_id == punch.employee_id:
                seconds = (punch.instant - before.instant).total_seconds()
                is_break = (_label(before), _label(punch)) == (OUT, IN)
                if seconds < 60:
                    gaps["tap"] += 1
                elif seconds <= 300:
                    gaps["short"] += 1
                    gaps["break"] += is_break
            before = punch
        return [
            {
                "topic": self.env._("Double taps"),
                "text": self.env._("Pairs of punches within 60 seconds: %s", gaps["tap"]),
                "is_warning": False,
                "is_proposed": True,
            },
            {
                "topic": self.env._("Longer windows"),
                "text": self.env._(
                    "A window of 5 minutes would drop %(count)s more punches, %(breaks)s "
                    "of them someone coming back from a break",
                    count=gaps["short"],
                    breaks=gaps["break"],
                ),
                "is_warning": bool(gaps["break"]),
                "is_proposed": False,
            },
        ]

    @api.model
    def _drift_lines(self, punches):
        """Terminals whose clock runs ahead of a trusted one: a live punch cannot be early."""
        ahead = {}
        for punch in punches:
            if (punch.offset_seconds or 0) > DRIFT_SECONDS:
                ahead.setdefault(punch.device_id, []).append(punch.offset_seconds)
        for device in self.env["biometric.device"].browse(ahead).sorted("name"):
            if device in self._devices():
                yield {
                    "topic": self.env._("Clock of %s", device.name),
                    "text": self.env._(
                        "was ahead by %(seconds)s seconds (median); punches: %(count)s",
                        count=len(ahead[device.id]),
                        seconds=median_low(ahead[device.id]),
                    ),
                    "is_warning": True,
                    "is_proposed": False,
                }

    def _pin_lines(self):
        """PINs that are on a terminal and never punch, and PINs that punch and mean nobody."""
        self.env.cr.execute(
            """SELECT count(*) FILTER (WHERE u.sync_state = 'on_device' AND NOT seen),
                      count(*) FILTER (WHERE u.employee_id IS NULL AND seen)
                 FROM (SELECT u.*, EXISTS (SELECT 1 FROM biometric_punch p
                                            WHERE p.device_id = u.device_id AND p.pin = u.pin
                                              AND p.wall_date BETWEEN %s AND %s) AS seen
                         FROM biometric_device_user u WHERE u.device_id = ANY(%s)) u""",
            (self.date_from, self.date_to, self._devices().ids),
        )
        silent, unmapped = self.env.cr.fetchone()
        texts = (
            (
                silent,
                self.env._(
                    "registered on a terminal without any punch: have they left the company?"
                ),
            ),
            (unmapped, self.env._("punched but not mapped: map them")),
        )
        for count, text in texts:
            if count:
                yield {
                    "topic": self.env._("PINs: %s", count),
                    "text": text,
                    "is_warning": True,
                    "is_proposed": False,
                }


class _Variant:
    """A RuleBook in which everybody's punches are paired by one method."""

    def __init__(self, book, method):
        self._book, self._method, self._made = book, method, {}

    def summing(self):
        return self._book.summing()

    def find(self, *who):
        rule_id, name, rules = self._book.find(*who)
        made = self._made.get(id(rules))
        if made is None:
            made = self._made[id(rules)] = replace(rules, pairing_method=self._method)
        return rule_id, name, made


def _is_open(day):
    """Whether a session of a past date has no end, be it that one may still arrive: the pairing
    left it open, and how late a terminal delivers says nothing about a method."""
    if day.status != "pending":
        return day.status == "incomplete"
    return any(session["out"] is None for session in day.derivation.get("sessions", ()))


def _percent(part, whole):
    return 100 * part / whole if whole else 0.0


def _label(punch):
    return punch.direction


def _alternates(punches):
    labels = [_label(punch) for punch in punches]
    wanted = [IN if number % 2 == 0 else OUT for number in range(len(labels))]
    return labels == wanted and len(labels) % 2 == 0


class BiometricCalibrationLine(models.TransientModel):
    _name = "biometric.calibration.line"
    _inherit = ["biometric.dialog"]
    _description = "Site calibration: one answer"

    calibration_id = fields.Many2one("biometric.calibration", required=True, ondelete="cascade")
    topic = fields.Char(readonly=True)
    text = fields.Char("Result", readonly=True)
    is_warning = fields.Boolean("Warning", readonly=True)
    is_proposed = fields.Boolean("Proposed", readonly=True)
