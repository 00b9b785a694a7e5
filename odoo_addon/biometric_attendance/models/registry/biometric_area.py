"""Areas: terminals that go together, and the people who belong to them.

Owns which terminals and people an area has, what HR states of its PINs, and how the form reads.
What that statement reaches is biometric_area_reach.py; who is missing on which terminal
biometric_area_place.py. An area by itself changes nobody's day and writes to no terminal.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .biometric_area_reach import AreaReach

READERS = (
    "biometric_attendance.group_approver,biometric_attendance.group_hr_officer,"
    "biometric_attendance.group_auditor"
)
PLACE_READERS = "biometric_attendance.group_hr_officer,biometric_attendance.group_auditor"
# Terminals named in the sentence about missing people.
MOST_NAMED = 8
# People and terminals that one dialog shows; more are chosen in the list behind the counter.
MOST_LINES = 200


class BiometricArea(AreaReach, models.Model):
    _name = "biometric.area"
    _description = "Areas"
    _check_company_auto = True
    _inherit = ["biometric.audited"]
    _order = "name, id"
    _audit_word = "area"

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    device_ids = fields.Many2many(
        "biometric.device",
        "biometric_area_device",
        "area_id",
        "device_id",
        "Terminals",
        check_company=True,
    )
    member_ids = fields.One2many(
        "biometric.area.member", "area_id", "People of the area", readonly=True, groups=READERS
    )
    # Nobody states something by duplicating: a copy says nothing until a person does.
    same_pins = fields.Boolean(
        "PINs are the same on all its terminals",
        copy=False,
        help="A PIN that is mapped to a person of the area on one terminal is mapped to the same "
        "person on the others, on the days on which that person belongs to the area. Switching "
        "this off changes nothing that is mapped already.",
    )
    stated_by_id = fields.Many2one(
        "res.users", "Stated by", readonly=True, ondelete="restrict", copy=False
    )
    stated_at = fields.Datetime("Stated on", readonly=True, copy=False)
    note = fields.Text()
    active = fields.Boolean(default=True)

    member_count = fields.Integer(
        "People", compute="_compute_member_count", compute_sudo=True, groups=READERS
    )
    missing_count = fields.Integer(
        "Missing on terminals", compute="_compute_places", groups=PLACE_READERS
    )
    extra_count = fields.Integer("To switch off", compute="_compute_places", groups=PLACE_READERS)
    left_out_count = fields.Integer("No consent", compute="_compute_places", groups=PLACE_READERS)
    missing_text = fields.Char(
        "Missing where", compute="_compute_missing_text", groups=PLACE_READERS
    )
    reach_text = fields.Char("Effect", compute="_compute_reach", groups=PLACE_READERS)
    conflict_count = fields.Integer(
        "Conflicting PINs", compute="_compute_reach", groups=PLACE_READERS
    )

    _one_name = models.UniqueIndex("(company_id, name)", "There is already an area of this name.")

    # ------------------------------------------------------------------ what is shown

    @api.depends("member_ids.valid_from", "member_ids.valid_to")
    def _compute_member_count(self):
        self.env["biometric.area.member"].flush_model()
        self.env.cr.execute(
            """SELECT area_id, count(DISTINCT employee_id) FROM biometric_area_member
                WHERE area_id = ANY(%s) AND COALESCE(valid_from, %s) <= %s
                  AND COALESCE(valid_to, %s) >= %s GROUP BY area_id""",
            (self.ids, *[self.env.company._biometric_today()] * 4),
        )
        found = dict(self.env.cr.fetchall())
        for area in self:
            area.member_count = found.get(area._origin.id, 0)

    def _compute_places(self):
        groups = self.env["biometric.area.place"]._read_group(
            [("area_id", "in", self.ids)], ["area_id", "kind"], ["__count"]
        )
        found = {(area.id, kind): count for area, kind, count in groups}
        for area in self:
            area.missing_count = found.get((area._origin.id, "missing"), 0)
            area.extra_count = found.get((area._origin.id, "extra"), 0)
            area.left_out_count = found.get((area._origin.id, "left_out"), 0)

    def _compute_missing_text(self):
        _ = self.env._
        groups = self.env["biometric.area.place"]._read_group(
            [("area_id", "in", self.ids), ("kind", "=", "missing")],
            ["area_id", "device_id"],
            ["__count"],
        )
        named = {}
        for area, device, count in groups:
            where = device.name or device.serial
            named.setdefault(area.id, []).append((count, where))
        for area in self:
            rows = sorted(named.get(area._origin.id, []), key=lambda row: (-row[0], row[1]))
            texts = [f"{where} {count}" for count, where in rows[:MOST_NAMED]]
            more = [f"+{len(rows) - MOST_NAMED}"] if len(rows) > MOST_NAMED else []
            area.missing_text = (
                _("People missing: %s", ", ".join([*texts, *more])) if texts else False
            )

    @api.depends("same_pins", "device_ids", "member_ids.valid_from", "member_ids.valid_to")
    @api.depends_context("lang")
    def _compute_reach(self):
        """What the statement would map, also of terminals that were chosen and not yet saved."""
        for area in self:
            found = area.sudo()._reach_of(area.device_ids._origin) if area.same_pins else None
            area.conflict_count = len(found.conflicts) if found else 0
            area.reach_text = area._reach_words(found) if found else False

    # ------------------------------------------------------------------ keeping

    @api.model_create_multi
    def create(self, vals_list):
        areas = super().create(vals_list)
        areas.filtered("same_pins")._note_statement()
        return areas

    def write(self, vals):
        if "company_id" in vals and set(self.company_id.ids) - {vals["company_id"]}:
            raise UserError(self.env._("An area stays in its company; create another one there."))
        before = {area.id: area._stated_of() for area in self}
        result = super().write(vals)
        self.filtered(lambda area: area._stated_of() - before[area.id])._note_statement()
        return result

    def _stated_of(self):
        """The terminals that a statement in force speaks of."""
        return self.device_ids if self.same_pins and self.active else self.device_ids.browse()

    def _note_statement(self):
        """Who says it now and of which terminals, and the job looks what follows from it."""
        if self:
            # set by the service: read-only for everybody else
            said = {"stated_by_id": self.env.uid, "stated_at": fields.Datetime.now()}
            self.sudo().write(said)
            self._wake()

    def copy_data(self, default=None):
        """A copy is called so, since no two areas of a company have one name."""
        values = super().copy_data(default)
        if "name" in (default or {}):
            return values
        for area, one in zip(self, values, strict=True):
            one["name"] = area._copy_name()
        return values

    def _copy_name(self):
        """The name of a copy; of a second one with its number, archived ones among them."""
        name = self.env._("%s (copy)", self.name)
        own = [("company_id", "=", self.company_id.id)]
        areas = self.sudo().with_context(active_test=False)
        number, free = 1, name
        while areas.search_count([*own, ("name", "=", free)], limit=1):
            number += 1
            free = f"{name} {number}"
        return free

    def unlink(self):
        self.check_access("unlink")
        # through the trail, not by a cascade of the table
        self.env["biometric.area.member"].search([("area_id", "in", self.ids)]).unlink()
        return super().unlink()

    # ------------------------------------------------------------------ ways from the form

    def action_open_members(self):
        return self._open("biometric_area_member_action", [("area_id", "in", self.ids)]) | {
            "context": {"default_area_id": self.id, "search_default_now": 1}
        }

    def action_open_places(self):
        """The list behind a counter, which says by its context which kind."""
        kind = self.env.context.get("biometric_kind")
        domain = [("area_id", "in", self.ids), *([("kind", "=", kind)] if kind else [])]
        return self._open("biometric_area_place_action", domain) | {"context": {}}

    def action_open_conflicts(self):
        self.check_access("read")
        # the number behind which they stand is for the same readers
        self.env["biometric.area.place"].check_access("read")
        rows = [row for area in self for row in area.sudo()._reach_of(area.device_ids).conflicts]
        return self._open("biometric_device_user_action", [("id", "in", rows)]) | {"context": {}}

    def action_write(self):
        """Opens the dialog with everybody who is missing and everybody who no longer belongs here;
        nothing is written before somebody confirms it there."""
        self.check_access("read")
        rows = self.env["biometric.area.place"].search(
            [("area_id", "in", self.ids), ("kind", "!=", "left_out")], limit=MOST_LINES + 1
        )
        if len(rows) > MOST_LINES:
            return self.action_open_places() | {"context": {"search_default_group_device": 1}}
        return rows.action_write()

    def _open(self, action, domain):
        self.check_access("read")
        found = self.env["ir.actions.act_window"]._for_xml_id(f"biometric_attendance.{action}")
        return found | {"domain": domain}
