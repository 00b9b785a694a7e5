"""Where the words of a person still stand: in any text column and text file of the database.

Looks and takes out; a person decides what goes, for the same word may mean somebody else. Rows that
belong to another company are not looked at. Must not know who may erase, nor the person's own
records, which biometric.erasure treats by themselves.
"""

import re
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL, ormcache

from .biometric_removal import PROOFS

# Shorter words stand for too many other things.
SHORTEST = 5
AROUND = 40
MOST_FOUND = 500
MOST_FILE_BYTES = 5 * 1024 * 1024
GONE = "[erased]"
# What the program and Odoo's own data are made of; nobody's records.
_MACHINERY = re.compile(
    r"ir_(?:model|ui|act|module|rule|cron|logging|profile|filters|default|sequence|asset)|"
    r"res_(?:country|currency|lang|groups)|biometric_(?:erase|trace)|base_|bus_bus"
)
_TEXT_KINDS = ("application/json", "application/xml", "application/csv")
FILES_AT_ONCE = 50
# Fields in which a row names the model of the record it is about, beside `res_id`.
_ABOUT = ("res_model", "model")
# How far a row's company is looked for: mail, its message, the record it is about, its owner.
STEPS = 5
# Columns that name a model, a field or a route of the program.
_OF_MODELS = re.compile(r"(?:res_|\w+_)?model(?:_name)?\Z|res_field\Z|action\Z")
# From the catalogue itself: information_schema looks up rights of each column, some 100 ms a time.
_COLUMNS_OF_TEXT = """
SELECT t.relname, c.attname FROM pg_attribute c JOIN pg_class t ON t.oid = c.attrelid
 WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p')
   AND c.attnum > 0 AND NOT c.attisdropped
   AND c.atttypid IN ('text'::regtype, 'varchar'::regtype, 'jsonb'::regtype)
   AND t.relname = ANY(%s) ORDER BY 1, 2
"""
# Columns of the ledgers that hold digests and nothing else.
_DIGESTS = re.compile(
    r"(?:\w+_)?(?:salt|leaf|hash|digest|checksum|public_key|named_signature|named_key)\Z"
)


# Fields of an employee, a contract version and a contact that name the person.
NAMING = (
    *("name", "legal_name", "barcode", "pin", "work_email", "private_email", "email"),
    *("work_phone", "mobile_phone", "private_phone", "phone", "private_street", "street"),
    *("identification_id", "passport_id", "ssnid"),
)


class Trace(NamedTuple):
    """One place. `stays`: why it cannot go, "" where it can; `excerpt` holds the words."""

    table: str
    column: str
    row: int
    excerpt: str
    stays: str = ""


class BiometricTrace(models.AbstractModel):
    _name = "biometric.trace"
    _description = "Traces of a person"

    @api.model
    def _words(self, employee):
        """What names this person and nobody else in particular, longest first."""
        person = employee.sudo()
        versions = person.with_context(active_test=False).version_ids
        users, partners = person.user_id, person.work_contact_id | person.user_id.partner_id
        mappings = self.env["biometric.device.user"].sudo()
        mappings = mappings.with_context(active_test=False).search(
            [("employee_id", "=", employee.id)]
        )
        said = [*mappings.mapped("card"), *mappings.mapped("device_name"), *users.mapped("login")]
        said += [
            record[name]
            for record in (person, *versions, *partners)
            for name in NAMING
            if name in record._fields
        ]
        names = [part for part in re.split(r"\s+", person.name or "") if part]
        words = {str(word).strip() for word in [*said, *names] if word}
        return sorted((word for word in words if len(word) >= SHORTEST), key=lambda w: (-len(w), w))

    @api.model
    def _pattern(self, words):
        """The words as whole ones, in any case; the same to PostgreSQL and to Python."""
        some = "|".join(re.escape(word) for word in words)
        return rf"(?<![[:alnum:]])(?:{some})(?![[:alnum:]])"

    @api.model
    def _compiled(self, words):
        some = "|".join(re.escape(word) for word in words)
        return re.compile(rf"(?<![^\W_])(?:{some})(?![^\W_])", re.I)

    # ------------------------------------------------------------------ looking

    @api.model
    def _find(self, company, words, own=()):
        """([Trace] of at most MOST_FOUND places, how many there are). own: {(table, row)} of the
        person's own records, which go by themselves."""
        if not words:
            return [], 0
        self.env.flush_all()
        pattern, compiled = self._pattern(words), self._compiled(words)
        found = []
        for table, columns in sorted(self._text_columns().items()):
            found += self._find_in(company, table, columns, pattern, compiled)
        found += self._find_in_files(company, compiled)
        found = [trace for trace in found if (trace.table, trace.row) not in own]
        return found[:MOST_FOUND], len(found)

    def _text_columns(self):
        """{table: [column]} of every table of a model that holds text."""
        tables = {
            model._table: model
            for model in self.env.registry.values()
            if model._auto and not model._abstract and not _MACHINERY.match(model._table)
        }
        self.env.cr.execute(_COLUMNS_OF_TEXT, (list(tables),))
        columns = {}
        for table, column in self.env.cr.fetchall():
            field = tables[table]._fields.get(column)
            # A choice or a model's name is a word of the program, whatever somebody's login is.
            chosen = field is not None and field.type == "selection"
            if not (chosen or _DIGESTS.match(column) or _OF_MODELS.match(column)):
                columns.setdefault(table, []).append(column)
        return columns

    def _find_in(self, company, table, columns, pattern, compiled):
        texts = SQL(", ").join(SQL("t.%s::text", SQL.identifier(name)) for name in columns)
        hit = SQL(" OR ").join(
            SQL("t.%s::text ~* %s", SQL.identifier(name), pattern) for name in columns
        )
        self.env.cr.execute(
            SQL(
                "SELECT t.id, %s FROM %s t WHERE (%s) AND %s ORDER BY t.id LIMIT %s",
                texts,
                SQL.identifier(table),
                hit,
                self._of_company(company, table),
                MOST_FOUND + 1,
            )
        )
        rows = self._of_readers(company, table, self.env.cr.fetchall())
        proofs = self._proofs([row[0] for row in rows]) if table == "biometric_audit" else ()
        stays = self._why_it_stays(table)
        return [
            Trace(table, column, row, _excerpt(text, match), "ledger" if row in proofs else stays)
            for row, *values in rows
            for column, text in zip(columns, values, strict=True)
            if (match := _first(compiled, text))
        ]

    def _model(self, table):
        return self.env[self._models()[table]]

    @ormcache()
    def _models(self):
        """{table: name of its model}, once a registry: asked for every table and every place."""
        kinds = [model for model in self.env.registry.values() if model._auto]
        return {model._table: model._name for model in reversed(kinds)}

    def _of_company(self, company, table):
        """SQL: rows of `t` that are not another company's."""
        field = self._model(table)._fields.get("company_id")
        if field is None or not field.store or field.type != "many2one":
            return SQL("TRUE")
        return SQL("(t.company_id IS NULL OR t.company_id = %s)", company.id)

    def _of_readers(self, company, table, rows):
        """Without rows that are part of another company's, as a message about its record is."""
        model = self._model(table).sudo().with_context(active_test=False)
        records = {record.id: record for record in model.browse([row[0] for row in rows]).exists()}
        here = (company, company.browse())
        return [row for row in rows if row[0] in records and self._owner(records[row[0]]) in here]

    def _owner(self, record, steps=STEPS):
        """Company of a row, or of what it is part of; none where it is everybody's."""
        nobody = self.env["res.company"]
        if not record or not steps:
            return nobody
        if "company_id" in record._fields:
            return record.company_id
        about = next((name for name in _ABOUT if name in record._fields), None)
        if about and record[about] in self.env and record.res_id:
            other = self.env[record[about]].sudo().with_context(active_test=False)
            return self._owner(other.browse(record.res_id).exists(), steps - 1)
        owners = (
            self._owner(record[field.name], steps - 1)
            for field in record._fields.values()
            if field.type == "many2one" and field.store and field.required
            if field.ondelete in ("cascade", "restrict")
        )
        return next(filter(None, owners), nobody)

    def _is_here(self, company, name, res_id):
        model = self.env.get(name or "")
        if model is None or not res_id:
            return True
        record = model.sudo().with_context(active_test=False).browse(res_id).exists()
        return self._owner(record) in (company, company.browse())

    def _proofs(self, ids):
        """Entries that are proof: their content stays, whatever it holds."""
        entries = self.env["biometric.audit"].sudo().browse(ids)
        return {entry.id for entry in entries if entry.action in PROOFS}

    def _why_it_stays(self, table):
        """Ledgers are blanked entry by entry; those of pay and of decisions stay."""
        if table in ("biometric_audit", "biometric_sighting"):
            return ""
        model = self._model(table)
        return "ledger" if hasattr(model, "_append_only_guard") else ""

    def _find_in_files(self, company, compiled):
        """Contents of text files; a picture or a packed document is not read."""
        files = self.env["ir.attachment"].sudo()
        # Said, because Odoo leaves the files of fields out of a search that does not name them.
        any_field = ["|", ("res_field", "=", False), ("res_field", "!=", False)]
        kinds = ["|", ("mimetype", "=like", "text/%"), ("mimetype", "in", _TEXT_KINDS)]
        small = [("file_size", "<=", MOST_FILE_BYTES), ("type", "=", "binary")]
        here = [("company_id", "in", (False, company.id))]
        found, last = [], 0
        domain = [*any_field, *kinds, *small, *here]
        while page := files.search([*domain, ("id", ">", last)], order="id", limit=FILES_AT_ONCE):
            last = page[-1].id
            found += [trace for file in page if (trace := self._in_file(company, file, compiled))]
            page.invalidate_recordset(flush=False)
        return found

    def _in_file(self, company, file, compiled):
        """The Trace in a text file, or None."""
        if not self._is_here(company, file.res_model, file.res_id):
            return None
        text = (file.raw or b"").decode("utf-8", "replace")
        match = _first(compiled, text)
        if not match:
            return None
        stays = "payroll" if file.res_model == "biometric.export" else ""
        return Trace("ir_attachment", "content", file.id, _excerpt(text, match), stays)

    # ------------------------------------------------------------------ taking out

    @api.model
    def _take_out(self, company, words, traces, register):
        """The words of the chosen places; {(model, id)} of audited rows that changed. What stays
        by its nature is left alone, whatever was chosen."""
        removal, compiled = self.env["biometric.removal"], self._compiled(words)
        by_place = {}
        for trace in traces:
            if not trace.stays:
                by_place.setdefault((trace.table, trace.column), []).append(trace.row)
        changed = set()
        for (table, column), rows in by_place.items():
            if table == "biometric_audit":
                actor = column in ("login", "user_name", "address")
                part = "actor" if actor else "content"
                changed |= removal._blank_entries(company, part, "id = ANY(%s)", (rows,), register)
            elif table == "biometric_sighting":
                removal._bare(rows, register)
            elif (table, column) == ("ir_attachment", "content"):
                self.env["ir.attachment"].sudo().browse(rows).exists().unlink()
            else:
                self._replace(table, column, rows, compiled)
                changed |= {(self._model(table)._name, row) for row in rows}
        self.env.invalidate_all()
        return changed

    def _replace(self, table, column, rows, compiled):
        name, kind = SQL.identifier(column), self._type(table, column)
        self.env.cr.execute(
            SQL("SELECT id, %s::text FROM %s WHERE id = ANY(%s)", name, SQL.identifier(table), rows)
        )
        for row, text in self.env.cr.fetchall():
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s::%s WHERE id = %s",
                    SQL.identifier(table),
                    name,
                    compiled.sub(GONE, text or ""),
                    kind,
                    row,
                )
            )

    def _type(self, table, column):
        self.env.cr.execute(
            """SELECT data_type FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = %s AND column_name = %s""",
            (table, column),
        )
        return SQL("jsonb") if self.env.cr.fetchone()[0] == "jsonb" else SQL("text")


def _first(compiled, text):
    return next(compiled.finditer(text or ""), None)


def _excerpt(text, match):
    return " ".join(text[max(match.start() - AROUND, 0) : match.end() + AROUND].split())
