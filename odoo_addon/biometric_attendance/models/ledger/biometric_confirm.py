"""Does Odoo hold what a terminal holds? Day by day by digest, then key by key. Reads only.

Asked before every clear of a terminal, so it looks at the table itself, never at a summary.
"""

import hashlib

from odoo import api, models


class BiometricConfirm(models.AbstractModel):
    _name = "biometric.confirm"
    _description = "Comparison with the stored punches"

    @api.model
    def _differing_days(self, agent, serial, days):
        """Days (text) whose count or digest differs. days: {day: (count, digest)}."""
        self.env.cr.execute(
            """SELECT wall_date::text, array_agg(key ORDER BY key COLLATE "C")
                 FROM biometric_punch p JOIN biometric_device d ON d.id = p.device_id
                WHERE p.company_id = %s AND d.serial = %s AND d.company_id = %s
                  AND p.wall_date = ANY(%s::date[])
                GROUP BY wall_date""",
            (agent.company_id.id, serial, agent.company_id.id, list(days)),
        )
        held = {
            day: (len(keys), hashlib.sha256("\n".join(keys).encode()).hexdigest())
            for day, keys in self.env.cr.fetchall()
        }
        nothing = (0, hashlib.sha256(b"").hexdigest())
        return [day for day in sorted(days) if held.get(day, nothing) != days[day]]

    @api.model
    def _missing_keys(self, agent, serial, keys):
        """Those of `keys` that Odoo does not hold for this serial, in the order asked."""
        self.env.cr.execute(
            """SELECT key FROM biometric_punch
                WHERE company_id = %s AND serial = %s AND key = ANY(%s)""",
            (agent.company_id.id, serial, keys),
        )
        held = {key for (key,) in self.env.cr.fetchall()}
        # What was erased is held: nothing has to come again, and a clear may go on.
        held |= self.env["biometric.erased.key"]._known(
            agent.company_id, [key for key in keys if key not in held]
        )
        return [key for key in keys if key not in held]

    @api.model
    def _undecided(self, agent, serial, digests):
        """Those of `digests` (of raw lines) that Odoo does not hold as an unreadable line of this
        serial, or that nobody released or discarded; in the order asked."""
        self.env.cr.execute(
            """SELECT encode(sha256(convert_to(s.raw, 'UTF8')), 'hex')
                 FROM biometric_sighting s JOIN biometric_device d ON d.id = s.device_id
                WHERE s.company_id = %s AND d.serial = %s AND s.kind = 'reject'
                  AND EXISTS (SELECT 1 FROM biometric_decision c WHERE c.sighting_id = s.id)
                  AND encode(sha256(convert_to(s.raw, 'UTF8')), 'hex') = ANY(%s)""",
            (agent.company_id.id, serial, digests),
        )
        decided = {row[0] for row in self.env.cr.fetchall()}
        return [item for item in digests if item not in decided]
