"""The numbered, hash-chained sequence of one agent's sightings, as far as Odoo holds it.

The row is written by ingest alone; what the agent says about its own head is in
biometric.lane.head, so that sync never waits for a batch.
"""

from odoo import fields, models


class BiometricLane(models.Model):
    _name = "biometric.lane"
    _description = "Lanes"
    _log_access = False
    _rec_name = "lane"
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    agent_id = fields.Many2one("biometric.agent", required=True, index=True, ondelete="restrict")
    lane = fields.Char(required=True, readonly=True)
    started_at = fields.Datetime("Started on", required=True, readonly=True)
    head_seq = fields.Integer(
        "Head", readonly=True, help="Largest number without a hole below it, chain verified"
    )
    head_hash = fields.Char("Head hash", readonly=True)
    max_seq = fields.Integer("Largest number", readonly=True)
    moved_at = fields.Datetime("Head moved", readonly=True)
    broken_seq = fields.Integer(
        "Broken at", readonly=True, help="The hash of this number does not follow; head stopped"
    )
    checkpoint_seq = fields.Integer(
        "Checkpoint number",
        readonly=True,
        help="Numbers up to this one were deleted under the retention policy",
    )
    checkpoint_hash = fields.Char("Checkpoint hash", readonly=True)
    # The agent's signature over whole batches; the one over its head is in biometric.lane.head.
    signed_at = fields.Datetime(
        "Signed batches since", readonly=True, help="The first batch that the agent's key signed"
    )
    unsigned_at = fields.Datetime(
        "Unsigned batch", readonly=True, help="The first batch that came without a signature"
    )
    head_ids = fields.One2many("biometric.lane.head", "lane_id", "Signed heads", readonly=True)

    # The same lane under a new agent record (a Pi paired again) starts from what that one delivers.
    _one_lane = models.UniqueIndex("(agent_id, lane)")
