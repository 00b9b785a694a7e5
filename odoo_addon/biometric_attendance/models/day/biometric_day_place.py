"""When somebody came first and left last, by the clock of the place that the day was computed for:
texts that a list, a group, a filter, an export and a mail show alike, whoever reads.

Owns how they come about: by a trigger of the table, so that whatever writes a day keeps them in
step. Must not know how a day is computed.
"""

from odoo import fields, models
from odoo.tools import SQL

# `06:02`, and `06:02 +1` where it was on the following date.
_CLOCK = """to_char(local, 'HH24:MI') || CASE
        WHEN local::date = NEW.date THEN ''
        WHEN local::date > NEW.date THEN ' +' || (local::date - NEW.date)
        ELSE ' ' || (local::date - NEW.date) END"""
# In plpgsql and without a function of its own for each text: every computed day passes here. A name
# that the server does not know shows UTC instead of failing the day.
_TRIGGER = f"""
CREATE OR REPLACE FUNCTION biometric_day_place() RETURNS trigger AS $$
DECLARE
    zone text;
    local timestamp;
BEGIN
    NEW.in_place := NULL;
    NEW.out_place := NULL;
    IF NEW.first_in_at IS NULL AND NEW.last_out_at IS NULL THEN
        RETURN NEW;
    END IF;
    zone := biometric_zone(COALESCE(NEW.derivation->>'zone', 'UTC'));
    local := NEW.first_in_at AT TIME ZONE 'UTC' AT TIME ZONE zone;
    NEW.in_place := {_CLOCK};
    local := NEW.last_out_at AT TIME ZONE 'UTC' AT TIME ZONE zone;
    NEW.out_place := {_CLOCK};
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS biometric_day_place ON biometric_day;
CREATE TRIGGER biometric_day_place BEFORE INSERT OR UPDATE OF first_in_at, last_out_at, derivation
    ON biometric_day FOR EACH ROW EXECUTE FUNCTION biometric_day_place()
"""


class BiometricDayPlace(models.AbstractModel):
    _name = "biometric.day.place"
    _description = "Times of its place on a day"

    in_place = fields.Char("First in (place's time)", readonly=True, copy=False)
    out_place = fields.Char(
        "Last out (place's time)",
        readonly=True,
        copy=False,
        help="+1: on the following date.",
    )

    def init(self):
        if not self._abstract:
            self.env.cr.execute(SQL(_TRIGGER))
        return super().init()
