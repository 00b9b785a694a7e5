"""An adjustment: a reasoned override of one day, or of a terminal's clock, with its states.

A ledger. A draft is its author's; once submitted a row says for ever what was asked for, by whom
and why, and only its state moves: submitted, then approved or rejected; approved, then reversed by
a further row of kind `reversal`. Nothing is deleted. Access lists give nobody a write, the ORM
refuses it under sudo, a trigger refuses it in SQL; each step leaves an audit entry.

The doors, for screens and dialogs: `request`, `amend`, `submit` (biometric_adjustment_ask.py),
`approve`, `reject`, `reverse`, `withdraw`, `answer` (biometric_adjustment_decide.py). That the same
minutes count once is biometric_adjustment_once.py, effect on a day biometric_adjustment_effect.py;
who may decide, biometric.approval.level. Must not know how minutes are computed.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...engine import BUCKET_FIELDS, KINDS
from .biometric_adjustment_ask import AdjustmentAsk
from .biometric_adjustment_decide import AdjustmentDecide
from .biometric_adjustment_effect import AdjustmentEffect
from .biometric_adjustment_levels import AdjustmentLevels
from .biometric_adjustment_once import AdjustmentOnce
from .biometric_adjustment_words import AdjustmentWords

KIND_LABELS = {
    "add_punch": "Add a punch",
    "void_punch": "Ignore a punch",
    "set_direction": "Set IN or OUT",
    "clock_correction": "Correct a terminal's clock",
    "excuse_late": "Excuse lateness",
    "excuse_early": "Excuse leaving early",
    "approve_ot": "Approve overtime",
    "reclassify": "Change the pay class",
    "set_minutes": "Set minutes of a pay class",
}
# Beside what the engine knows: a punch that somebody else made, and the end of another adjustment.
OURS = {"remap": "Punch of another person", "reversal": "Reverse an adjustment"}
# What overtime is held as is nobody's to hand out by naming it.
HELD = ("dropped", "unapproved")
PAY_CLASSES = [
    (name, name.replace("_", " ").capitalize()) for name in BUCKET_FIELDS if name not in HELD
]
STATES = [
    ("draft", "Draft"),
    ("submitted", "Waiting"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("reversed", "Reversed"),
]
# What moves on a submitted row, and how far.
_GUARD = """
CREATE OR REPLACE FUNCTION biometric_adjustment_guard() RETURNS trigger AS $$
DECLARE
    moves text[] := ARRAY['state', 'level', 'due_at', 'sequence', 'decided_at', 'decided_by_id',
                          'self_approved', 'is_provisional', 'awaits_answer'];
    step text := OLD.state;
BEGIN
    IF current_setting('biometric.allow_change', true) = 'on' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        step := OLD.state || ' ' || NEW.state;
        IF OLD.state = 'draft' AND NEW.state IN ('draft', 'submitted', 'rejected') THEN
            RETURN NEW;
        END IF;
        IF step IN ('submitted submitted', 'submitted approved', 'submitted rejected',
                    'approved reversed')
           AND to_jsonb(OLD) - moves = to_jsonb(NEW) - moves
           AND (OLD.state = 'submitted' OR to_jsonb(OLD) - 'state' = to_jsonb(NEW) - 'state') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME
        USING ERRCODE = '23514';
END;
$$ LANGUAGE plpgsql
"""


class BiometricAdjustment(
    AdjustmentAsk,
    AdjustmentDecide,
    AdjustmentEffect,
    AdjustmentLevels,
    AdjustmentOnce,
    AdjustmentWords,
    models.Model,
):
    _name = "biometric.adjustment"
    _description = "Adjustments"
    _inherit = ["biometric.guarded"]
    _log_access = False
    _order = "id desc"
    _append_only_function = "biometric_adjustment_guard"
    # The others may still move; a change of one of those to itself passes.
    _append_only_rows = "state IN ('approved', 'rejected', 'reversed')"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    employee_id = fields.Many2one(
        "hr.employee", readonly=True, ondelete="restrict", index=True, help="Empty: from a terminal"
    )
    # For the search panel: that of today.
    department_id = fields.Many2one(related="employee_id.department_id")
    date = fields.Date(readonly=True, required=True, index=True, help="The work date concerned.")
    kind = fields.Selection(
        [(name, KIND_LABELS[name]) for name in KINDS] + list(OURS.items()),
        required=True,
        readonly=True,
    )
    at = fields.Datetime("Punched at", readonly=True, help="For an added punch.")
    direction = fields.Selection([("in", "In"), ("out", "Out")], readonly=True)
    punch_id = fields.Many2one("biometric.punch", readonly=True, ondelete="restrict")
    device_id = fields.Many2one("biometric.device", "Terminal", readonly=True, ondelete="restrict")
    window_from = fields.Datetime("Clock wrong from", readonly=True)
    window_to = fields.Datetime("Clock wrong until", readonly=True)
    seconds = fields.Integer(
        "Seconds added", readonly=True, help="Added to the time the clock showed."
    )
    minutes = fields.Integer(readonly=True)
    pay_class = fields.Selection(PAY_CLASSES, "Pay class", readonly=True)
    to_class = fields.Selection(PAY_CLASSES, "New pay class", readonly=True)
    to_employee_id = fields.Many2one(
        "hr.employee", "Was made by", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    reverses_id = fields.Many2one(
        "biometric.adjustment", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    reason_id = fields.Many2one("biometric.reason", "Why", readonly=True, ondelete="restrict")
    reason_text = fields.Char("Explanation", readonly=True)
    evidence = fields.Json(
        "File digests", readonly=True, help="Name, size and SHA-256 of each attached file."
    )
    evidence_ids = fields.Many2many(
        "ir.attachment",
        "biometric_adjustment_evidence",
        "adjustment_id",
        "attachment_id",
        "Files",
        readonly=True,
    )
    requested_by_id = fields.Many2one(
        "res.users", "Requested by", required=True, readonly=True, ondelete="restrict"
    )
    requested_at = fields.Datetime("Requested on", required=True, readonly=True)
    by_link = fields.Boolean(
        "By personal link", readonly=True, help="The person requested it without a login."
    )
    bulk = fields.Char(
        "Action",
        readonly=True,
        index="btree_not_null",
        help="Links what was requested in one action.",
    )

    state = fields.Selection(STATES, required=True, readonly=True, default="draft", index=True)
    level = fields.Integer(readonly=True, help="The approval level it is waiting at.")
    due_at = fields.Datetime(
        "Decide before", readonly=True, help="After that the next level can decide as well."
    )
    sequence = fields.Integer("Approval sequence", readonly=True)
    decided_at = fields.Datetime("Decided on", readonly=True)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, ondelete="restrict")
    decider_ids = fields.Many2many(
        "res.users",
        "biometric_adjustment_decider",
        "adjustment_id",
        "user_id",
        "Who may decide",
        readonly=True,
        help="Who sees that it is waiting. Permission to decide is checked again when they decide.",
    )
    self_approved = fields.Boolean("Self-approved", readonly=True)
    is_provisional = fields.Boolean(
        "Provisional",
        readonly=True,
        help="Entered while a terminal still had punches to deliver: it is replaced when the "
        "real one arrives.",
    )
    awaits_answer = fields.Boolean(
        "Waiting for the employee",
        readonly=True,
        help="Approved, but not in effect until the employee agrees or the time to answer has "
        "passed.",
    )
    day_before = fields.Json(
        "Day before the request",
        readonly=True,
        help="The day as it was at the time of the request.",
    )
    step_ids = fields.One2many("biometric.adjustment.step", "adjustment_id", readonly=True)

    change_text = fields.Char("Change", compute="_compute_change_text")
    before_text = fields.Text("Before", compute="_compute_day_texts")
    after_text = fields.Text("After", compute="_compute_day_texts")
    evidence_text = fields.Text("Attached files", compute="_compute_evidence_text")
    waits_text = fields.Char("Waiting for", compute="_compute_waits")
    is_late = fields.Boolean("Late", compute="_compute_waits", search="_search_is_late")
    can_decide = fields.Boolean(
        "Can decide", compute="_compute_can_decide", search="_search_can_decide"
    )
    is_mine = fields.Boolean("Requested by me", compute="_compute_is_mine")
    is_own = fields.Boolean("About myself", compute="_compute_is_mine")

    _in_effect = models.Index("(employee_id, sequence) WHERE state = 'approved'")
    _of_clock = models.Index("(device_id) WHERE state = 'approved' AND kind = 'clock_correction'")
    _may_yield = models.Index("(employee_id) WHERE state = 'approved' AND is_provisional")
    _open = models.Index("(company_id, due_at) WHERE state = 'submitted'")

    def init(self):
        self.env.cr.execute(_GUARD)
        return super().init()

    @api.depends("kind", "employee_id", "device_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for one in self:
            who = one.sudo().employee_id.name or one.sudo().device_id.name or ""
            day = one.date and format_date(self.env, one.date) or ""
            one.display_name = f"{kinds.get(one.kind, '')}: {who}, {day}"

    @api.depends_context("uid")
    @api.depends("requested_by_id")
    def _compute_is_mine(self):
        own = self.env["biometric.duty"].sudo()._own(self.env.uid)
        for one in self:
            one.is_mine = one.requested_by_id == self.env.user
            one.is_own = one.sudo().employee_id.id in own

    # ------------------------------------------------------------------ of swaps too

    @api.model
    def _refresh_deciders(self, company):
        self.env["biometric.swap"]._refresh_deciders(company)
        return super()._refresh_deciders(company)

    @api.model
    def _cron_escalate(self):
        self.env["biometric.swap"]._cron_escalate()
        return super()._cron_escalate()

    @api.model
    def _cron_answers(self):
        self.env["biometric.swap"]._cron_answers()
        return super()._cron_answers()

    # ------------------------------------------------------------------ buttons

    def action_agree(self):
        """The person concerned agrees."""
        for one in self:
            one.answer(True)
        return True

    def action_reject(self):
        return self._say("reject", self.env._("Reject"))

    def action_reverse(self):
        return self._say("reverse", self.env._("Reverse"))

    def action_dispute(self):
        return self._say("dispute", self.env._("Dispute"))

    def _say(self, verdict, name):
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.adjustment.say",
            "name": name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_verdict": verdict,
                "default_adjustment_ids": [(6, 0, self.ids)],
            },
        }

    # ------------------------------------------------------------------ the ledger

    def write(self, vals):
        """Nobody writes an adjustment; its steps move it (`_move`)."""
        if vals:
            raise UserError(self.env._("%s cannot be changed.", self._description))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_refused(self):
        raise UserError(self.env._("%s cannot be deleted.", self._description))

    def _move(self, vals):
        """The one way to change a row: the guard of the table says what may move when."""
        super(BiometricAdjustment, self.sudo()).write(vals)
        self.flush_recordset()

    def _note(self, action, text=None, **values):
        """A step of this adjustment by whoever acts; the step."""
        self.ensure_one()
        return (
            self.env["biometric.adjustment.step"]
            .sudo()
            .create(
                {
                    "adjustment_id": self.id,
                    "company_id": self.sudo().company_id.id,
                    "employee_id": self.sudo().employee_id.id,
                    "action": action,
                    "level": self.level,
                    "text": (text or "").strip() or False,
                    "user_id": self.env.uid,
                    "done_at": fields.Datetime.now(),
                    **values,
                }
            )
        )

    def _tell_trail(self, step, concern, before=None, **more):
        """The audit entry of a step: the row as it stands, and what else the step knows."""
        self.ensure_one()
        self.flush_recordset()
        said = self.env["biometric.state"].sudo()._said(self.sudo())
        return self.env["biometric.audit"]._record(
            f"adjustment.{step}",
            self,
            before,
            {**said, **more},
            more.get("text") or self._reason_words(),
            company=self.sudo().company_id,
            concern=concern,
        )
