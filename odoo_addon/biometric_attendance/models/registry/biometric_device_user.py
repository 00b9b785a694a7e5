"""A PIN on a device, and the employee it means for a span of days.

Two things meet here: what the terminal says about its users (registry, with sync state), and what
an HR officer says about who they are (mapping). A PIN is text; `007` and `7` are two PINs.
Nothing is ever guessed: an unmapped PIN is work to do.
"""

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..mixins.biometric_team import TeamReader
from .biometric_registry import STANDINGS, DeviceUserStanding
from .biometric_registry_fit import DeviceUserFit
from .biometric_registry_push import DeviceUserPush

EVER = "0001-01-01"
NEVER = "9999-12-31"


class BiometricDeviceUser(
    TeamReader, DeviceUserStanding, DeviceUserFit, DeviceUserPush, models.Model
):
    _name = "biometric.device.user"
    _description = "Terminal users"
    _check_company_auto = True
    _inherit = ["biometric.audited"]
    _order = "device_id, pin, valid_from"
    _rec_name = "pin"
    _rec_names_search = ["pin", "device_name"]
    _audit_word = "mapping"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    device_id = fields.Many2one(
        "biometric.device",
        "Terminal",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    # For the search panel: found through the terminal.
    agent_id = fields.Many2one(related="device_id.agent_id")
    pin = fields.Char("PIN", required=True)
    employee_id = fields.Many2one(
        "hr.employee", index=True, ondelete="restrict", check_company=True
    )
    valid_from = fields.Date("From", help="First day; empty: from the beginning")
    valid_to = fields.Date("To", help="Last day; empty: no end")
    device_name = fields.Char("Name on terminal", readonly=True)
    privilege = fields.Char(readonly=True)
    card = fields.Char(readonly=True)
    group = fields.Char(readonly=True)
    has_password = fields.Boolean("Has a password", readonly=True)
    fingers = fields.Integer(readonly=True)
    faces = fields.Integer(readonly=True)
    palms = fields.Integer(readonly=True)
    seen_at = fields.Datetime("Seen on terminal", readonly=True)
    upload = fields.Char(readonly=True, help="The user list that contained it last")
    sync_state = fields.Selection(
        [
            ("unknown", "Never listed"),
            ("on_device", "On the terminal"),
            ("gone", "No longer on the terminal"),
        ],
        "Status on the terminal",
        default="unknown",
        required=True,
        readonly=True,
    )

    # For the record rule of approvers: live search, whatever the rule cache holds.
    team_user_id = fields.Many2one(
        "res.users", "Approver", compute="_compute_team", search="_search_team"
    )

    _one_span = models.UniqueIndex(
        "(device_id, pin, (COALESCE(valid_from, '0001-01-01'::date)))",
        "This PIN already has a mapping that starts on that day.",
    )
    _by_employee = models.Index("(employee_id, device_id) WHERE employee_id IS NOT NULL")

    standing = fields.Selection(
        STANDINGS, "Sync state", compute="_compute_standing", search="_search_standing"
    )
    suggested_employee_id = fields.Many2one(
        "hr.employee", "Probably", compute="_compute_suggestion", compute_sudo=True
    )
    suggestion_reason = fields.Char("Reason", compute="_compute_suggestion", compute_sudo=True)
    is_disabled = fields.Boolean(
        "Switched off",
        compute="_compute_is_disabled",
        help="The terminal does not accept their punches",
    )
    is_enrolled = fields.Boolean(
        "Enrolled",
        compute="_compute_is_enrolled",
        search="_search_is_enrolled",
        help="A finger, face, palm, card or password is registered on the terminal",
    )

    def _audit_days(self):
        return self.valid_from or None, self.valid_to or None

    @api.constrains("pin", "device_id", "employee_id", "valid_from", "valid_to")
    def _check_spans(self):
        for user in self:
            if user.valid_from and user.valid_to and user.valid_to < user.valid_from:
                raise ValidationError(self.env._("A mapping cannot end before it starts."))
            if not user.pin or len(user.pin) > 64 or "\n" in user.pin:
                raise ValidationError(self.env._("A PIN has 1 to 64 characters."))
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """SELECT a.pin FROM biometric_device_user a JOIN biometric_device_user b
                     ON b.device_id = a.device_id AND b.pin = a.pin AND b.id <> a.id
                  WHERE a.id = ANY(%s)
                    AND COALESCE(a.valid_from, %s) <= COALESCE(b.valid_to, %s)
                    AND COALESCE(b.valid_from, %s) <= COALESCE(a.valid_to, %s) LIMIT 1""",
                self.ids,
                EVER,
                NEVER,
                EVER,
                NEVER,
            )
        )
        if row := self.env.cr.fetchone():
            raise ValidationError(
                self.env._("PIN %s would belong to two people on the same day.", row[0])
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            device = self.env["biometric.device"].browse(vals.get("device_id"))
            if self.env.context.get("import_file"):
                vals["pin"] = self._with_zeros(device, str(vals.get("pin") or ""))
            vals["company_id"] = device.sudo().company_id.id
            if vals.get("employee_id") and not vals.get("valid_from"):
                vals["valid_from"] = device.sudo()._service_day()
        if self.env.context.get("import_file"):
            return self.browse().union(*map(self._create_imported, vals_list))
        return self._create_marked(vals_list)

    def _create_imported(self, vals):
        """A line of a file about a PIN that the terminal told and nobody owns is about that row."""
        known = self.search(
            [
                ("device_id", "=", vals.get("device_id")),
                ("pin", "=", vals.get("pin")),
                ("employee_id", "=", False),
                ("valid_to", "=", False),
            ],
            limit=1,
        )
        if not known or not vals.get("employee_id"):
            return self._create_marked([vals])
        names = ("employee_id", "valid_from", "valid_to")
        known.write({name: vals[name] for name in names if vals.get(name)})
        return known

    def _create_marked(self, vals_list):
        users = super().create(vals_list)
        users.filtered("employee_id")._mark_days()
        return users

    def write(self, vals):
        mapping = bool(set(vals) & {"employee_id", "valid_from", "valid_to", "pin", "device_id"})
        if set(vals) & {"pin", "device_id"}:
            raise UserError(
                self.env._("PIN and terminal of a row cannot be changed; add another row.")
            )
        if mapping:
            self._mark_days()
        if vals.get("employee_id") and "valid_from" not in vals:
            self._begin_with_service()
        result = super().write(vals)
        if mapping:
            self.flush_model()
            self._mark_days()
        return result

    @api.model
    def _with_zeros(self, device, pin):
        """A PIN of a file as the terminal knows it: spreadsheets take the zeros before it away."""
        if not pin.isdigit():
            return pin
        self.flush_model()
        self.env.cr.execute(
            """SELECT DISTINCT pin FROM biometric_device_user
                WHERE device_id = %s AND ltrim(pin, '0') = ltrim(%s, '0')""",
            (device.id, pin),
        )
        known = {row[0] for row in self.env.cr.fetchall()}
        if pin in known or not known:
            return pin
        if len(known) > 1:
            raise UserError(
                self.env._(
                    "PIN %(pin)s may be %(known)s on this terminal: spreadsheets remove "
                    "leading zeros. Enter the PIN as text.",
                    pin=pin,
                    known=", ".join(sorted(known)),
                )
            )
        return known.pop()

    def _begin_with_service(self):
        """A first mapping begins with the service of its terminal: what it held before belongs to
        other people. HR may name an earlier day."""
        for user in self.filtered(lambda row: not row.employee_id and not row.valid_from):
            if day := user.device_id.sudo()._service_day():
                super(BiometricDeviceUser, user).write({"valid_from": day})

    def unlink(self):
        self._mark_days()
        return super().unlink()

    def _mark_days(self):
        """The days of everybody whom these spans mean now: those of the PIN's punches, and those
        that were judged by which devices the person may use."""
        self.flush_model()
        stale = self.env["biometric.stale.day"].sudo()
        for user in self.filtered("employee_id"):
            stale._mark_punches(
                device_ids=user.device_id.ids,
                pins=[user.pin],
                wall_from=user.valid_from,
                wall_to=user.valid_to,
            )
            # Of what its own person brought in a file, other people's days may hang on it too.
            carrier = user.employee_id.sudo().user_id
            if carrier and (brought := self.env["biometric.punch"]._vouched_by(carrier.ids)):
                stale._mark_punches(
                    device_ids=user.device_id.ids, pins=[user.pin], punch_ids=brought
                )
            stale._mark_judged(user.employee_id.ids, user.valid_from, user.valid_to)
            stale._mark(user._counted_days())
        self.env["biometric.area"]._wake_for(self.device_id.ids)

    @api.model
    def _follow_move(self, employee, today):
        """The person is in another company since today: PINs at terminals of others count for the
        last time today, which has the end of the last night. What a move of today ended there
        before, and nobody was given since, counts again."""
        rows = self.search([("employee_id", "=", employee.id), ("valid_to", "in", (False, today))])
        there = rows.filtered(lambda row: row.company_id == employee.company_id)
        (rows - there).filtered(lambda row: not row.valid_to).valid_to = today
        for row in there.filtered("valid_to"):
            mine = [("device_id", "=", row.device_id.id), ("pin", "=", row.pin)]
            if not self.search_count([*mine, ("valid_from", ">", today)], limit=1):
                row.valid_to = False
        self.env["biometric.area.member"]._end_elsewhere(employee)

    def _counted_days(self):
        """[(employee id, date)] around the days on which a person counts punches of this PIN."""
        self.ensure_one()
        self.env.cr.execute(
            """SELECT c.counts_date FROM biometric_decision c
                 JOIN biometric_punch p ON p.id = c.punch_id
                WHERE c.verdict = 'count_as' AND p.device_id = %s AND p.pin = %s
                  AND c.counts_date BETWEEN COALESCE(%s, c.counts_date)
                                        AND COALESCE(%s, c.counts_date)""",
            (self.device_id.id, self.pin, self.valid_from or None, self.valid_to or None),
        )
        return [
            (self.employee_id.id, fields.Date.add(day, days=step))
            for (day,) in self.env.cr.fetchall()
            for step in (-1, 0, 1)
        ]

    # ------------------------------------------------------------------ mapping

    @api.model
    def map_pins(self, device_ids, mappings):
        """Map many PINs at once, on every device given. Needs the rights of an HR officer.

        mappings: [[pin, employee_id] or [pin, employee_id, valid_from "YYYY-MM-DD"]].
        An open span of the PIN that means somebody else ends the day before `valid_from`.
        Returns the ids of the rows in force.
        """
        self.check_access("write")
        result = self.browse()
        for device in self.env["biometric.device"].browse(device_ids):
            device.check_access("read")
            for pin, employee_id, *rest in mappings:
                result |= self._map_one(device, str(pin), employee_id, rest[0] if rest else None)
        return result.ids

    def _map_one(self, device, pin, employee_id, valid_from):
        valid_from = fields.Date.to_date(valid_from) or False
        rows = self.search([("device_id", "=", device.id), ("pin", "=", pin)])
        last = rows.sorted(lambda row: row.valid_from or fields.Date.to_date(EVER))[-1:]
        if last and last.employee_id.id == employee_id and not last.valid_to:
            return last
        if last and not last.employee_id and (last.valid_from or False) == valid_from:
            last.employee_id = employee_id
            return last
        if last and not last.valid_to:
            if not valid_from:
                raise UserError(
                    self.env._(
                        "PIN %s is already mapped; choose the date from which it changes.", pin
                    )
                )
            last.valid_to = fields.Date.subtract(valid_from, days=1)
        return self.create(
            {
                "device_id": device.id,
                "pin": pin,
                "employee_id": employee_id,
                "valid_from": valid_from,
            }
        )

    # ------------------------------------------------------------------ what terminals say

    @api.model
    def _note_pins(self, device_pins):
        """Every (device_id, company_id, PIN) that punched is known: unknown ones become rows."""
        rows = sorted(set(device_pins))
        if not rows:
            return
        added = execute_values(
            self.env.cr._obj,
            """INSERT INTO biometric_device_user (company_id, device_id, pin, sync_state,
                   create_date, write_date)
               SELECT v.company_id, v.device_id, v.pin, 'unknown', now() AT TIME ZONE 'UTC',
                      now() AT TIME ZONE 'UTC'
                 FROM (VALUES %s) v (device_id, company_id, pin)
                WHERE NOT EXISTS (SELECT 1 FROM biometric_device_user u
                                   WHERE u.device_id = v.device_id AND u.pin = v.pin)
               ON CONFLICT DO NOTHING RETURNING device_id""",
            rows,
            page_size=1000,
            fetch=True,
        )
        self.env["biometric.area"]._wake_for({device for (device,) in added})

    @api.model
    def _receive(self, agent, serial, users, complete, upload=None):
        """Upsert what the terminal says of its users; returns how many PINs are on it.
        complete: the list is whole, so PINs it does not name are gone from the terminal.
        upload: None, or (id, total) of a list in several requests: it is whole once `total` PINs
        were named under that id, whatever the order of its parts and however often one comes.
        """
        upload_id, total = upload or (None, 0)
        device = self.env["biometric.device"]._for_serials(agent, [serial]).get(serial)
        if device is None:
            # Too many terminals wait for approval already; the list comes again.
            return 0
        self._note_pins((device.id, device.company_id.id, user["pin"]) for user in users)
        for user in users:
            self.env.cr.execute(
                """UPDATE biometric_device_user SET device_name = %(device_name)s,
                       privilege = %(privilege)s, card = %(card)s, "group" = %(group)s,
                       has_password = %(has_password)s, fingers = %(fingers)s, faces = %(faces)s,
                       palms = %(palms)s, sync_state = 'on_device',
                       seen_at = now() AT TIME ZONE 'UTC', upload = COALESCE(%(upload)s, upload)
                    WHERE device_id = %(device_id)s AND pin = %(pin)s""",
                dict(user, device_id=device.id, upload=upload_id),
            )
        if complete and upload_id:
            self.env.cr.execute(
                """UPDATE biometric_device_user SET sync_state = 'gone'
                    WHERE device_id = %(device_id)s AND sync_state = 'on_device'
                      AND upload IS DISTINCT FROM %(upload)s
                      AND %(total)s <= (SELECT count(DISTINCT pin) FROM biometric_device_user
                                        WHERE device_id = %(device_id)s AND upload = %(upload)s)""",
                {"device_id": device.id, "upload": upload_id, "total": total},
            )
        elif complete:
            self.env.cr.execute(
                """UPDATE biometric_device_user SET sync_state = 'gone'
                    WHERE device_id = %s AND sync_state = 'on_device' AND NOT pin = ANY(%s)""",
                (device.id, [user["pin"] for user in users]),
            )
        self.invalidate_model()
        self.env.cr.execute(
            """SELECT count(DISTINCT pin) FROM biometric_device_user
                WHERE device_id = %s AND sync_state = 'on_device'""",
            (device.id,),
        )
        return self.env.cr.fetchone()[0]
