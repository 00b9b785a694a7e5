"""An agent at sync: what the tests of sync and of completeness share."""

import base64
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo.tests import TransactionCase, new_test_user

from .common import AddonCase

T0 = datetime(2026, 3, 2, 8, 0)


def text(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class SyncCase(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.token = cls.make_agent(tz="Asia/Kolkata")
        cls.key = Ed25519PrivateKey.generate()
        public = cls.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        cls.agent.public_key = base64.b64encode(public).decode()
        cls.device = cls.make_device(cls.agent)
        cls.admin = new_test_user(
            cls.env, "bio-admin", groups="biometric_attendance.group_administrator"
        )

    def sync(self, address="10.0.0.1", **body):
        return self.env["biometric.sync"]._sync(self.agent, {"version": 1, **body}, address)

    def signed(self, lane, seq=None, digest=None):
        seq, digest = lane.seq if seq is None else seq, digest or lane.hash
        signature = self.key.sign("\n".join(["v1", "head", lane.lane, str(seq), digest]).encode())
        return {
            "id": lane.lane,
            "seq": seq,
            "hash": digest,
            "signature": base64.b64encode(signature).decode(),
        }

    def heard(self, at=T0, since=T0, **other):
        return {
            "serial": "SN1",
            "state": "heard",
            "peer": "10.0.0.9",
            "dialect": "att",
            "last_heard_at": text(at),
            "unbroken_since": text(since),
            "upload_idle": True,
            "pending": 0,
        } | other

    def alarms(self):
        self.agent.invalidate_recordset()
        return self.agent.alarm_ids.mapped("kind")
