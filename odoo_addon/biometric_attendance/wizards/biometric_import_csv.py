"""Dialog that takes the file an agent wrote with `export` while Odoo was away.

The file is believed because its agent signed every byte of it; whoever uploads it can leave it or
take it, not change it. Its sightings go through ingest under the lane and number the agent gave
them, so that the agent's own delivery later is all duplicates. Must not know how rows are stored.
"""

import base64
import binascii
import uuid

from odoo import fields, models
from odoo.exceptions import UserError

from ..contract import chain, wire, wire_csv
from ..contract.signature import is_signed
from ..seams.binary import raw

VERDICTS = ("stored", "duplicate", "quarantined", "rejected")


class BiometricImportCsv(models.TransientModel):
    _name = "biometric.import.csv"
    _inherit = ["biometric.dialog"]
    _description = "Import of an agent's file"

    data = fields.Binary("File", attachment=False)
    file_name = fields.Char("File name")
    reason = fields.Char(help="At least 10 characters; shown in the audit trail")
    state = fields.Selection([("choose", "Choose"), ("done", "Done")], default="choose")
    agent_id = fields.Many2one("biometric.agent", readonly=True)
    read_count = fields.Integer("Read", readonly=True)
    stored_count = fields.Integer("New", readonly=True)
    duplicate_count = fields.Integer("Known before", readonly=True)
    quarantined_count = fields.Integer("In quarantine", readonly=True)
    rejected_count = fields.Integer("Refused", readonly=True)
    run_ids = fields.Many2many("biometric.run", string="Runs", readonly=True)
    found = fields.Json(
        readonly=True, help="By verdict: ids of punches, or of sightings for rejected lines."
    )

    def action_open_runs(self):
        """What came of the file, terminal by terminal."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_run_action"
        )
        return dict(action, domain=[("id", "in", self.run_ids.ids)], context={})

    def action_open_new(self):
        return self._open_punches("stored", self.env._("New punches"))

    def action_open_known(self):
        return self._open_punches("duplicate", self.env._("Punches already known"))

    def _open_punches(self, verdict, name):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_punch_action"
        )
        domain = [("id", "in", (self.found or {}).get(verdict, []))]
        return dict(action, name=name, domain=domain, context={})

    def action_open_rejects(self):
        """The lines of the file that nobody could read."""
        self.check_access("read")
        ids = (self.found or {}).get("rejected", [])
        return self.run_ids.sudo().device_id.with_env(self.env)._open_rejects([("id", "in", ids)])

    def action_open_quarantine(self):
        """What waits for a person, of the terminals in the file."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_quarantine_action"
        )
        devices = self.run_ids.sudo().device_id
        return dict(action, domain=[("device_id", "in", devices.ids)], context={})

    def action_import(self):
        """Check signature and agent, store, audit; the dialog then shows what came of it."""
        self.ensure_one()
        self.check_access("write")
        reason = self.env["biometric.audited"]._check_reason(self.reason)
        signed = self._signed()
        agent = self._agent(signed)
        try:
            rows = wire_csv.parse(signed.body)
        except wire.Malformed as error:
            raise UserError(self.env._("The file cannot be read: %s.", error)) from error
        counts, runs, found = self._store(agent, rows)
        kept = self._keep_runs(agent, signed, runs)
        self.env["biometric.audit"]._record(
            "punch.import",
            agent,
            None,
            {"file": self.file_name or "", "sha256": signed.digest, "read": len(rows), **counts},
            reason,
        )
        # The file itself is not kept: what it proves is in the lane now.
        self.write(
            {
                "state": "done",
                "data": False,
                "agent_id": agent.id,
                "read_count": len(rows),
                "run_ids": [(6, 0, kept.ids)],
                "found": found,
                **{f"{verdict}_count": counts[verdict] for verdict in VERDICTS},
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _signed(self):
        try:
            data = raw(self.data)
            return wire_csv.split(data)
        except (binascii.Error, wire.Malformed) as error:
            raise UserError(
                self.env._("This is not a complete file of an agent: %s.", error)
            ) from error

    def _agent(self, signed):
        """The agent that signed the file, active and in a company of this user."""
        companies = self.env.companies
        agents = self.env["biometric.agent"].search(
            [("company_id", "in", companies.ids), ("public_key", "!=", False)]
        )
        mine = agents.filtered(
            lambda agent: (
                chain.fingerprint(base64.b64decode(agent.public_key)).replace(" ", "")
                == signed.fingerprint
            )
        )
        if not mine:
            raise UserError(
                self.env._("No agent of your company has the key %s.", signed.fingerprint[:16])
            )
        # An agent that was paired anew has the same key on two records; the one in use is meant.
        agent = (mine.filtered(lambda one: one.state == "active") or mine)[0]
        if not is_signed(agent.public_key, signed.signature, signed.signed_text):
            raise UserError(
                self.env._(
                    "The file was changed after agent %s signed it; nothing was "
                    "imported. Get it again from the agent, and do not open and save it "
                    "in between.",
                    agent.name,
                )
            )
        if agent.state == "revoked":
            raise UserError(
                self.env._(
                    "Agent %s is revoked; its files are not accepted, because anyone "
                    "with its key could sign one. If its card was in good hands all the "
                    "time: create a pairing code on its form, pair the machine with that "
                    "card, approve it without terminals, import the file, then revoke it "
                    "again.",
                    agent.name,
                )
            )
        if agent.state != "active":
            raise UserError(
                self.env._("Agent %s is not active; its files are not accepted.", agent.name)
            )
        return agent

    def _store(self, agent, rows):
        """({verdict: count}, {serial: {"read", "new", "duplicate", "from", "to"}}, {verdict: ids}
        of punches, of sightings where it is `rejected`)."""
        service = agent.sudo().with_company(agent.company_id)
        ingest = service.env["biometric.ingest"]
        counts, found = dict.fromkeys(VERDICTS, 0), {verdict: [] for verdict in VERDICTS}
        runs = {}
        for lane, batch in self._batches(rows):
            _head, verdicts = ingest._store_batch(service, lane, batch)
            for sighting, given in zip(batch, verdicts, strict=True):
                counts[given["verdict"]] += 1
                run = runs.setdefault(
                    sighting.serial,
                    {"read": 0, "new": 0, "from": sighting.wall_time, "to": sighting.wall_time},
                )
                run["read"] += 1
                run["new"] += given["verdict"] in ("stored", "quarantined")
                # First and last in the agent's own order; one wrong clock must not stretch it.
                run["to"] = sighting.wall_time
            self._note_found(service, lane, zip(batch, verdicts, strict=True), found)
        return counts, runs, found

    @staticmethod
    def _note_found(service, lane, told, found):
        """Add to `found` the rows that the verdicts of one batch were about."""
        by_verdict = {verdict: [] for verdict in found}
        for sighting, given in told:
            by_verdict[given["verdict"]].append(sighting)
        cr = service.env.cr
        for verdict, sightings in by_verdict.items():
            if verdict == "rejected":
                cr.execute(
                    """SELECT s.id FROM biometric_sighting s JOIN biometric_lane l
                           ON l.id = s.lane_id AND l.lane = %s AND l.agent_id = %s
                        WHERE s.seq = ANY(%s) ORDER BY s.id""",
                    (lane, service.id, [one.seq for one in sightings]),
                )
            else:
                cr.execute(
                    """SELECT id FROM biometric_punch WHERE company_id = %s AND key = ANY(%s)
                     ORDER BY id""",
                    (service.company_id.id, [one.key for one in sightings]),
                )
            found[verdict] += [row[0] for row in cr.fetchall()]

    @staticmethod
    def _batches(rows):
        """(lane, at most MAX_SIGHTINGS sightings) in the order of the file."""
        lane, batch = None, []
        for name, sighting in rows:
            if name != lane or len(batch) == wire.MAX_SIGHTINGS:
                if batch:
                    yield lane, batch
                lane, batch = name, []
            batch.append(sighting)
        if batch:
            yield lane, batch

    def _keep_runs(self, agent, signed, runs):
        """One run per device, named after the file: the same file again adds none. Returns them."""
        # what it brought was stored at the moment of this transaction
        begun, now = self.env.cr.now().replace(microsecond=0), fields.Datetime.now()
        names = {serial: _run_name(signed, serial) for serial in runs}
        service = agent.sudo()
        devices = service.env["biometric.device"]._for_serials(service, set(runs)) if runs else {}
        service.env["biometric.run"]._keep(
            service,
            devices,
            [
                {
                    "serial": serial,
                    "values": {
                        "uuid": names[serial],
                        "channel": "file",
                        "asked_by": self.env.user.login[:64],
                        "window_from": run["from"],
                        "window_to": run["to"],
                        "read_count": run["read"],
                        "new_count": run["new"],
                        "duplicate_count": run["read"] - run["new"],
                        "rejected_count": 0,
                        "device_count": -1,
                        "started_at": begun,
                        "ended_at": now,
                        "outcome": "imported",
                        "message": "",
                        "lost_from": None,
                        "lost_to": None,
                        "vanished_count": 0,
                        "command_id": None,
                    },
                }
                for serial, run in sorted(runs.items())
                if serial in devices
            ],
        )
        return self.env["biometric.run"].search(
            [("agent_id", "=", agent.id), ("uuid", "in", [*names.values()])]
        )


def _run_name(signed, serial):
    """The same for ever of one file and terminal."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{signed.digest} {serial}"))
