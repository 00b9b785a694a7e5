"""One-time codes that make a Raspberry Pi an agent, and what a wrong try costs.

A code has 8 letters: the first three find the row, the other five prove it (kept as scrypt). Codes
live 15 minutes and die after 5 wrong tries. A wrong try also counts against the address it came
from, for what it aimed at alone: a whole company may call from one address. Whether something is
open where a try aims cannot be told from its answer, nor from how long it took.
"""

import secrets

from odoo import api, fields, models
from odoo.tools import SQL

from ...contract import chain, wire, wire_seal
from ...contract.signature import is_signed

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 8
SELECTOR_LENGTH = 3
CODE_MINUTES = 15
MAX_TRIES = 5
# Wrong tries that are remembered over all addresses.
MAX_REMEMBERED = 10_000
# For the digest of a try that aims at nothing.
NO_SALT = secrets.token_hex(16)


class BiometricPairing(models.Model):
    _name = "biometric.pairing"
    _description = "Pairing codes"
    _rec_name = "selector"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    agent_id = fields.Many2one("biometric.agent", required=True, ondelete="cascade", index=True)
    selector = fields.Char(required=True)
    salt = fields.Char(required=True)
    code_hash = fields.Char("Code hash", required=True)
    expires_at = fields.Datetime("Expires on", required=True)
    tries = fields.Integer("Attempts", default=0)
    state = fields.Selection(
        [("open", "Open"), ("used", "Used"), ("void", "Void")], default="open", required=True
    )
    public_key = fields.Char("Public key", help="The key that used the code")

    _one_selector = models.UniqueIndex("(selector) WHERE state <> 'void'")

    @api.model
    def _open(self, agent):
        """A fresh code in plain text for `agent`; earlier ones are void."""
        self._void(agent)
        self.search(
            [("state", "!=", "void"), ("expires_at", "<", fields.Datetime.now())]
        ).state = "void"
        taken = set(self.search([("state", "!=", "void")]).mapped("selector"))
        while True:
            code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
            if code[:SELECTOR_LENGTH] not in taken:
                break
        salt = secrets.token_hex(16)
        self.create(
            {
                "company_id": agent.company_id.id,
                "agent_id": agent.id,
                "selector": code[:SELECTOR_LENGTH],
                "salt": salt,
                "code_hash": chain.slow_digest(code, salt),
                "expires_at": fields.Datetime.add(fields.Datetime.now(), minutes=CODE_MINUTES),
            }
        )
        agent._audit("code", None, {"minutes": CODE_MINUTES})
        return code

    @api.model
    def _void(self, agent):
        self.search([("agent_id", "=", agent.id), ("state", "!=", "void")]).state = "void"

    # ------------------------------------------------------------------ the agent's side

    @api.model
    def _pair(self, body, address):
        """Answer of the `pair` route, or {"error": {status, code, message[, retry_after]}}."""
        code = wire.text(body, "code", 64).upper().replace("-", "").replace(" ", "")
        public_key = wire.raw_base64(body, "public_key", 32)
        signature, can = wire_seal.parse_signature(body), wire_seal.parse_can(body)
        host = wire.group(body, "host")
        facts = {
            "host_name": wire.plain(host, "name", 64),
            "host_os": wire.plain(host, "os", 64),
            "host_arch": wire.plain(host, "arch", 32),
            "agent_version": wire.plain(host, "agent_version", 32),
        }
        if signature is None:
            # A public key is no secret: whoever only knows one must not become its agent.
            return self._refused(
                409, "update_agent", "update the agent's program, then pair with the same code"
            )
        tries = self.env["biometric.pairing.try"]
        if tries._used_up(address, code):
            return self._refused(429, "slow_down", "too many wrong codes", CODE_MINUTES * 60)
        key_text = body["public_key"]
        proven = is_signed(key_text, signature, chain.pair_text(code))
        pairing = self._match(code, key_text, proven)
        if pairing is None:
            tries._count(address, code)
            return self._refused(403, "bad_code", "this code is not valid")
        facts["batches_signed_since"] = "signed_batches" in can and fields.Datetime.now()
        facts["requests_signed_since"] = "signed_requests" in can and fields.Datetime.now()
        return self._accept(pairing, key_text, public_key, facts, address)

    @staticmethod
    def _refused(status, code, message, retry_after=None):
        error = {"status": status, "code": code, "message": message}
        if retry_after:
            error["retry_after"] = retry_after
        return {"error": error}

    def _match(self, code, key_text, proven):
        """The pairing row this code opens for this key, else None (and the try is counted).

        proven: whether the code was signed with the private half of that key.
        """
        pairing = self.search_fetch(
            [
                ("selector", "=", code[:SELECTOR_LENGTH]),
                ("state", "!=", "void"),
                ("expires_at", ">=", fields.Datetime.now()),
            ],
            ["salt", "code_hash", "state", "public_key"],
            limit=1,
        )
        # The slow part is done for codes that are not there, too.
        digest = chain.slow_digest(code, pairing.salt or NO_SALT)
        # Two tries at once must both count: the row is locked, a loser of the race is retried.
        self.env.cr.execute(
            SQL("SELECT 1 FROM biometric_pairing WHERE id = %s FOR UPDATE", pairing.id or 0)
        )
        known = chain.same(digest, pairing.code_hash or "")
        if known and proven and (pairing.state == "open" or pairing.public_key == key_text):
            return pairing
        self.env.cr.execute(
            SQL(
                """UPDATE biometric_pairing SET tries = tries + 1,
                          state = CASE WHEN tries + 1 >= %s THEN 'void' ELSE state END
                    WHERE id = %s""",
                MAX_TRIES,
                pairing.id or 0,
            )
        )
        pairing.invalidate_recordset()
        return None

    def _accept(self, pairing, key_text, public_key, facts, address):
        agent = pairing.agent_id
        tokens = self.env["biometric.agent.token"]
        tokens._revoke(agent)
        token = tokens._issue(agent)
        if pairing.state == "open":
            pairing.write({"state": "used", "public_key": key_text})
            values = dict(
                facts,
                state="waiting",
                public_key=key_text,
                fingerprint=chain.fingerprint(public_key),
                paired_at=fields.Datetime.now(),
                paired_address=address,
                approved_by_id=False,
                approved_at=False,
                instances=False,
                rotate_wanted=False,
            )
            with agent._because(f"paired from {address}"):
                agent.write(values)
        return {
            "version": 1,
            "token": token,
            "agent_id": agent.id,
            "agent_name": agent.name,
            "company": agent.company_id.name,
            "state": agent.state,
            "fingerprint": agent.fingerprint,
            "can": wire_seal.CAN,
            "server_time": wire.from_datetime(fields.Datetime.now()),
        }


class BiometricPairingTry(models.Model):
    """Wrong tries per source address and what they aimed at; older ones than a code's life mean
    nothing. Bounded: the oldest make room."""

    _name = "biometric.pairing.try"
    _description = "Wrong pairing codes per address"
    _log_access = False
    _rec_name = "address"

    address = fields.Char(required=True)
    selector = fields.Char(readonly=True, size=SELECTOR_LENGTH)
    tried_at = fields.Datetime("Tried on", required=True)

    _by_aim = models.Index("(address, selector)")

    def _since(self):
        return fields.Datetime.subtract(fields.Datetime.now(), minutes=CODE_MINUTES)

    @api.model
    def _used_up(self, address, code):
        recent = [
            ("address", "=", address or ""),
            ("selector", "=", code[:SELECTOR_LENGTH]),
            ("tried_at", ">", self._since()),
        ]
        return self.search_count(recent, limit=MAX_TRIES) >= MAX_TRIES

    @api.model
    def _count(self, address, code):
        row = self.create(
            {
                "address": address or "",
                "selector": code[:SELECTOR_LENGTH],
                "tried_at": fields.Datetime.now(),
            }
        )
        self.env.cr.execute(
            SQL("DELETE FROM biometric_pairing_try WHERE id <= %s", row.id - MAX_REMEMBERED)
        )

    @api.autovacuum
    def _gc_tries(self):
        self.search([("tried_at", "<", self._since())]).unlink()
