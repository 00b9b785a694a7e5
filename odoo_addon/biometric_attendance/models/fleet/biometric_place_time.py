"""The time of the place beside an instant: what the clock at the terminal showed then, as a text
that a list, a group, a filter, an export and a mail show alike, whoever reads.

Owns how the text comes about: by a trigger of the table, so that no way of writing a row forgets
it, in the zone that the terminal had at that instant. Must not know what the instants are.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import wall

# In the zone of the terminal's span that had come, else of its first one, else of its branch. A
# name that the server does not know shows UTC instead of failing whatever is being written.
_TIME = f"""
CREATE OR REPLACE FUNCTION biometric_place_time(device integer, agent integer, at timestamp)
RETURNS text AS $$
BEGIN
    RETURN to_char(at AT TIME ZONE 'UTC' AT TIME ZONE biometric_zone(COALESCE(
        (SELECT z.tz FROM biometric_device_zone z
          WHERE z.device_id = device
            AND (z.valid_from = '{wall.BEGINNING}'
                 OR z.valid_from <= to_char(at AT TIME ZONE 'UTC' AT TIME ZONE biometric_zone(z.tz),
                                            'YYYY-MM-DD HH24:MI:SS'))
          ORDER BY z.valid_from DESC LIMIT 1),
        (SELECT z.tz FROM biometric_device_zone z
          WHERE z.device_id = device ORDER BY z.valid_from LIMIT 1),
        (SELECT a.tz FROM biometric_agent a WHERE a.id = agent),
        'UTC')), 'YYYY-MM-DD HH24:MI');
END;
$$ LANGUAGE plpgsql STABLE
"""


class BiometricPlaceTime(models.AbstractModel):
    _name = "biometric.place.time"
    _description = "Times of the place beside instants"

    # Column of the text: column of the instant.
    _place_times = {}
    # Column that names the terminal.
    _place_device = "device_id"

    def init(self):
        if self._abstract:
            if self._name == "biometric.place.time":
                self.env.cr.execute(_TIME)
        else:
            self._place_trigger()
        return super().init()

    def _say_again(self, condition):
        """Have the trigger say the times of rows `t` anew."""
        self.flush_model()
        instant = SQL.identifier(min(self._place_times.values()))
        self.env.cr.execute(
            SQL(
                "UPDATE %s t SET %s = %s WHERE %s",
                SQL.identifier(self._table),
                instant,
                instant,
                condition,
            )
        )
        self.invalidate_model()

    def _place_trigger(self):
        """(Re)create the trigger of this table."""
        self.env.cr.execute(_TIME)
        name, table = SQL.identifier(f"{self._table}_place"), SQL.identifier(self._table)
        device = f"NEW.{self._place_device}"
        lines = "\n".join(
            f"    NEW.{text} := biometric_place_time({device}, NEW.agent_id, NEW.{instant});"
            for text, instant in self._place_times.items()
        )
        body = f"BEGIN\n{lines}\n    RETURN NEW;\nEND;"
        self.env.cr.execute(
            SQL(
                "CREATE OR REPLACE FUNCTION %s() RETURNS trigger AS %s LANGUAGE plpgsql", name, body
            )
        )
        watched = {*self._place_times.values(), self._place_device, "agent_id"} - {"id"}
        columns = SQL(", ").join(map(SQL.identifier, sorted(watched)))
        self.env.cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", name, table))
        self.env.cr.execute(
            SQL(
                "CREATE TRIGGER %s BEFORE INSERT OR UPDATE OF %s ON %s "
                "FOR EACH ROW EXECUTE FUNCTION %s()",
                name,
                columns,
                table,
                name,
            )
        )


class BiometricDevicePlaceTime(models.AbstractModel):
    _name = "biometric.device.place.time"
    _inherit = ["biometric.place.time"]
    _description = "Times of its place on a terminal"

    _place_times = {
        "last_heard_place": "last_heard_at",
        "last_punch_place": "last_punch_at",
        "complete_place": "complete_until",
    }
    _place_device = "id"

    last_heard_place = fields.Char("Last contact (place's time)", readonly=True, copy=False)
    last_punch_place = fields.Char("Last punch (place's time)", readonly=True, copy=False)
    complete_place = fields.Char("Complete until (place's time)", readonly=True, copy=False)

    def _show_places_again(self):
        """Their zones were corrected: what stands beside their instants is made anew."""
        self.env["biometric.device.zone"].flush_model()
        for model in self.env["biometric.agent"]._of_places():
            device = SQL.identifier(model._place_device)
            model._say_again(SQL("%s = ANY(%s)", device, self.ids))


class BranchPlaces:
    """Of biometric.agent: the times that hang on its zone. Mixed into its one class
    (biometric_statement.py)."""

    __slots__ = ()

    def write(self, vals):
        before = {agent.id: agent.tz for agent in self} if "tz" in vals else {}
        result = super().write(vals)
        changed = self.filtered(lambda agent: agent.id in before and agent.tz != before[agent.id])
        if changed:
            changed._show_branch_again()
        return result

    @api.model
    def _of_places(self):
        """Models with a place's time beside an instant."""
        return [self.env[name] for name in ("biometric.device", "biometric.gap", "biometric.run")]

    def _show_branch_again(self):
        """The zone of these branches was changed: what hangs on it is made anew, that is of rows
        without a terminal, and of terminals of which no zone of their own is known."""
        self.flush_model(["tz"])
        self.env["biometric.device.zone"].flush_model()
        for model in self._of_places():
            device = SQL("t.%s", SQL.identifier(model._place_device))
            model._say_again(
                SQL(
                    """t.agent_id = ANY(%s) AND NOT EXISTS (
                           SELECT 1 FROM biometric_device_zone z WHERE z.device_id = %s)""",
                    self.ids,
                    device,
                )
            )
