"""How reading a terminal over port 4370 fares, beside what its push says; which of the two carries
it now.

Status as its agent said at the last sync, written by biometric.sync in SQL. What a read proves is
judged by its run (biometric.proof). Must not know the protocol of the read.
"""

from odoo import api, fields, models

# How the agent's plan of reads names this reason (`asked_by` of a run).
PUSH_SILENT = "push is silent"


class BiometricDevice(models.Model):
    _inherit = "biometric.device"

    polled_at = fields.Datetime("Last read", readonly=True, copy=False)
    complete_read_at = fields.Datetime(
        "Last complete read",
        readonly=True,
        copy=False,
        help="When the last read began that got every record the terminal counts",
    )
    oldest_pending_at = fields.Datetime("Oldest undelivered", readonly=True, copy=False)
    carrier = fields.Selection(
        [("push", "Push"), ("poll", "Reading")],
        "Carried by",
        readonly=True,
        copy=False,
        help="Reading takes over while push is silent, and steps back when it is heard again",
    )
    carrier_since = fields.Datetime("Carried so since", readonly=True, copy=False)
    carrier_reason = fields.Char("Because", readonly=True, copy=False)

    @api.model
    def _note_carriers(self, runs, heard):
        """A switch between the channels, noted with its reason.

        runs: the runs that are new; heard: [(device, when push was heard last)].
        """
        for run in runs.sorted("started_at"):
            if run.channel == "poll" and run.asked_by == PUSH_SILENT:
                run.device_id._switch_carrier("poll", run.started_at, self.env._("push is silent"))
        for device, heard_at in heard:
            if device.carrier == "poll" and heard_at and heard_at > device.carrier_since:
                device._switch_carrier("push", heard_at, self.env._("push is heard again"))

    def _switch_carrier(self, carrier, since, reason):
        self.ensure_one()
        if self.carrier == carrier:
            return
        self.write({"carrier": carrier, "carrier_since": since, "carrier_reason": reason})
        words = {
            "poll": self.env._("Reading takes over: %s", reason),
            "push": self.env._("Reading steps back: %s", reason),
        }
        self.message_post(body=words[carrier])
