"""Names of time zones that PostgreSQL is asked to compute with: one it does not know is an error,
and an error in one row empties a whole list.

Odoo offers the zones that Python knows, PostgreSQL those of its own server. Fields of ours refuse
what it does not know; screens of many rows ask `biometric_zone(name)`, which takes UTC for such a
name. What is paid for never asks it: there the row raises and is set aside (biometric.job).
"""

from odoo import api, models
from odoo.exceptions import ValidationError

_FUNCTION = """
CREATE OR REPLACE FUNCTION biometric_zone(name text) RETURNS text AS $$
BEGIN
    PERFORM now() AT TIME ZONE name;
    RETURN name;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN 'UTC';
END;
$$ LANGUAGE plpgsql STABLE STRICT
"""


class BiometricZones(models.AbstractModel):
    _name = "biometric.zones"
    _description = "Zones that PostgreSQL knows"

    def init(self):
        if self._name == "biometric.zones":
            self.env.cr.execute(_FUNCTION)
        return super().init()

    @api.constrains("tz")
    def _check_server_knows_tz(self):
        for row in self.filtered("tz"):
            self.env.cr.execute("SELECT biometric_zone(%s)", (row.tz,))
            if self.env.cr.fetchone()[0] != row.tz:
                raise ValidationError(
                    self.env._(
                        "The database server does not know the time zone “%s”. Choose "
                        "another one for the same place, or have the server's list of "
                        "time zones updated.",
                        row.tz,
                    )
                )
