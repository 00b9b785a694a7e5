"""The tamper-evident trail of manual actions: who, when, why, before, after.

Owns the one hook `_record` that every manual action of this addon calls, and the single sealer
that numbers and chains entries per company. Entries are inserted unsealed, because concurrent
requests that chained themselves would fork the chain under REPEATABLE READ; only the cron seals.
Must not know what the actions mean.
"""

import json
import secrets

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL

from ...contract import chain
from ...seams.job import Turn
from ..mixins.biometric_audited import NAMED, Act
from .biometric_audit_about import AuditAbout
from .biometric_audit_story import AuditStory
from .biometric_audit_words import AuditWords

# The columns a seal covers, in this order, for ever: a change of them gets a new form. Those that
# name people are covered through two salted digests, so that a person can be erased and the chain
# still verifies: who acted, and what it was about.
ACTOR = ("login", "user_name", "address")
CONTENT = ("record_name", "before", "after", "reason")
CLEAR = (
    "form",
    "id",
    "company_id",
    "seq",
    "happened_at",
    "sealed_at",
    "transaction_id",
    "user_id",
    "real_user_id",
    "action",
    "model",
    "res_id",
    "person_id",
    "self_approved",
    "actor_digest",
    "content_digest",
)
SEAL_BATCH = 1000

_INSERT = """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form,
       actor_salt, content_salt, person_id, user_id, login, user_name, real_user_id, address,
       action, model, res_id, record_name, before, after, reason, self_approved)
VALUES %s RETURNING id"""
_ROW = (
    "(%s, date_trunc('milliseconds', clock_timestamp() AT TIME ZONE 'UTC'), txid_current()::text"
    + ", %s" * 17
    + ")"
)

_GUARD = """
CREATE OR REPLACE FUNCTION biometric_audit_guard() RETURNS trigger AS $$
DECLARE
    seal text[] := ARRAY['seq', 'previous_hash', 'hash', 'sealed_at', 'actor_digest',
                         'content_digest'];
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


class BiometricAudit(AuditAbout, AuditStory, AuditWords, models.Model):
    _name = "biometric.audit"
    _description = "Audit entries"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "action"
    _append_only_function = "biometric_audit_guard"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    seq = fields.Integer(
        "Number", readonly=True, help="Consecutive within its company; empty until sealed"
    )
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
    self_approved = fields.Boolean("Self-approved", readonly=True)
    form = fields.Char("Format", readonly=True, help="Form of the text that the seal covers")
    person_id = fields.Integer(
        "Person number",
        readonly=True,
        help="Number of the employee it concerns; refers to nobody once the person is erased",
    )
    transaction_id = fields.Char(readonly=True, help="Shared by all entries of one action")
    actor_salt = fields.Char("Salt of the user", readonly=True)
    actor_digest = fields.Char("Digest of the user", readonly=True)
    content_salt = fields.Char("Content salt", readonly=True)
    content_digest = fields.Char("Content digest", readonly=True)
    previous_hash = fields.Char("Previous hash", readonly=True)
    hash = fields.Char(readonly=True)
    sealed_at = fields.Datetime("Sealed on", readonly=True)
    # Words and what it is about: made when it is read, covered by no seal.
    story = fields.Char("What happened", compute="_compute_story")
    differences = fields.Html("Before and after", compute="_compute_differences", sanitize=False)
    person = fields.Char(compute="_compute_story", search="_search_person")
    day = fields.Date("About the day", compute="_compute_day", search="_search_day")
    # For histories: searched, never read.
    concerned_id = fields.Integer("Affected", search="_search_concerned_id", store=False)

    _one_number = models.UniqueIndex("(company_id, seq) WHERE seq IS NOT NULL")
    # The sealer takes the oldest of all companies: by company first, each batch of a large backlog
    # would read all of it.
    _unsealed = models.Index("(id) WHERE hash IS NULL")
    _subject = models.Index("(model, res_id)")
    _by_person = models.Index("(person_id, id) WHERE person_id IS NOT NULL")
    _by_user = models.Index("(user_id, id)")
    # Asked at each computation of days; a handful among millions.
    _took_out = models.Index("(company_id) WHERE action IN ('person.erase', 'retention.purge')")

    def init(self):
        self.env.cr.execute(_GUARD)
        return super().init()

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
        concern=NAMED,
    ):
        """Write one unsealed entry.

        action: short word such as `device.approve`; record: the one record it is about;
        before/after: dict of JSON values, or None; reason: text or None; concern: whom it concerns
        before or after. UserError where nobody but the actor is concerned and somebody else may do
        it (biometric.duty). The time is the database's. Works whatever the context says.
        """
        return self._record_all(action, [Act(record, before, after, reason, company, concern)])

    @api.model
    def _record_all(self, action, acts):
        """The same of many acts with one action, an entry each in their order, in one statement:
        a roster of a thousand people is written in one go."""
        if not acts:
            return self
        acts = [
            act._replace(company=act.company or act.record.sudo().company_id or self.env.company)
            for act in acts
        ]
        people = [self._person(act.record) for act in acts]
        concerns = [
            act.concern._replace(
                subjects={person} - {None}
                if act.concern.subjects is None
                else set(act.concern.subjects)
            )
            for act, person in zip(acts, people, strict=True)
        ]
        owns = self.env["biometric.duty"]._weigh_all(
            zip(concerns, [act.company for act in acts], strict=True)
        )
        rows = [
            self._row(action, act, person, own)
            for act, person, own in zip(acts, people, owns, strict=True)
        ]
        ids = execute_values(self.env.cr._obj, _INSERT, rows, _ROW, page_size=1000, fetch=True)
        entries = self.browse([row[0] for row in ids])
        for entry, person, concern, own in zip(entries, people, concerns, owns, strict=True):
            # Of an act about many, only who acted about themselves is kept beside it.
            named = concern.subjects if len(concern.subjects) <= 2 else set()
            if beside := (named - {person}) | own:
                self.env["biometric.audit.concern"]._note(entry, beside, own, concern.days)
        self._trigger_sealer()
        return entries

    def _row(self, action, act, person, own):
        """Values of an entry in the order of _ROW. Whose name stands there is who is logged in,
        whomever the code acts as."""
        actor = self.env["res.users"].sudo().browse(self._real_uid())
        record = act.record
        return (
            act.company.id,
            chain.AUDIT_FORM,
            secrets.token_hex(16),
            secrets.token_hex(16),
            person,
            self.env.uid,
            actor.login,
            actor.name,
            actor.id,
            self._address(),
            action,
            record._name,
            record.id or None,
            record.sudo().display_name if record.id else None,
            self._as_text(act.before),
            self._as_text(act.after),
            (act.reason or "").strip() or None,
            bool(own),
        )

    @staticmethod
    def _person(record):
        """Id of the employee a record is about, or None. The number is the pseudonym: who it was
        stands in the employee's own record, outside the chain."""
        if not record.id:
            return None
        if record._name == "hr.employee":
            return record.id
        if "employee_id" in record._fields and record._fields["employee_id"].type == "many2one":
            return record.sudo().employee_id.id or None
        return None

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
        turn = Turn(self.env, self._unsealed_count())
        while done := self._seal(SEAL_BATCH):
            if not turn.done(done):
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
        aside = self.env["biometric.job"]._aside("seal", "res.company")
        while rows := self._waiting(limit, aside.resting):
            resting = len(aside.resting)
            companies = self.env["res.company"].browse({int(row["company_id"]) for row in rows})
            done = aside.do(companies, lambda some, rows=rows: self._seal_rows(some, rows))
            if done or len(aside.resting) == resting:
                return sum(int(row["company_id"]) in done._ids for row in rows)
        return 0

    def _waiting(self, limit, resting):
        """Columns of up to `limit` entries to be sealed, oldest first, of companies that do not
        rest."""
        self.env.cr.execute(
            SQL(
                """SELECT %s, actor_salt, content_salt FROM biometric_audit
                    WHERE hash IS NULL AND company_id <> ALL(%s)
                    ORDER BY biometric_audit.id LIMIT %s""",
                SQL(", ").join(self._text_columns(ACTOR + CONTENT + CLEAR)),
                list(resting),
                limit,
            )
        )
        return self.env.cr.dictfetchall()

    def _seal_rows(self, companies, rows):
        """Seal those of these rows that are of `companies`."""
        heads, seals = {}, []
        for row in rows:
            values, company = dict(row), int(row["company_id"])
            if company not in companies._ids:
                continue
            seq, previous = heads.get(company) or self._head(company)
            values["seq"] = str(seq + 1)
            for part, names in (("actor", ACTOR), ("content", CONTENT)):
                columns = [(name, values[name]) for name in names]
                digest = chain.audit_part(part, values[f"{part}_salt"], columns)
                values[f"{part}_digest"] = digest
            digest = chain.audit_hash(previous, [(name, values[name]) for name in CLEAR])
            seals.append(
                (
                    int(values["id"]),
                    seq + 1,
                    previous,
                    digest,
                    values["sealed_at"],
                    values["actor_digest"],
                    values["content_digest"],
                )
            )
            heads[company] = (seq + 1, digest)
        self._write_seals(seals)

    def _write_seals(self, seals):
        if not seals:
            return
        execute_values(
            self.env.cr._obj,
            """UPDATE biometric_audit a
                  SET seq = v.seq, previous_hash = v.previous, hash = v.hash,
                      sealed_at = v.sealed_at::timestamp, actor_digest = v.actor,
                      content_digest = v.content
                 FROM (VALUES %s) v (id, seq, previous, hash, sealed_at, actor, content)
                WHERE a.id = v.id""",
            seals,
            page_size=SEAL_BATCH,
        )
        self.invalidate_model()

    @staticmethod
    def _text_columns(names):
        """Columns as text, so that no seal depends on a driver's types. One statement has one
        `now()`: the entries it seals share their time of sealing."""
        form = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
        for name in names:
            if name == "sealed_at":
                value = SQL("to_char(now() AT TIME ZONE 'UTC', %s)", form)
            elif name == "happened_at":
                value = SQL("to_char(happened_at, %s)", form)
            else:
                value = SQL("%s::text", SQL.identifier(name))
            yield SQL("%s AS %s", value, SQL.identifier(name))

    def _head(self, company_id):
        """(seq, hash) of the last sealed entry of a company; (0, genesis) for none."""
        self.env.cr.execute(
            """SELECT seq, hash FROM biometric_audit WHERE company_id = %s AND seq IS NOT NULL
               ORDER BY seq DESC LIMIT 1""",
            (company_id,),
        )
        return self.env.cr.fetchone() or (0, chain.audit_genesis(company_id))
