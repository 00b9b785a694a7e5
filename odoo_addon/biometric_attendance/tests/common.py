"""What the addon's tests share: an agent's side of the contract, written anew.

Builds sightings, keys and chains with its own code (not the addon's chain.py), so that one
mistake cannot cancel itself out.
"""

import base64
import hashlib
import json
import uuid
from contextlib import contextmanager
from math import inf
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tools import SQL

GENESIS_LANE = "ab" * 16


def lay_row(model, values):
    """Lays a row that no ORM call may make where it lies; its record."""
    columns = list(values)
    model.env.flush_all()
    model.env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) VALUES (%s) RETURNING id",
            SQL.identifier(model._table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(SQL("%s", values[name]) for name in columns),
        )
    )
    return model.browse(model.env.cr.fetchone()[0])


def text_columns(cr):
    """[(table, column)] of all text that the database can hold. Not by joining what
    information_schema says of tables, too: that takes seconds."""
    cr.execute(
        """SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = current_schema()
              AND data_type IN ('text', 'character varying', 'jsonb')
              AND table_name IN (
                  SELECT tablename FROM pg_tables WHERE schemaname = current_schema())
            ORDER BY 1, 2"""
    )
    return cr.fetchall()


def digest(*parts):
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Signer:
    """An agent's Ed25519 key: `public` in base64, and signatures over parts joined by LF."""

    def __init__(self, seed=None):
        key = Ed25519PrivateKey
        self.key = key.from_private_bytes(seed) if seed else key.generate()
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = base64.b64encode(raw).decode()

    def sign(self, *parts):
        return base64.b64encode(self.key.sign("\n".join(parts).encode())).decode()

    def name(self, lane, row, reason):
        """A bare leaf that says why, under a signature of its own."""
        bare = Lane.bare(row, reason)
        parts = ("v1", "bare", lane.lane, str(row["seq"]), row["leaf"], reason)
        return bare | {"signature": self.sign(*parts)}

    def seal(self, body):
        """A batch with its signature, as docs/contract.md spells it."""
        lines = [
            " ".join([str(row["seq"]), row["leaf"], *([row["reason"]] if "reason" in row else [])])
            if row["kind"] == "leaf"
            else f"{row['seq']} {row['leaf']}"
            for row in body["sightings"]
        ]
        signature = self.sign("v1", "batch", body["lane"], body["batch_id"], digest(*lines))
        return {**body, "signature": signature}


class Lane:
    """An agent's lane: numbers and chains what it is given."""

    def __init__(self, lane=GENESIS_LANE):
        self.lane = lane
        self.seq = 0
        self.hash = digest("v1", "lane", lane)

    def _seal(self, row, canonical):
        row["salt"] = hashlib.md5(f"{self.lane}{self.seq}".encode()).hexdigest()
        row["leaf"] = digest(row["salt"], canonical)
        self.hash = row["hash"] = digest(self.hash, row["leaf"])
        return row

    def _numbered(self, kind, serial, channel, received_at, clock):
        self.seq += 1
        return {
            "kind": kind,
            "seq": self.seq,
            "serial": serial,
            "channel": channel,
            "received_at": received_at,
            "clock": clock,
        }

    def punch(
        self,
        serial="SN1",
        pin="7",
        wall="2026-03-02 08:00:00",
        status="0",
        verify="1",
        work_code="",
        extra="",
        channel="push",
        received_at="2026-03-02T08:00:01.000Z",
        clock="ok",
    ):
        row = self._numbered("punch", serial, channel, received_at, clock)
        row |= {
            "pin": pin,
            "wall_time": wall,
            "status": status,
            "verify": verify,
            "work_code": work_code,
            "extra": extra,
            "key": digest("v1", serial, pin, wall, status),
        }
        return self._seal(
            row,
            "\n".join(
                [
                    "v1",
                    "punch",
                    self.lane,
                    str(self.seq),
                    row["key"],
                    verify,
                    work_code,
                    extra,
                    channel,
                    received_at,
                    clock,
                ]
            ),
        )

    def reject(
        self,
        serial="SN1",
        reason="bad_time",
        raw="x",
        channel="push",
        received_at="2026-03-02T08:00:01.000Z",
        clock="ok",
    ):
        row = self._numbered("reject", serial, channel, received_at, clock)
        row |= {"reason": reason, "raw": raw}
        return self._seal(
            row,
            "\n".join(
                [
                    "v1",
                    "reject",
                    self.lane,
                    str(self.seq),
                    serial,
                    reason,
                    digest(raw),
                    channel,
                    received_at,
                    clock,
                ]
            ),
        )

    @staticmethod
    def bare(row, reason=None):
        bare = {"kind": "leaf", "seq": row["seq"], "leaf": row["leaf"], "hash": row["hash"]}
        return bare | ({"reason": reason} if reason else {})

    def batch(self, *rows):
        return {
            "version": 1,
            "batch_id": str(uuid.uuid4()),
            "lane": self.lane,
            "sightings": list(rows),
        }


class AddonCase:
    """Mixin for TransactionCase and HttpCase: records every test needs."""

    @classmethod
    def make_agent(cls, name="Branch", state="active", company=None, tz="UTC"):
        """(agent, token). State as if paired and approved."""
        agent = cls.env["biometric.agent"].create(
            {"name": name, "company_id": (company or cls.env.company).id, "tz": tz}
        )
        agent.state = state
        return agent, cls.env["biometric.agent.token"]._issue(agent)

    @classmethod
    def make_device(cls, agent, serial="SN1", approve=True, tz=None):
        device = cls.env["biometric.device"].create(
            {
                "name": serial,
                "serial": serial,
                "agent_id": agent.id,
                "company_id": agent.company_id.id,
            }
        )
        if tz:
            cls.env["biometric.device.zone"].create(
                {"device_id": device.id, "tz": tz, "valid_from": "0001-01-01 00:00:00"}
            )
        if approve:
            device.action_approve()
        return device

    def without_commits(self):
        """A job's turn of unlimited time; what it commits stays in the test's transaction."""
        cron = type(self.env["ir.cron"])
        self.enterContext(patch.object(cron, "_commit_progress", lambda *_a, **_kw: inf))

    def refuse_briefly(self):
        """Refusals of Odoo's own say no more than what of which model. Its sentences list groups
        and owners: queries for each of thousands of refusals, which nobody reads."""
        for model in ("ir.model.access", "ir.rule"):
            self.patch(
                self.env.registry[model],
                "_make_access_error",
                lambda _rules, *what: AccessError(f"refused: {what}"),
            )

    @contextmanager
    def assertRefused(self, words, kind=UserError):
        """What happens inside raises `kind` with `words` (a pattern) in it, and is undone."""
        with self.assertRaises(kind) as caught:
            yield caught
        self.assertRegex(str(caught.exception), words)

    def store(self, agent, lane, *rows):
        """(head, verdicts as a list of texts) of one batch, through the ingest service."""
        from ..contract.wire import parse_batch

        body = json.loads(json.dumps(lane.batch(*rows)))
        _batch, name, sightings = parse_batch(body)
        head, verdicts = self.env["biometric.ingest"]._store_batch(agent, name, sightings)
        return head, [row.get("reason") or row["verdict"] for row in verdicts]

    def post(self, path, body, token=None, headers=None, raw=None):
        """HttpCase only: POST as an agent does."""
        sent = {"Content-Type": "application/json"}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        sent |= headers or {}
        return self.url_open(
            f"/biometric/v1/{path}",
            data=raw if raw is not None else json.dumps(body).encode(),
            headers=sent,
            timeout=60,
        )

    @staticmethod
    def now_text(seconds=0):
        when = Datetime.add(Datetime.now(), seconds=seconds)
        return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
