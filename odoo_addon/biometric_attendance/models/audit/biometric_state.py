"""Rows that turn punches into minutes, as they stand: plain values for the verifier, for the export
and for the entries that take them up. Which models and fields is data of verifier/audited.py.

Set-based SQL throughout: a year's roster is hundreds of thousands of rows. Must not judge.
"""

import json

from odoo import api, models
from odoo.tools import SQL

from ...contract import chain
from ...seams.parameters import OURS_LIKE
from ...seams.sql_people import EMPLOYEES
from ...verifier.audited import AUDITED, BEGIN, LIST, TAKE_UP, list_age, list_digest, widened_since
from . import biometric_evidence

# As verifier/states.py reads it: text of a forged entry must not stop a check.
_DECISION = '"decision": ?([0-9]{1,9})'
_DATETIME = "YYYY-MM-DD HH24:MI:SS"


def _lists(text):
    """[digest] of the list that an entry names; nothing where it was forged into another form."""
    try:
        return [str(json.loads(text)["list"])]
    except (KeyError, TypeError, ValueError):
        return []


class BiometricState(models.AbstractModel):
    _name = "biometric.state"
    _description = "Audited records, current state"

    @api.model
    def _models(self):
        """Names of the audited models that are there, in their order."""
        return [name for name in sorted(AUDITED) if name in self.env]

    # ------------------------------------------------------------------ rows

    def _value(self, model, name):
        """SQL of one audited field of row `t` as JSON, in the form of an entry's `after`."""
        field = model._fields[name]
        if field.type == "many2many":
            return SQL(
                "(SELECT COALESCE(jsonb_agg(r.%s ORDER BY r.%s), '[]') FROM %s r "
                "WHERE r.%s = t.id)",
                SQL.identifier(field.column2),
                SQL.identifier(field.column2),
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
            )
        column = SQL("t.%s", SQL.identifier(name))
        if field.type == "datetime":
            return SQL("to_jsonb(to_char(%s, %s))", column, _DATETIME)
        return SQL("to_jsonb(%s)", column)

    def _values(self, model):
        pairs = [
            SQL("%s::text, %s", name, self._value(model, name))
            for name in AUDITED[model._name].fields
        ]
        return SQL("jsonb_build_object(%s)", SQL(", ").join(pairs))

    def _of_company(self, model, company_id):
        """SQL condition: the rows `t` that the trail of a company speaks of."""
        audited = AUDITED[model._name]
        if model._name == "res.company":
            owned = SQL("t.id = %s", company_id)
        elif model._name == "ir.config_parameter":
            owned = SQL("t.key LIKE %s", OURS_LIKE)
        else:
            owned = SQL("t.company_id = %s", company_id)
            if not model._fields["company_id"].required:
                owned = SQL("(%s OR %s)", owned, self._nobodys(model, company_id))
        if audited.counts_from:
            name, value = audited.counts_from
            owned = SQL("%s AND t.%s = %s", owned, SQL.identifier(name), value)
        return owned

    def _nobodys(self, model, company_id):
        """SQL condition: rows `t` that bear no company, and that no trail would speak of: they are
        judged where the person or the record is whose they are."""
        if "employee_id" in model._fields:
            link, owners = "employee_id", SQL(EMPLOYEES)
        else:
            link = model._fields["company_id"].related.split(".")[0]
            owners = SQL.identifier(self.env[model._fields[link].comodel_name]._table)
        return SQL(
            "(t.company_id IS NULL AND t.%s IN (SELECT o.id FROM %s o WHERE o.company_id = %s))",
            SQL.identifier(link),
            owners,
            company_id,
        )

    @api.model
    def _rows(self, name, company_id, low=0, high=2**31 - 1):
        """{"id", "values"} of one model, ids from low to high, in their order."""
        model = self.env[name]
        model.flush_model()

        def page(last):
            return SQL(
                "SELECT t.id, %s AS values FROM %s t WHERE %s AND t.id > %s AND t.id <= %s "
                "ORDER BY t.id LIMIT %s",
                self._values(model),
                SQL.identifier(model._table),
                self._of_company(model, company_id),
                last,
                high,
                biometric_evidence.PAGE,
            )

        pages = self.env["biometric.evidence"]._pages
        yield from pages(page, low - 1, lambda row: row["id"])

    @api.model
    def _said(self, record):
        """Audited fields of one record as its row has them: what an entry about it must say."""
        return next(
            row["values"]
            for row in self._rows(record._name, record.company_id.id, record.id, record.id)
        )

    @api.model
    def _all_rows(self, company_id):
        """{"model", "id", "values"} of every audited model: the export's state.jsonl."""
        for name in self._models():
            for row in self._rows(name, company_id):
                yield {"model": name, **row}

    # ------------------------------------------------------------------ what the trail says

    @api.model
    def _entries(self, name, company_id, since=0, low=0, high=2**31 - 1):
        """Entries after number `since` that speak of rows low to high of a model, sealed or not
        yet, by row and age: {"subject", "seq", "action", "transaction_id", "after", "blank"}."""
        spoken = self._speaking(name)

        def page(last):
            return SQL(
                """SELECT e.* FROM (
                       SELECT %s AS subject, a.id, a.seq, a.action, a.after, a.transaction_id,
                              a.content_salt IS NULL AS blank
                         FROM biometric_audit a
                        WHERE a.company_id = %s AND (a.seq IS NULL OR a.seq > %s) AND %s) e
                    WHERE e.subject BETWEEN %s AND %s AND (e.subject, e.id) > (%s, %s)
                    ORDER BY e.subject, e.id LIMIT %s""",
                spoken[0],
                company_id,
                since,
                spoken[1],
                max(low, last[0]),
                high,
                *last,
                biometric_evidence.PAGE,
            )

        def key(row):
            return row["subject"], row["id"]

        pages = self.env["biometric.evidence"]._pages
        yield from pages(page, (low, -1), key)

    def _is_begun(self, company_id):
        """Whether state is compared in a trail: since its installation, or since an upgrade."""
        self.env.cr.execute(
            "SELECT 1 FROM biometric_audit WHERE company_id = %s AND action = ANY(%s) LIMIT 1",
            (company_id, [BEGIN, LIST, f"settings.{TAKE_UP}"]),
        )
        return bool(self.env.cr.fetchone())

    def _list_said(self, company_id):
        """Digest of the list that a trail says last, or None."""
        self.env.cr.execute(
            """SELECT after FROM biometric_audit WHERE company_id = %s AND action = ANY(%s)
                ORDER BY id DESC""",
            (company_id, [BEGIN, LIST]),
        )
        ages = {list_age(said): said for (text,) in self.env.cr.fetchall() for said in _lists(text)}
        return ages[max(ages)] if ages else None

    def _speaking(self, name):
        """(SQL of the row's id, SQL of the condition) for entries `a` that speak of a model."""
        words = SQL("split_part(a.action, '.', 1) = ANY(%s)", list(AUDITED[name].words))
        own = SQL("a.model = %s AND %s", name, words)
        if name != "biometric.decision":
            return SQL("a.res_id"), own
        told = SQL(
            "a.model IN ('biometric.punch', 'biometric.sighting') AND a.after ~ %s", _DECISION
        )
        return (
            SQL(
                "CASE WHEN a.model = %s THEN a.res_id ELSE substring(a.after FROM %s)::int END",
                name,
                _DECISION,
            ),
            SQL("((%s) OR (%s))", own, told),
        )

    # ------------------------------------------------------------------ taking up

    @api.model
    def _begin(self, company, reason):
        """State is compared from here on: what the trail says of rows before counts no more, and
        each row as it stands is taken up. Once for a company, at the upgrade that brought it;
        returns whether it was now."""
        if self._is_begun(company.id):
            return False
        self.env["biometric.audit"]._record(
            BEGIN, company, None, {"list": list_digest()}, reason, company=company
        )
        self._take_up(company, reason)
        return True

    @api.model
    def _born(self, company, reason):
        """A trail begins: which list it is compared by, settings and parameters as they are."""
        self._say_list(company, reason)
        self._take_up(company, reason, {"res.company": company.ids, "ir.config_parameter": None})

    @api.model
    def _widen(self, company, reason):
        """The list became another one with an upgrade: rows of the models that it says more of, by
        this release or by one that was skipped, are taken up as they stand. Once for a list;
        returns whether it was now."""
        said = self._list_said(company.id)
        if said == list_digest():
            return False
        self._say_list(company, reason)
        self._take_up(company, reason, dict.fromkeys(widened_since(said)))
        return True

    def _say_list(self, company, reason):
        self.env["biometric.audit"]._record(
            LIST, company, None, {"list": list_digest()}, reason, company=company
        )

    @api.model
    def _take_up(self, company, reason, only=None):
        """One entry a row with its audited fields, whatever the trail says of it already.

        only: {model: ids, or None for all of its rows}, None for every model. reason: text that
        stands in each entry. Returns how many entries were written; the sealer numbers them like
        any other.
        """
        count = 0
        for name in self._models() if only is None else sorted(only):
            count += self._take_up_model(name, company, reason, only and only[name])
        if count:
            self.env["biometric.audit"]._trigger_sealer()
        return count

    def _take_up_model(self, name, company, reason, ids):
        model, actor = self.env[name], self.env.user.sudo()
        model.flush_model()
        chosen = self._of_company(model, company.id)
        if ids is not None:
            chosen = SQL("%s AND t.id = ANY(%s)", chosen, list(ids))
        elif AUDITED[name].made_by_service:
            field, value = AUDITED[name].made_by_service
            chosen = SQL("%s AND t.%s IS DISTINCT FROM %s", chosen, SQL.identifier(field), value)
        field = model._fields.get("employee_id")
        person = SQL("t.employee_id") if field and field.store else SQL("NULL::int")
        self.env.cr.execute(
            SQL(
                """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form,
                       actor_salt, content_salt, person_id, user_id, login, user_name,
                       real_user_id, address, action, model, res_id, after, reason, self_approved)
                   SELECT %s, date_trunc('milliseconds', clock_timestamp() AT TIME ZONE 'UTC'),
                          txid_current()::text, %s, replace(gen_random_uuid()::text, '-', ''),
                          replace(gen_random_uuid()::text, '-', ''), %s, %s, %s, %s, %s,
                          'internal', %s, %s, t.id, (%s)::text, %s, false
                     FROM %s t WHERE %s ORDER BY t.id""",
                company.id,
                chain.AUDIT_FORM,
                person,
                actor.id,
                actor.login,
                actor.name,
                actor.id,
                f"{AUDITED[name].words[0]}.{TAKE_UP}",
                name,
                self._values(model),
                reason,
                SQL.identifier(model._table),
                chosen,
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _state_again(self, company, rows):
        """An erasure took entries' content out: what they spoke of and still stands is said anew,
        without names. rows: {(model, id)}."""
        decided = {row_id for name, row_id in rows if name == "biometric.punch"}
        only = {}
        for name, row_id in rows:
            if name in AUDITED and row_id:
                only.setdefault(name, set()).add(row_id)
        if decided:
            self.env.cr.execute(
                "SELECT id FROM biometric_decision WHERE punch_id = ANY(%s)", (list(decided),)
            )
            only.setdefault("biometric.decision", set()).update(
                row[0] for row in self.env.cr.fetchall()
            )
        self._take_up(company, self.env._("reported again after an erasure"), only)
