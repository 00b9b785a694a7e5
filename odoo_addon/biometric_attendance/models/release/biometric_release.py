"""A signed release of the agent's program, as a company offers it to its agents.

Owns what is taken in (proven as the agents will prove it; nothing is signed here), and to how many
agents it is offered: chosen ones, 1 %, 10 %, all. Who fetches when is biometric.update's. Must not
know HTTP.
"""

import hashlib
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...contract import update_set

RINGS = [
    ("chosen", "Chosen agents only"),
    ("1", "1 % of the agents"),
    ("10", "10 % of the agents"),
    ("100", "All agents"),
]
SHARES = {"chosen": 0, "1": 1, "10": 10, "100": 100}
# Of a file, while its digest is taken.
PIECE_BYTES = 1024 * 1024
# So long before a set runs out the form says so.
WARN_DAYS = 7


class BiometricRelease(models.Model):
    _name = "biometric.release"
    _description = "Releases of the agent's program"
    _inherit = ["biometric.audited"]
    _audit_word = "release"
    _order = "id desc"

    name = fields.Char("Version", readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        [
            ("draft", "Nothing imported yet"),
            ("ready", "Confirmed"),
            ("offered", "Offered"),
            ("halted", "Halted"),
            ("withdrawn", "Withdrawn"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    ring = fields.Selection(RINGS, "Offered to", default="chosen", required=True, readonly=True)
    agent_ids = fields.Many2many(
        "biometric.agent",
        "biometric_release_agent_rel",
        string="Chosen agents",
        domain="[('company_id', '=', company_id), ('state', '=', 'active')]",
        help="They are offered it first, whatever the rollout step",
    )
    upload_ids = fields.Many2many(
        "ir.attachment",
        "biometric_release_upload_rel",
        string="Files to import",
        copy=False,
        help="metadata.json and the files it lists, as created by dev/pack/sign.ts",
    )
    # The four signed documents and every root, as they came.
    metadata = fields.Json(readonly=True, copy=False)
    # [{version, architecture, length, sha256, attachment}] of what the targets document names;
    # attachment: id of the file, null where it was not brought.
    files = fields.Json(readonly=True, copy=False)
    files_text = fields.Text("Files", compute="_compute_files_text")
    set_version = fields.Integer("Number of the set", readonly=True, copy=False)
    expires_at = fields.Datetime("Metadata good until", readonly=True, copy=False)
    is_expiring = fields.Boolean("Expires soon", compute="_compute_is_expiring")
    root_fingerprint = fields.Char(
        "Fingerprint of the root",
        readonly=True,
        copy=False,
        help="Compare it with what the two signers read out (docs/signing.md). Agents trust "
        "only the root in their own file.",
    )
    halt_reason = fields.Char("Reason for halting", readonly=True, copy=False)
    update_ids = fields.One2many("biometric.update", "release_id", readonly=True)
    confirmed_count = fields.Integer("Updated", compute="_compute_counts")
    open_count = fields.Integer("In progress", compute="_compute_counts")
    failed_count = fields.Integer("Failed", compute="_compute_counts")
    is_switched_on = fields.Boolean("Updates switched on", compute="_compute_is_switched_on")

    @api.depends("name", "state")
    def _compute_display_name(self):
        for release in self:
            release.display_name = release.name or self.env._("New release")

    @api.depends("files")
    @api.depends_context("lang")
    def _compute_files_text(self):
        for release in self:
            lines = []
            for row in release.files or []:
                there = self.env._("here") if row["attachment"] else self.env._("not here")
                size = f"{row['length'] / 1e6:.1f} MB"
                lines.append(f"{row['version']}  {row['architecture']}  {size}  {there}")
            release.files_text = "\n".join(lines)

    @api.depends("expires_at")
    def _compute_is_expiring(self):
        limit = fields.Datetime.add(fields.Datetime.now(), days=WARN_DAYS)
        for release in self:
            release.is_expiring = bool(release.expires_at) and release.expires_at < limit

    @api.depends("company_id")
    def _compute_is_switched_on(self):
        for release in self:
            release.is_switched_on = release.sudo().company_id.biometric_updates

    @api.depends("update_ids.state")
    def _compute_counts(self):
        groups = self.env["biometric.update"]._read_group(
            [("release_id", "in", self.ids)], ["release_id", "state"], ["__count"]
        )
        counts = {(release.id, state): count for release, state, count in groups}

        def of(release, *states):
            return sum(counts.get((release.id, state), 0) for state in states)

        for release in self:
            release.confirmed_count = of(release, "confirmed")
            release.open_count = of(release, "waiting", "fetching", "fetched", "trial")
            release.failed_count = of(release, "reverted", "refused")

    # ------------------------------------------------------------------ taken in

    def action_take_in(self):
        """Prove what was uploaded and keep it, all of it or nothing."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "withdrawn":
            raise UserError(self.env._("This release is withdrawn; create a new one."))
        uploads = self.upload_ids
        if not uploads:
            raise UserError(self.env._("Upload metadata.json and the files it names here first."))
        uploads.check_access("read")
        documents = uploads.filtered(lambda one: one.name.lower().endswith(".json"))
        if len(documents) > 1:
            raise UserError(self.env._("There is more than one metadata.json."))
        if not documents and not self.metadata:
            raise UserError(self.env._("metadata.json is missing among the files."))
        values = self._proven(documents.raw) if documents else {"files": self.files}
        values["files"] = self._with_files(values["files"], uploads - documents)
        if not any(row["attachment"] for row in values["files"]):
            raise UserError(
                self.env._("None of the signed files has been uploaded yet: upload them too.")
            )
        before = {"set_version": self.set_version, "files": _brief(self.files)}
        if self.state == "draft":
            values["state"] = "ready"
        self.sudo().write({**values, "upload_ids": [(5, 0, 0)]})
        if documents:
            self.env["biometric.update"].sudo()._try_again(self)
        after = {
            "version": self.name,
            "set_version": self.set_version,
            "root": self.root_fingerprint,
            "files": _brief(self.files),
        }
        self._record("take_in", before, after)

    def _proven(self, data):
        """Values of a set of metadata that is right, newer and follows on from what the company
        believed before."""
        try:
            given = update_set.load(data)
            proven = update_set.prove(given, self._trust(), fields.Datetime.now())
        except update_set.Untrusted as error:
            raise UserError(
                self.env._("The metadata cannot be trusted and no agent would accept it: %s", error)
            ) from error
        if not proven.files:
            raise UserError(self.env._("The metadata lists no file."))
        newest = max(proven.files, key=lambda row: update_set.version_key(row["version"]))
        if self.name and newest["version"] != self.name:
            raise UserError(
                self.env._(
                    "This metadata is version %(new)s, this release is %(old)s: create a "
                    "new release.",
                    new=newest["version"],
                    old=self.name,
                )
            )
        root = update_set.digest(proven.trust.root["signed"])[:16]
        return {
            "name": newest["version"],
            "metadata": given,
            "files": proven.files,
            "set_version": proven.trust.timestamp,
            "expires_at": proven.expires_at.replace(microsecond=0),
            "root_fingerprint": " ".join(root[at : at + 4] for at in range(0, 16, 4)),
        }

    def _trust(self):
        """What the company believed last; of the first set nothing."""
        last = self.sudo().search(
            [("company_id", "=", self.company_id.id), ("metadata", "!=", False)],
            order="set_version desc, id desc",
            limit=1,
        )
        if not last:
            return update_set.Trust()
        kept = last.metadata
        # It was proven when it came; here it only says what counts from now on.
        versions = (
            kept[role]["signed"]["version"] for role in ("timestamp", "snapshot", "targets")
        )
        return update_set.Trust(update_set.newest_of(kept["roots"]), *versions)

    def _with_files(self, rows, uploads):
        """The rows of targets, each with the attachment that holds it. Every upload must be one."""
        known = {row["sha256"]: row["attachment"] for row in self.files or [] if row["attachment"]}
        by_digest = {row["sha256"]: row for row in rows}
        for upload in uploads:
            found = _digest(upload)
            if found not in by_digest:
                raise UserError(
                    self.env._(
                        "“%s” is not among the signed files, or it is incomplete: copy "
                        "it again from where it was signed.",
                        upload.name,
                    )
                )
            if upload.file_size != by_digest[found]["length"]:
                raise UserError(
                    self.env._("“%s” does not have the length that was signed.", upload.name)
                )
            known[found] = upload.id
            # Read by whoever reads the release, and gone with it alone.
            upload.sudo().write({"res_model": self._name, "res_id": self.id, "public": False})
        return [{**row, "attachment": known.get(row["sha256"])} for row in rows]

    def _file_for(self, architecture):
        """The newest file for a kind of machine that is here, as a row of `files`, or None."""
        rows = [
            row
            for row in self.files or []
            if row["architecture"] == architecture
            and row["attachment"]
            and row["version"] == self.name
        ]
        return rows[0] if rows else None

    # ------------------------------------------------------------------ offered

    def action_offer(self):
        """Offer it: to the chosen agents, and to the ring that was reached."""
        for release in self:
            release._check_can(("ready", "halted"))
            if release.expires_at <= fields.Datetime.now():
                raise UserError(
                    self.env._("Its metadata has expired: have a new set signed and import it.")
                )
            if release.ring == "chosen" and not release.agent_ids:
                raise UserError(
                    self.env._("Choose the agents that try it first; or extend it to 1 %.")
                )
            release._step("offer", {"state": "offered", "halt_reason": False})
            release._enlist()

    def action_widen(self):
        """To the next ring."""
        for release in self:
            release._check_can(("ready", "offered"))
            rings = [ring for ring, _label in RINGS]
            at = rings.index(release.ring) + 1
            if at >= len(rings):
                raise UserError(self.env._("It is offered to all agents already."))
            release._step("widen", {"ring": rings[at]})
            if release.state == "offered":
                release._enlist()

    def action_halt(self):
        for release in self:
            release._check_can(("offered",))
            release._halt(self.env._("Halted by %s", self.env.user.name))

    def action_withdraw(self):
        """Nobody is offered it any more; who runs it goes on. Its files go, its words stay."""
        for release in self:
            release._check_can(("ready", "offered", "halted"))
            release._step("withdraw", {"state": "withdrawn"})
            held = [row["attachment"] for row in release.files if row["attachment"]]
            self.env["ir.attachment"].sudo().browse(held).exists().unlink()
            release.sudo().files = [{**row, "attachment": None} for row in release.files]
            self.env["biometric.update"].sudo()._free_seats(release)

    def action_open_updates(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_update_action"
        )
        return dict(action, domain=[("release_id", "=", self.id)], context={})

    def _halt(self, reason):
        """An agent went back or refused, or a person says so: nobody else begins."""
        self._step("halt", {"state": "halted", "halt_reason": reason})
        self.env["biometric.update"].sudo()._free_seats(self)

    def _check_can(self, states):
        self.ensure_one()
        self.check_access("write")
        if self.state not in states:
            label = dict(self._fields["state"]._description_selection(self.env))[self.state]
            raise UserError(
                self.env._("Release %(name)s is “%(state)s”.", name=self.display_name, state=label)
            )

    def _step(self, word, values):
        before = {name: self[name] or None for name in values}
        self.sudo().write(values)
        self._record(word, before, {name: self[name] or None for name in values})

    def _record(self, word, before, after):
        audit = self.env["biometric.audit"]
        audit._record(f"release.{word}", self, before, {"version": self.name, **after})

    def _enlist(self):
        """Rows of all active agents of the company, those within the ring marked."""
        self.env["biometric.update"].sudo()._enlist(self)

    def write(self, vals):
        if "agent_ids" in vals and any(release.state == "withdrawn" for release in self):
            raise UserError(self.env._("A withdrawn release is not offered to anybody."))
        result = super().write(vals)
        if "agent_ids" in vals:
            for release in self.filtered(lambda one: one.state == "offered"):
                release._check_can(("offered",))
                release._record("choose", None, {"agents": release.agent_ids.ids})
                release._enlist()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        if any(release.state not in ("draft", "ready") for release in self):
            raise UserError(
                self.env._("A release that was offered can be withdrawn but not deleted.")
            )


def _brief(rows):
    return [
        {"version": row["version"], "architecture": row["architecture"], "sha256": row["sha256"]}
        for row in rows or []
        if row["attachment"]
    ]


def _digest(attachment):
    """Hex SHA-256 of an attachment's bytes, a piece at a time where they are a file."""
    found = hashlib.sha256()
    for piece in read_pieces(attachment):
        found.update(piece)
    return found.hexdigest()


def read_pieces(attachment, start=0, end=None):
    """Yield the bytes of an attachment from `start` to `end` (without), in pieces."""
    end = attachment.file_size if end is None else end
    if not attachment.store_fname:
        yield (attachment.raw or b"")[start:end]
        return
    with Path(attachment._full_path(attachment.store_fname)).open("rb") as file:
        file.seek(start)
        while start < end and (piece := file.read(min(PIECE_BYTES, end - start))):
            start += len(piece)
            yield piece
