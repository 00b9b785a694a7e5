"""Which rows one company consists of, and taking all of them out in one statement.

The only code that empties ledgers for a company whole; biometric.service.deletion alone calls it,
once all its conditions hold. Rows are found by the database's own foreign keys, so that a table
added tomorrow is reached as well: whatever cannot stand without a row that goes, goes with it. A
row of another company, or a part of Odoo itself, among them refuses the whole. Must not know why a
company is deleted.
"""

import re

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, email_normalize, email_normalize_all

from odoo.addons.biometric_attendance.models.ledger.biometric_trace import SHORTEST

# What Odoo consists of; no company owns it.
_MACHINERY = (
    "^(ir_(model|model_.*|module_.*|ui_menu|ui_view|act_.*|rule|config_parameter)|"
    "res_(country.*|currency|lang|groups.*|partner_category)|"
    "biometric_service_(tenant|order|plan|feature|statement.*|gone|deletion))$"
)
# What the provider keeps by law, and the records of the tenant itself and of its deletion.
_KEPT = re.compile(
    "account_.*|biometric_service_(tenant|order|plan|statement|statement_line|gone|deletion)"
)
_EDGES = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, c.confdeltype::text
  FROM pg_constraint c
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
 WHERE c.contype = 'f' AND array_length(c.conkey, 1) = 1
   AND c.connamespace = current_schema()::regnamespace
"""
# From the catalogue itself: information_schema takes seconds for it.
_COLUMNS = """
SELECT t.relname::text, array_agg(c.attname::text)
  FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid
 WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p')
   AND c.attnum > 0 AND NOT c.attisdropped GROUP BY 1
"""
# People are written to in channels of their own; one in which nobody else is goes with them.
_CHANNELS = """
INSERT INTO biometric_doomed
SELECT DISTINCT 'discuss_channel', m.channel_id FROM discuss_channel_member m
  JOIN biometric_doomed d ON d.tab = 'res_partner' AND d.id = m.partner_id
 WHERE NOT EXISTS (
       SELECT 1 FROM discuss_channel_member o
        WHERE o.channel_id = m.channel_id AND o.partner_id <> %s AND NOT EXISTS (
              SELECT 1 FROM biometric_doomed x WHERE x.tab = 'res_partner' AND x.id = o.partner_id))
    ON CONFLICT DO NOTHING
"""


class BiometricServiceDoomed(models.AbstractModel):
    _name = "biometric.service.doomed"
    _description = "Records of a deleted company"

    # ------------------------------------------------------------------ words, before and after

    @api.model
    def _words(self, company):
        """What names the company and its people and nobody else in particular."""
        everybody = self.env["hr.employee"].sudo().with_context(active_test=False)
        people = everybody.search([("company_id", "=", company.id)], limit=100_000)
        users = self._own_users(company)
        words = {company.name, company.email, *users.mapped("login"), *users.mapped("email")}
        words |= {word for user in users for word in (user.name,)}
        for name in ("name", "work_email", "private_email", "barcode", "identification_id"):
            words |= set(people.mapped(name))
        return sorted(str(word) for word in words if word and len(str(word)) >= SHORTEST)

    @api.model
    def _remains(self, number, words, tenant, deletion):
        """[[table, column, row]] where a word of theirs still stands: in rows of nobody and of the
        provider, in texts and text files. What the provider keeps by law is left out."""
        trace, found = self.env["biometric.trace"].sudo(), set()
        own = {
            ("res_partner", tenant.partner_id.id),
            (deletion._table, deletion.id),
            (tenant._table, tenant.id),
        }
        gone = self.env["res.company"].browse(number)
        for company in (gone, tenant.provider_id):
            for start in range(0, len(words), 200):
                traces, _count = trace._find(company, words[start : start + 200], own)
                found |= {(one.table, one.column, one.row) for one in traces}
        # A login of somebody else has a contact without a company, and may be called the same.
        named = (
            self.env["res.partner"]
            .sudo()
            .browse([row for table, _column, row in found if table == "res_partner"])
        )
        living = {("res_partner", partner.id) for partner in named if partner.user_ids}
        found = {one for one in found if (one[0], one[2]) not in living}
        about = {("account.move", move.id) for move in tenant.statement_ids.move_ids}
        about.add(("res.partner", tenant.partner_id.id))
        return [
            list(one)
            for one in sorted(found)
            if not _KEPT.fullmatch(one[0]) and not self._is_about(one, about)
        ]

    def _is_about(self, place, about):
        """Whether a message is one of the provider's own records."""
        table, _column, row = place
        if table != "mail_message":
            return False
        message = self.env["mail.message"].sudo().browse(row)
        return (message.model, message.res_id) in about

    # ------------------------------------------------------------------ the rows

    @api.model
    def _own_users(self, company):
        """Logins that may enter this company and no other, and are no part of Odoo."""
        users = self.env["res.users"].sudo().with_context(active_test=False)
        inside = users.search([("company_ids", "in", company.ids)], limit=100_000)
        data = self.env["ir.model.data"].sudo()
        named = data.search([("model", "=", "res.users"), ("module", "=", "base")], limit=100)
        machinery = set(named.mapped("res_id"))
        return inside.filtered(
            lambda user: user.company_ids == company and user.id not in machinery
        )

    @api.model
    def _delete(self, company):
        """Take the company out; `{table: rows}`. UserError, and nothing done, where a row of
        somebody else would go."""
        self.env.flush_all()
        self._begin(company)
        columns = self._columns()
        edges = self._dooming_edges(columns)
        self._grow(edges, columns)
        self._refuse_foreign(company, columns)
        files = self._files()
        emails = self._own_users(company).mapped("email")
        counts = self._take_out()
        self._take_out_traces(company, emails)
        for name in files:
            self.env["ir.attachment"]._file_delete(name)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        return counts

    def _begin(self, company):
        users = self._own_users(company)
        partners = company.partner_id | users.partner_id
        cr = self.env.cr
        cr.execute(
            """CREATE TEMPORARY TABLE IF NOT EXISTS biometric_doomed
                   (tab text, id bigint, PRIMARY KEY (tab, id)) ON COMMIT DROP"""
        )
        cr.execute("DELETE FROM biometric_doomed")
        for table, ids in (
            ("res_company", company.ids),
            ("res_users", users.ids),
            ("res_partner", partners.ids),
        ):
            cr.execute("INSERT INTO biometric_doomed SELECT %s, unnest(%s::bigint[])", (table, ids))

    def _columns(self):
        self.env.cr.execute(_COLUMNS)
        return {table: set(names) for table, names in self.env.cr.fetchall()}

    def _dooming_edges(self, columns):
        """[(child, column, parent)]: where the parent's row goes, the child's goes with it."""
        self.env.cr.execute(_EDGES)
        dialogs = {model._table for model in self.env.values() if model._transient}
        found = []
        for child, column, parent, kind in self.env.cr.fetchall():
            child, parent = child.strip('"'), parent.strip('"')
            needs = kind in ("a", "r", "c")
            owned = parent == "res_company" and column == "company_id"
            said = (child, column) == ("mail_message", "author_id")
            typed = child in dialogs and column == "create_uid"
            if "id" in columns.get(child, ()) and (needs or owned or said or typed):
                found.append((child, column, parent))
        return found

    def _grow(self, edges, columns):
        """Add rows until none is added."""
        about = [
            (table, next(name for name in ("res_model", "model") if name in names))
            for table, names in columns.items()
            if {"res_id", "id"} <= names and {"res_model", "model"} & names
        ]
        cr, root = self.env.cr, self.env.ref("base.partner_root").id
        while True:
            cr.execute("SELECT count(*) FROM biometric_doomed")
            before = cr.fetchone()[0]
            cr.execute("SELECT DISTINCT tab FROM biometric_doomed")
            there = {row[0] for row in cr.fetchall()}
            for child, column, parent in edges:
                if parent in there:
                    self._add(child, column, parent)
            for table, name in about:
                self._add_about(table, name, there)
            cr.execute(_CHANNELS, (root,))
            cr.execute("SELECT count(*) FROM biometric_doomed")
            if cr.fetchone()[0] == before:
                return

    def _add(self, child, column, parent):
        self.env.cr.execute(
            SQL(
                """INSERT INTO biometric_doomed SELECT %s, c.id FROM %s c
                     JOIN biometric_doomed d ON d.tab = %s AND d.id = c.%s
                       ON CONFLICT DO NOTHING""",
                child,
                SQL.identifier(child),
                parent,
                SQL.identifier(column),
            )
        )

    def _add_about(self, table, name, there):
        """Rows that name a record that goes by its model and number: messages, files, followers."""
        models_of = {
            model._table: model._name for model in self.env.values() if model._table in there
        }
        tables, names = list(models_of), list(models_of.values())
        self.env.cr.execute(
            SQL(
                """INSERT INTO biometric_doomed SELECT %s, c.id FROM %s c
                     JOIN unnest(%s::text[], %s::text[]) n (tab, name) ON n.name = c.%s
                     JOIN biometric_doomed d ON d.tab = n.tab AND d.id = c.res_id
                       ON CONFLICT DO NOTHING""",
                table,
                SQL.identifier(table),
                tables,
                names,
                SQL.identifier(name),
            )
        )

    # ------------------------------------------------------------------ the guard

    def _refuse_foreign(self, company, columns):
        cr = self.env.cr
        cr.execute("SELECT tab, count(*) FROM biometric_doomed GROUP BY tab")
        counts = dict(cr.fetchall())
        cr.execute("SELECT DISTINCT tab FROM biometric_doomed WHERE tab ~ %s", (_MACHINERY,))
        wrong = [row[0] for row in cr.fetchall()]
        if counts["res_company"] != 1:
            wrong.append("res_company")
        own = self._own_users(company)
        if counts.get("res_users", 0) != len(own):
            wrong.append("res_users")
        for table in counts:
            if "company_id" in columns[table] and table != "res_company":
                # A file or message is part of the record it names, whoever it was made by.
                alone = SQL("c.res_id IS NULL") if "res_id" in columns[table] else SQL("TRUE")
                cr.execute(
                    SQL(
                        """SELECT 1 FROM %s c JOIN biometric_doomed d ON d.tab = %s AND d.id = c.id
                            WHERE c.company_id <> %s AND %s LIMIT 1""",
                        SQL.identifier(table),
                        table,
                        company.id,
                        alone,
                    )
                )
                if cr.fetchone():
                    wrong.append(table)
        if wrong:
            raise UserError(
                self.env._(
                    "Nothing was deleted: records of another company, or of Odoo itself, "
                    "refer to %s. They are in: %s. Separate them first.",
                    company.name,
                    ", ".join(sorted(set(wrong))),
                )
            )

    # ------------------------------------------------------------------ out

    def _files(self):
        """Names in the filestore of attachments that go."""
        self.env.cr.execute(
            """SELECT DISTINCT a.store_fname FROM ir_attachment a
                 JOIN biometric_doomed d ON d.tab = 'ir_attachment' AND d.id = a.id
                WHERE a.store_fname IS NOT NULL"""
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _take_out(self):
        """All rows in one statement: its foreign keys are looked at once all are gone, so that no
        order has to be found among tables that name each other."""
        cr = self.env.cr
        cr.execute("ANALYZE biometric_doomed")
        cr.execute("SELECT DISTINCT tab FROM biometric_doomed ORDER BY tab")
        tables = [row[0] for row in cr.fetchall()]
        parts = [
            SQL(
                """%s AS (DELETE FROM %s t USING biometric_doomed d
                           WHERE d.tab = %s AND d.id = t.id RETURNING 1)""",
                SQL.identifier(f"d{number}"),
                SQL.identifier(table),
                table,
            )
            for number, table in enumerate(tables)
        ]
        counts = [
            SQL("SELECT %s, count(*) FROM %s", table, SQL.identifier(f"d{number}"))
            for number, table in enumerate(tables)
        ]
        removal = self.env["biometric.removal"]
        removal._door("on")
        cr.execute(SQL("WITH %s %s", SQL(", ").join(parts), SQL(" UNION ALL ").join(counts)))
        found = dict(cr.fetchall())
        removal._door("off")
        return found

    def _take_out_traces(self, company, emails):
        """What names the company without a key: values by company, messages under way, mails, forms
        that somebody filled in with its people's addresses."""
        cr = self.env.cr
        for model in self.env.values():
            if not model._auto or model._abstract:
                continue
            for field in model._fields.values():
                if field.company_dependent and field.store:
                    name = SQL.identifier(field.name)
                    cr.execute(
                        SQL(
                            "UPDATE %s SET %s = %s - %s WHERE %s ? %s",
                            SQL.identifier(model._table),
                            name,
                            name,
                            str(company.id),
                            name,
                            str(company.id),
                        )
                    )
        # A channel is a text such as ["database","res.company",7]: of the company, of its people.
        cr.execute(
            r"""DELETE FROM bus_bus b USING biometric_doomed d
                 WHERE d.tab IN ('res_company', 'res_users', 'res_partner', 'discuss_channel')
                   AND b.channel ~ ('"' || replace(d.tab, '_', '\.') || '", ?' || d.id || '\M')"""
        )
        mails = self.env["mail.mail"].sudo()
        requests = self.env["biometric.service.request"].sudo()
        for address in filter(None, map(email_normalize, filter(None, emails))):
            requests._of_mailbox(address).unlink()
            # Alone, or as "Name" <address>; an address may also be the end of a longer one.
            named = mails.search([("email_to", "ilike", address)], limit=100_000)
            named.filtered(
                lambda mail, address=address: address in email_normalize_all(mail.email_to)
            ).unlink()
