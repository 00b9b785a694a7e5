"""The tamper-evident trail of manual actions: who, when, why, before, after.

Owns the one hook `_record` that every manual action of this addon calls, and the single sealer
that numbers and chains entries per company. Entries are inserted unsealed, because concurrent
requests that chained themselves would fork the chain under REPEATABLE READ; only the cron seals.
Must not know what the actions mean.
"""

import json

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL

from .. import chain

# The columns a hash covers, in this order, for ever: a new form gets a new audit version.
HASHED = (
    "company_id",
    "seq",
    "happened_at",
    "user_id",
    "login",
    "user_name",
    "real_user_id",
    "address",
    "action",
    "model",
    "res_id",
    "record_name",
    "before",
    "after",
    "reason",
    "self_approved",
)
SEAL_BATCH = 1000

_GUARD = """
CREATE OR REPLACE FUNCTION biometric_audit_guard() RETURNS trigger AS $$
DECLARE
    seal text[] := ARRAY['seq', 'previous_hash', 'hash', 'sealed_at'];
BEGIN
    IF current_setting('biometric.allow_change', true) = 'on' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.hash IS NULL AND NEW.hash IS NOT NULL AND NEW.seq IS NOT NULL
       AND to_jsonb(OLD) - seal = to_jsonb(NEW) - seal THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME
        USING ERRCODE = '23514';
END;
$$ LANGUAGE plpgsql
"""


class BiometricAudit(models.Model):
    _name = "biometric.audit"
    _description = "Audit entries"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "action"
    _append_only_function = "biometric_audit_guard"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    seq = fields.Integer("Number", readonly=True, help="Gapless in its company; empty until sealed")
    happened_at = fields.Datetime("When", required=True, readonly=True)
    # Plain numbers and texts, no foreign keys: an entry outlives the user and the record.
    user_id = fields.Integer("User id", readonly=True)
    login = fields.Char(readonly=True)
    user_name = fields.Char("Who", readonly=True)
    real_user_id = fields.Integer("Real user id", readonly=True)
    address = fields.Char(readonly=True)
    action = fields.Char(required=True, readonly=True)
    model = fields.Char(readonly=True)
    res_id = fields.Integer("Record id", readonly=True)
    record_name = fields.Char("Record", readonly=True)
    before = fields.Text(readonly=True)
    after = fields.Text(readonly=True)
    reason = fields.Char(readonly=True)
    self_approved = fields.Boolean(readonly=True)
    previous_hash = fields.Char(readonly=True)
    hash = fields.Char(readonly=True)
    sealed_at = fields.Datetime(readonly=True)

    _one_number = models.UniqueIndex("(company_id, seq) WHERE seq IS NOT NULL")
    _unsealed = models.Index("(company_id, id) WHERE hash IS NULL")
    _subject = models.Index("(model, res_id)")

    def init(self):
        self.env.cr.execute(_GUARD)
        super().init()

    @api.model
    def _record(
        self,
        action,
        record,
        before=None,
        after=None,
        reason=None,
        *,
        company=None,
        self_approved=False,
    ):
        """Write one unsealed entry.

        action: short word such as `device.approve`; record: the one record it is about;
        before/after: dict of JSON values, or None; reason: text or None.
        The time is the database's. Works whatever the context says.
        """
        company = company or record.sudo().company_id or self.env.company
        actor = self.env.user
        self.env.cr.execute(
            SQL(
                """INSERT INTO biometric_audit (company_id, happened_at, user_id, login, user_name,
                       real_user_id, address, action, model, res_id, record_name, before, after,
                       reason, self_approved)
                   VALUES (%s, date_trunc('milliseconds', clock_timestamp() AT TIME ZONE 'UTC'),
                       %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id""",
                company.id,
                actor.id,
                actor.sudo().login,
                actor.sudo().name,
                self._real_uid(),
                self._address(),
                action,
                record._name,
                record.id or None,
                record.sudo().display_name if record.id else None,
                self._as_text(before),
                self._as_text(after),
                (reason or "").strip() or None,
                bool(self_approved),
            )
        )
        entry = self.browse(self.env.cr.fetchone()[0])
        self._trigger_sealer()
        return entry

    def _real_uid(self):
        """Who is logged in, even where code acts as somebody else."""
        if request and request.session.uid:
            return request.session.uid
        return self.env.uid

    def _address(self):
        return request.httprequest.remote_addr if request else "internal"

    @staticmethod
    def _as_text(values):
        if values is None:
            return None
        return json.dumps(
            values, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
        )

    def _trigger_sealer(self):
        cron = self.env.ref("biometric_attendance.ir_cron_biometric_seal", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    # ------------------------------------------------------------------ sealing

    def _cron_seal(self):
        """Number and chain what is not sealed yet. The only writer: one cron, one transaction."""
        self.env["ir.cron"]._commit_progress(remaining=self._unsealed_count())
        while done := self._seal(SEAL_BATCH):
            if not self.env["ir.cron"]._commit_progress(done):
                break

    def _unsealed_count(self):
        self.env.cr.execute("SELECT count(*) FROM biometric_audit WHERE hash IS NULL")
        return self.env.cr.fetchone()[0]

    def _seal(self, limit):
        """Seal up to `limit` entries, oldest first; returns how many."""
        cr = self.env.cr
        # A second sealer (a person in a shell beside the cron) waits for nothing and does nothing.
        cr.execute("SELECT pg_try_advisory_xact_lock(hashtext('biometric_audit_seal'))")
        if not cr.fetchone()[0]:
            return 0
        cr.execute(
            SQL(
                "SELECT id, %s FROM biometric_audit WHERE hash IS NULL ORDER BY id LIMIT %s",
                SQL(", ").join(self._hashed_sql()),
                limit,
            )
        )
        rows = cr.fetchall()
        heads = {}
        for row in rows:
            values = dict(zip(HASHED, row[1:], strict=True))
            company = int(values["company_id"])
            seq, previous = heads.get(company) or self._head(company)
            values["seq"] = str(seq + 1)
            digest = chain.audit_hash(previous, [(name, values[name]) for name in HASHED])
            cr.execute(
                """UPDATE biometric_audit SET seq = %s, previous_hash = %s, hash = %s,
                          sealed_at = clock_timestamp() AT TIME ZONE 'UTC' WHERE id = %s""",
                (seq + 1, previous, digest, row[0]),
            )
            heads[company] = (seq + 1, digest)
        self.invalidate_model()
        return len(rows)

    def _hashed_sql(self):
        """Every hashed column as text, so that the hash does not depend on a driver's types."""
        for name in HASHED:
            column = SQL.identifier(name)
            if name == "happened_at":
                yield SQL("""to_char(happened_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""")
            elif name == "seq":
                yield SQL("NULL::text")
            else:
                yield SQL("%s::text", column)

    def _head(self, company_id):
        """(seq, hash) of the last sealed entry of a company; (0, genesis) for none."""
        self.env.cr.execute(
            """SELECT seq, hash FROM biometric_audit WHERE company_id = %s AND seq IS NOT NULL
               ORDER BY seq DESC LIMIT 1""",
            (company_id,),
        )
        return self.env.cr.fetchone() or (0, chain.audit_genesis(company_id))
