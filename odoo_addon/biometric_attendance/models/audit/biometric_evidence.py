"""The ledgers of one company as rows of the verifier and of the export: plain values, in order.

Read in pages by key, so memory does not grow with the table. Shares nothing with the sealer or
ingest; must not judge.
"""

import psycopg2

from odoo import api, models
from odoo.tools import SQL

from ...verifier import trail

PAGE = 5000
# Columns of an audit entry that are no text; made text here, because a million casts and their
# parsing cost PostgreSQL more than they cost Python.
_NUMBERS = ("id", "company_id", "seq", "user_id", "real_user_id", "res_id", "person_id")
_STAMP = '\'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\''
# Tables whose rows are never changed, with the state of both triggers of each, and what else
# somebody hung on them: a trigger or a rule that changes what is put in, or lets some rows go.
_PROTECTION = """
SELECT c.relname AS table, pg_get_userbyid(c.relowner) AS owner,
       (SELECT t.tgenabled::text FROM pg_trigger t WHERE t.tgrelid = c.oid
           AND t.tgname = c.relname || '_append_only') AS row_trigger,
       (SELECT t.tgenabled::text FROM pg_trigger t WHERE t.tgrelid = c.oid
           AND t.tgname = c.relname || '_no_truncate') AS whole_trigger,
       ARRAY(SELECT t.tgname::text FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
                AND t.tgname <> ALL(ARRAY[c.relname || '_append_only', c.relname || '_no_truncate'])
              UNION ALL SELECT r.rulename::text FROM pg_rewrite r WHERE r.ev_class = c.oid
              ORDER BY 1) AS others
  FROM pg_class c
 WHERE c.relkind IN ('r', 'p') AND c.relname = ANY(%s)
   AND c.relnamespace = current_schema()::regnamespace
 ORDER BY c.relname
"""
_SIGHTING = f"""
SELECT s.id, s.company_id, s.lane_id, s.seq, s.kind, s.channel, s.clock, s.verify, s.work_code,
       s.extra, s.reason, s.named_reason, s.named_signature, s.named_key, s.raw, s.salt, s.leaf,
       s.hash, s.skew_seconds::float8 AS skew,
       to_char(s.received_at, {_STAMP}) AS received_at,
       s.device_id, d.serial AS device_serial, d.company_id AS device_company,
       s.punch_id, p.company_id AS punch_company, p.device_id AS punch_device, p.key, p.wall_time
  FROM biometric_sighting s
  LEFT JOIN biometric_device d ON d.id = s.device_id
  LEFT JOIN biometric_punch p ON p.id = s.punch_id
"""
_PUNCH = """
SELECT p.id, p.company_id, p.device_id, p.key, p.serial, p.pin, p.wall_time, p.status,
       p.wall_date::text AS wall_date, p.stored_at::text AS stored_at,
       d.serial AS device_serial, d.company_id AS device_company,
       EXISTS (SELECT 1 FROM biometric_sighting s
                WHERE s.punch_id = p.id AND s.kind = 'punch') AS seen
  FROM biometric_punch p JOIN biometric_device d ON d.id = p.device_id
"""


class BiometricEvidence(models.AbstractModel):
    _name = "biometric.evidence"
    _description = "Ledgers as records"

    @api.model
    def _pages(self, query, start, key, size=None):
        """Rows of `query(last key)`, page after page; key(row) -> where the next page begins."""
        last, size = start, size or PAGE
        while True:
            self.env.cr.execute(query(last))
            rows = self.env.cr.dictfetchall()
            yield from rows
            if len(rows) < size:
                return
            last = key(rows[-1])

    @api.model
    def _audit(self, company_id, only=None, low=-(2**31), high=2**31 - 1):
        """Entries that bear a number above `low` up to `high`, in its order. only: actions."""
        columns = [
            SQL("to_char(%s, %s) AS %s", SQL.identifier(name), SQL(_STAMP), SQL.identifier(name))
            if name in ("happened_at", "sealed_at")
            else SQL.identifier(name)
            for name in (*trail.CLEAR, *trail.ACTOR, *trail.CONTENT)
        ]
        columns += [
            SQL.identifier(name) for name in ("actor_salt", "content_salt", "previous_hash", "hash")
        ]
        chosen = SQL("AND action = ANY(%s)", list(only)) if only else SQL()

        def sealed(last):
            return SQL(
                """SELECT %s FROM biometric_audit a WHERE company_id = %s AND a.seq > %s
                      AND a.seq <= %s %s
                    ORDER BY a.seq, a.id LIMIT %s""",
                SQL(", ").join(columns),
                company_id,
                last,
                high,
                chosen,
                PAGE,
            )

        for row in self._pages(sealed, low, lambda row: int(row["seq"])):
            for name in _NUMBERS:
                if row[name] is not None:
                    row[name] = str(row[name])
            if row["self_approved"] is not None:
                row["self_approved"] = "true" if row["self_approved"] else "false"
            yield row

    @api.model
    def _said_unsealed(self, company_id, actions):
        """What entries say that wait for their number: a removal or an upload of this minute."""
        for row in self._rows(
            f"""SELECT action, model, res_id::text AS res_id, after, reason, transaction_id,
                       user_id::text AS user_id,
                       to_char(happened_at, {_STAMP}) AS happened_at
                  FROM biometric_audit WHERE company_id = %s AND hash IS NULL AND seq IS NULL
                   AND action = ANY(%s) ORDER BY id""",
            company_id,
            list(actions),
        ):
            yield {**row, "seq": str(2**31 - 1)}

    @api.model
    def _unsealed_explanations(self, company_id):
        return self._rows(
            """SELECT action, res_id, user_id, after, reason, content_salt FROM biometric_audit
                WHERE company_id = %s AND hash IS NULL AND action = 'finding.explain'""",
            company_id,
        )

    @api.model
    def _first_transaction(self, company_id):
        """Transaction of entry 1, or None."""
        rows = self._rows(
            "SELECT transaction_id FROM biometric_audit WHERE company_id = %s AND seq = 1",
            company_id,
        )
        return rows[0]["transaction_id"] if rows else None

    @api.model
    def _window_end(self, company_id, seq, transaction_id):
        """Number of the last of the entries of one transaction in a row that begin at `seq`."""
        (row,) = self._rows(
            """SELECT COALESCE(
                   (SELECT seq - 1 FROM biometric_audit WHERE company_id = %s AND seq > %s
                       AND transaction_id IS DISTINCT FROM %s ORDER BY seq LIMIT 1),
                   (SELECT max(seq) FROM biometric_audit WHERE company_id = %s)) AS last""",
            company_id,
            seq,
            transaction_id,
            company_id,
        )
        return row["last"]

    @api.model
    def _unsealed(self, company_id, older_than="1 hour"):
        """Ids of entries without a seal that should have one by now, or that lost it."""
        self.env.cr.execute(
            """SELECT id FROM biometric_audit WHERE company_id = %s
                  AND (seq IS NULL OR hash IS NULL)
                  AND (seq IS NOT NULL OR hash IS NOT NULL OR sealed_at IS NOT NULL
                       OR happened_at < (now() AT TIME ZONE 'UTC') - %s::interval)
                ORDER BY id LIMIT 1000""",
            (company_id, older_than),
        )
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _sightings(self, lane_id, low=0, high=2**31 - 1):
        """Numbers above `low` up to `high`; a bare leaf comes before the full sighting."""

        def page(last):
            seq, full = last
            return SQL(
                """%s WHERE s.lane_id = %s AND s.seq <= %s
                     AND (s.seq, (s.kind <> 'leaf')::int, s.id) > (%s, %s, %s)
                   ORDER BY s.seq, (s.kind <> 'leaf')::int, s.id LIMIT %s""",
                SQL(_SIGHTING),
                lane_id,
                high,
                seq,
                *full,
                PAGE,
            )

        def key(row):
            return row["seq"], (int(row["kind"] != "leaf"), row["id"])

        yield from self._pages(page, (low, (2, 0)), key)

    @api.model
    def _punches(self, company_id, low=0, high=2**31 - 1):
        """Punches with an id from `low` to `high`."""

        def page(last):
            return SQL(
                "%s WHERE p.company_id = %s AND p.id > %s AND p.id <= %s ORDER BY p.id LIMIT %s",
                SQL(_PUNCH),
                company_id,
                last,
                high,
                PAGE,
            )

        yield from self._pages(page, low - 1, lambda row: row["id"])

    @api.model
    def _rows(self, query, *parameters):
        self.env.cr.execute(SQL(query, *parameters))
        return self.env.cr.dictfetchall()

    @api.model
    def _lanes(self, company_id):
        return self._rows(
            f"""SELECT l.id, l.company_id, l.agent_id, l.carrier_id, l.lane, l.head_seq,
                      l.head_hash, l.broken_seq, l.checkpoint_seq, l.checkpoint_hash,
                      to_char(l.started_at, {_STAMP}) AS started_at,
                      to_char(l.signed_at, {_STAMP}) AS signed_at,
                      to_char(l.unsigned_at, {_STAMP}) AS unsigned_at,
                      to_char(a.last_seen_at, {_STAMP}) AS agent_seen_at
                 FROM biometric_lane l LEFT JOIN biometric_agent a ON a.id = l.agent_id
                WHERE l.company_id = %s ORDER BY l.id""",
            company_id,
        )

    @api.model
    def _agents(self, company_id):
        return self._rows(
            "SELECT id, company_id, name, state, public_key FROM biometric_agent "
            "WHERE company_id = %s ORDER BY id",
            company_id,
        )

    @api.model
    def _erased_keys(self, company_id, batches=None):
        """Digests of removed punches, a removal a row: {"batch", "count", "digest"}; digest is
        SHA-256 over its digests in ascending order, joined by LF. batches: list, or None for all;
        digests of no removal stand under ""."""
        chosen = SQL("AND batch = ANY(%s)", batches) if batches is not None else SQL()
        return self._rows(
            """SELECT COALESCE(batch, '') AS batch, count(*) AS count,
                      encode(sha256(convert_to(
                          string_agg(digest, chr(10) ORDER BY digest COLLATE "C"),
                          'UTF8')), 'hex') AS digest
                 FROM biometric_erased_key WHERE company_id = %s %s GROUP BY 1 ORDER BY 1""",
            company_id,
            chosen,
        )

    @api.model
    def _lane_heads(self, company_id):
        return self._rows(
            """SELECT lane_id, day::text AS day, seq, hash, signature, public_key
                 FROM biometric_lane_head WHERE company_id = %s ORDER BY lane_id, seq""",
            company_id,
        )

    @api.model
    def _witnesses(self, company_id):
        return self._rows(
            """SELECT company_id, agent_id, day::text AS day, seq, hash, signature, public_key
                 FROM biometric_audit_witness WHERE company_id = %s ORDER BY seq, id""",
            company_id,
        )

    @api.model
    def _ledger_tables(self):
        """`{table: SQL condition of the rows that are never changed}`."""
        return {
            model._table: model._append_only_rows
            for model in self.env.values()
            if hasattr(model, "_append_only_guard") and not model._abstract
        }

    @api.model
    def _protection(self):
        """Triggers and owner of every append-only table, and whether a change is refused now."""
        tables = self._ledger_tables()
        rows = self._rows(_PROTECTION, sorted(tables))
        for row in rows:
            row["refuses"] = self._refuses(row["table"], tables[row["table"]])
        return rows

    def _refuses(self, table, condition):
        """Tries to change one row to itself: True refused, False let through, None no row."""
        statement = SQL(
            "UPDATE %s SET id = id WHERE id = (SELECT min(id) FROM %s WHERE %s)",
            SQL.identifier(table),
            SQL.identifier(table),
            SQL(condition),
        )
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(statement, log_exceptions=False)
                touched = self.env.cr.rowcount
        except psycopg2.errors.CheckViolation:
            return True
        return False if touched else None
