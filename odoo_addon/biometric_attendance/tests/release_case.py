"""A company that signs releases: what the tests of updates share. Keys, documents and signatures
are made here anew, not by the addon."""

import base64
import hashlib
import json
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo.tests import new_test_user

from .common import AddonCase

VERSION = "2.0.0"


class Key:
    def __init__(self):
        self.key = Ed25519PrivateKey.generate()
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public, self.id = base64.b64encode(raw).decode(), hashlib.sha256(raw).hexdigest()

    def sign(self, document):
        sig = base64.b64encode(self.key.sign(text(document["signed"]))).decode()
        document["signatures"].append({"keyid": self.id, "sig": sig})
        return document


def text(signed):
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def in_days(days):
    return (datetime.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class SigningCompany:
    """Two people and one machine that offers."""

    def __init__(self):
        self.people, self.online = [Key(), Key()], Key()
        keys = [*self.people, self.online]
        pair = {"threshold": 2, "keyids": [key.id for key in self.people]}
        one = {"threshold": 1, "keyids": [self.online.id]}
        roles = {"root": pair, "targets": pair, "snapshot": one, "timestamp": one}
        public = {key.id: key.public for key in keys}
        self.root = self._document("root", 1, 365, self.people, {"keys": public, "roles": roles})

    @staticmethod
    def _document(role, version, days, signers, own):
        document = {
            "signed": {"_type": role, "version": version, "expires": in_days(days), **own},
            "signatures": [],
        }
        for key in signers:
            key.sign(document)
        return document

    def metadata(self, files, number=1, days=30, signers=None, version=VERSION, lengths=()):
        """files: {architecture: bytes}; lengths: what is said instead of the true ones."""
        said = dict(lengths)
        rows = [
            {
                "version": version,
                "architecture": name,
                "length": said.get(name, len(data)),
                "sha256": sha256(data),
            }
            for name, data in files.items()
        ]
        signers = self.people if signers is None else signers

        def pin(document):
            return {"version": number, "sha256": sha256(text(document["signed"]))}

        targets = self._document("targets", number, days, signers, {"files": rows})
        snapshot = self._document(
            "snapshot", number, days, [self.online], {"targets": pin(targets)}
        )
        timestamp = self._document(
            "timestamp", number, days, [self.online], {"snapshot": pin(snapshot)}
        )
        return {
            "roots": [self.root],
            "timestamp": timestamp,
            "snapshot": snapshot,
            "targets": targets,
        }


class ReleaseCase(AddonCase):
    @classmethod
    def set_up_release(cls):
        cls.company = cls.env["res.company"].create({"name": "Updates"})
        cls.admin = new_test_user(
            cls.env,
            "release-admin",
            groups="base.group_user,biometric_attendance.group_administrator",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.signer = SigningCompany()
        cls.data = {"aarch64": b"arm" * 500_000, "x86_64": b"pc" * 10}
        cls.company.biometric_updates = True

    @classmethod
    def branch(cls, name="Branch", version="1.0.0", **values):
        """(agent, token) of an agent that called a moment ago, ready for a newer version."""
        agent, token = cls.make_agent(name, company=cls.company)
        agent.write(
            {
                "host_arch": "aarch64",
                "agent_version": version,
                "last_seen_at": datetime.now(),
                "updates_itself": True,
                "queue_pending": 0,
                **values,
            }
        )
        return agent, token

    def lay(self, release, name, data):
        """As the screen uploads it."""
        upload = (
            self.env["ir.attachment"]
            .with_user(self.admin)
            .create(
                {"name": name, "raw": data, "res_model": "biometric.release", "res_id": release.id}
            )
        )
        release.upload_ids = [(4, upload.id)]

    def release(self, metadata=None, files=None, **values):
        """A release that was taken in by the administrator."""
        release = self.env["biometric.release"].with_user(self.admin).create(values)
        metadata = self.signer.metadata(self.data) if metadata is None else metadata
        self.lay(release, "metadata.json", json.dumps(metadata).encode())
        for name, data in (self.data if files is None else files).items():
            self.lay(release, f"biometric-agent-{name}", data)
        release.action_take_in()
        return release

    def row(self, release, agent):
        return self.env["biometric.update"].search(
            [("release_id", "=", release.id), ("agent_id", "=", agent.id)]
        )
