"""One agent's way to one release: its place in the random order, how far it is, how it ended.

Owns the order, what an agent is shown, and what its words at sync mean for a release. Which two
fetch at a time is biometric_update_seat's. Rows are written by the service alone.
"""

import math
import random
from datetime import timedelta

from odoo import api, fields, models

from ...contract import update_set
from ..agent.biometric_agent import SILENT_SECONDS
from .biometric_release import SHARES

# While in one of these a release may still come to an agent.
OPEN = ("waiting", "fetching", "fetched", "trial")
# A file that is whole is laid and on trial within minutes.
FETCHED_PATIENCE = timedelta(minutes=30)
# Of an order; drawn by the system's generator, so that nobody can say who is first.
PLACES = 2**31 - 1


class BiometricUpdate(models.Model):
    _name = "biometric.update"
    _description = "Updates of agents"
    _order = "release_id desc, is_chosen desc, place"
    _rec_name = "agent_id"
    # Written with every range of a file.
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    release_id = fields.Many2one(
        "biometric.release",
        "Agent version",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    agent_id = fields.Many2one(
        "biometric.agent", required=True, readonly=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(
        [
            ("outside", "Not in this rollout step yet"),
            ("waiting", "Waiting for its turn"),
            ("fetching", "Downloading"),
            ("fetched", "Downloaded"),
            ("trial", "On trial"),
            ("confirmed", "Runs it"),
            ("reverted", "Rolled back"),
            ("refused", "Rejected it"),
        ],
        required=True,
        readonly=True,
        default="outside",
        group_expand=True,
    )
    place = fields.Integer("Place in the queue", required=True, readonly=True)
    # Without the default an agent that comes late has none, which stands in front of all.
    is_chosen = fields.Boolean("Chosen", default=False, readonly=True)
    from_version = fields.Char("Previous version", readonly=True)
    agent_version = fields.Char(related="agent_id.agent_version", string="Runs now")
    shown_at = fields.Datetime("Offered since", readonly=True)
    shown_set = fields.Integer("Number of the set it was shown", readonly=True)
    served_at = fields.Datetime("Last part downloaded", readonly=True)
    served_bytes = fields.Integer("Bytes downloaded", readonly=True)
    progress = fields.Integer("Downloaded (%)", compute="_compute_progress")
    ended_at = fields.Datetime("Ended", readonly=True)
    reason = fields.Char("Why", readonly=True)
    # The end's reason, or what an agent waits for that has not begun.
    why = fields.Char(compute="_compute_why")
    # Turns that went by without a byte: who cannot come holds up nobody twice.
    lost_turns = fields.Integer("Missed turns", default=0, readonly=True)
    # Which of the two seats it holds while it fetches; 0: none.
    seat = fields.Integer("Order in release", default=0, readonly=True)

    _one_way = models.Constraint(
        "UNIQUE (release_id, agent_id)", "An agent can be listed only once in a release."
    )
    # Two transactions that give the same seat away: the later one fails, whatever it has seen.
    _one_seat = models.UniqueIndex("(seat) WHERE seat > 0")
    _by_agent = models.Index("(agent_id, release_id DESC)")

    @api.depends("served_bytes", "state")
    def _compute_progress(self):
        for row in self:
            file = row.release_id._file_for(row.agent_id.host_arch)
            done = row.state in ("fetched", "trial", "confirmed", "reverted")
            share = row.served_bytes / file["length"] if file else 0
            row.progress = 100 if done else round(100 * share)

    @api.depends("reason", "state", "release_id.state", "agent_id.updates_itself")
    @api.depends_context("lang")
    def _compute_why(self):
        heard = fields.Datetime.now() - timedelta(seconds=SILENT_SECONDS)
        newest = {company: self.sudo()._newest(company) for company in self.sudo().company_id}
        for row in self.sudo():
            waits = row.state in ("waiting", "fetching")
            held = row._what_holds_it(newest[row.company_id], heard) if waits else ""
            row.why = row.reason or held

    def _what_holds_it(self, newest, heard):
        """What has to change before it can fetch; "" where it only has to wait for others. newest:
        the release that counts; heard: who was not heard since is silent."""
        release, agent, _ = self.release_id, self.agent_id, self.env._
        reasons = (
            (not release.company_id.biometric_updates, _("updates are switched off")),
            (newest and newest != release, _("%s is offered instead", newest.display_name)),
            (release.state == "halted", _("the release is halted")),
            (
                release.expires_at <= fields.Datetime.now(),
                _("its metadata has expired: have a new set signed and import it"),
            ),
            (
                not agent.updates_itself,
                _("its program accepts no updates: install the new file there manually"),
            ),
            (
                not release._file_for(agent.host_arch),
                _("there is no file for its type of machine (%s)", agent.host_arch or "?"),
            ),
            ((agent.last_seen_at or heard) <= heard, _("the agent is not responding")),
            (agent.queue_pending, _("punches are waiting there, and are sent first")),
        )
        return next((words for holds, words in reasons if holds), "")

    # ------------------------------------------------------------------ the order

    @api.model
    def _enlist(self, release):
        """A row of every active agent of the company, at a place that is drawn once; those within
        the ring wait for their turn."""
        agents = self.env["biometric.agent"].search(
            [("company_id", "=", release.company_id.id), ("state", "=", "active")]
        )
        known = self.search([("release_id", "=", release.id)])
        drawn = random.SystemRandom()
        self.create(
            [
                {
                    "company_id": release.company_id.id,
                    "release_id": release.id,
                    "agent_id": agent.id,
                    "place": drawn.randrange(PLACES),
                    "from_version": agent.agent_version,
                }
                for agent in agents - known.agent_id
            ]
        )
        rows = self.search([("release_id", "=", release.id)], order="place, id")
        dropped = rows.filtered(lambda row: row.is_chosen and row.agent_id not in release.agent_ids)
        dropped.is_chosen = False
        rows.filtered(lambda row: row.agent_id in release.agent_ids).is_chosen = True
        within = rows[: self._ring_size(release, len(rows))] | rows.filtered("is_chosen")
        within.filtered(lambda row: row.state == "outside").state = "waiting"
        # Chosen no more, and has not begun to try it.
        begun = dropped.filtered(lambda row: row.state in ("waiting", "fetching"))
        (begun - within).write({"state": "outside", "seat": 0})

    @api.model
    def _ring_size(self, release, count):
        return math.ceil(count * SHARES[release.ring] / 100)

    @api.model
    def _add_late(self, release, agent):
        """An agent that was approved after the release was offered: into the ring only where that
        holds all."""
        return self.create(
            {
                "company_id": release.company_id.id,
                "release_id": release.id,
                "agent_id": agent.id,
                "place": random.SystemRandom().randrange(PLACES),
                "from_version": agent.agent_version,
                "state": "waiting" if release.ring == "100" else "outside",
            }
        )

    @api.model
    def _free_seats(self, release):
        """The release ends or halts: who fetches it goes back to waiting."""
        rows = self.search([("release_id", "=", release.id), ("seat", ">", 0)])
        rows.write({"seat": 0, "state": "waiting"})

    @api.model
    def _try_again(self, release):
        """The set is a new one: who refused the one before may look."""
        rows = self.search([("release_id", "=", release.id), ("state", "=", "refused")])
        rows.write({"state": "waiting", "reason": False, "ended_at": False, "shown_set": 0})

    # ------------------------------------------------------------------ what an agent is shown

    @api.model
    def _of(self, agent):
        """The agent's row of the newest release that is offered or halted, or none."""
        if not agent.company_id.biometric_updates:
            return self.browse()
        release = self._newest(agent.company_id)
        if not release:
            return self.browse()
        row = self.search([("release_id", "=", release.id), ("agent_id", "=", agent.id)])
        return row or self._add_late(release, agent)

    @api.model
    def _newest(self, company):
        """The release that counts there, or none."""
        return self.env["biometric.release"].search(
            [("company_id", "=", company.id), ("state", "in", ("offered", "halted"))],
            order="set_version desc, id desc",
            limit=1,
        )

    def _is_on(self):
        """Whether this agent may see and fetch the release now."""
        self.ensure_one()
        release = self.release_id
        return (
            release.state == "offered"
            and self.state not in ("outside", "refused")
            and release.expires_at > fields.Datetime.now()
        )

    @api.model
    def _metadata(self, agent):
        """The set that the agent may see, or None. Who was shown a set is never shown an older
        one: it would call it an attack."""
        row = self._of(agent)
        last = self.search(
            [("agent_id", "=", agent.id), ("shown_set", ">", 0)], order="shown_set desc", limit=1
        )
        if row and row._is_on() and row.release_id.set_version >= last.shown_set:
            if row.shown_set != row.release_id.set_version:
                now = fields.Datetime.now()
                row.write({"shown_set": row.release_id.set_version, "shown_at": now})
            return row.release_id.metadata
        # What it was shown last keeps its word of updates fresh.
        return last.release_id.metadata if row and last and last._is_on() else None

    # ------------------------------------------------------------------ what an agent says

    @api.model
    def _hear(self, agent, row, said):
        """What an agent's own word at sync means for its row: `said` is `update` of the contract,
        with version and errors; None where the agent told nothing of updates."""
        release = row.release_id
        mine = update_set.version_key(agent.agent_version)
        wanted = update_set.version_key(release.name)
        told = said or {"on_trial": "", "refused": []}
        back = [one for one in told["refused"] if one["version"] == release.name]
        if back and mine != wanted:
            if row._end("reverted", back[-1]["reason"]):
                row._halt_release()
        elif told["on_trial"] == release.name:
            row._end_fetch("trial")
        elif mine == wanted:
            row._end("confirmed", "")
        elif mine > wanted:
            row._end(
                "confirmed", self.env._("It already runs %s, which is newer.", agent.agent_version)
            )
        elif row.state == "fetched" and fields.Datetime.now() - row.served_at > FETCHED_PATIENCE:
            # It did not lay what it fetched: the file was not whole there.
            row.state = "waiting"

    @api.model
    def _hear_refusal(self, row, message, at):
        """The agent does not believe the set. at: naive UTC, when it said so last."""
        begun = row.state in ("waiting", "fetching") and row.shown_at
        if begun and at and at >= row.shown_at and row._end("refused", message):
            row._halt_release()

    def _end_fetch(self, state):
        if self.state != state:
            self.write({"state": state, "seat": 0})

    def _end(self, state, reason):
        """Whether that is news."""
        if self.state == state and (self.reason or "") == reason:
            return False
        self.write({"state": state, "reason": reason, "seat": 0, "ended_at": fields.Datetime.now()})
        return True

    def _halt_release(self):
        """One agent that did not get well is enough: nobody else begins before a person looked."""
        release = self.release_id
        if release.state == "offered":
            label = dict(self._fields["state"]._description_selection(self.env))[self.state]
            release._halt(
                self.env._(
                    "%(agent)s: %(what)s (%(why)s)",
                    agent=self.agent_id.name,
                    what=label,
                    why=self.reason,
                )
            )
