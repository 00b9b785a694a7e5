"""Mixin of the ledgers: rows are added, never changed or removed.

Three layers: no write or unlink in the access list, refusal here even under sudo, and SQL
triggers. A migration or the erasure of a person opens the SQL layer for its own transaction with
`SET LOCAL biometric.allow_change = 'on'`; nothing else may.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_FUNCTION = """
CREATE OR REPLACE FUNCTION biometric_refuse_change() RETURNS trigger AS $$
BEGIN
    IF current_setting('biometric.allow_change', true) = 'on' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME
        USING ERRCODE = '23514';
END;
$$ LANGUAGE plpgsql
"""


class BiometricGuarded(models.AbstractModel):
    _name = "biometric.guarded"
    _description = "Table with triggers that refuse changes"

    # Function of the row trigger; the audit trail has its own, which lets the sealer through once.
    _append_only_function = "biometric_refuse_change"
    # SQL condition of the rows that are never changed.
    _append_only_rows = "TRUE"

    def init(self):
        if self._abstract:
            self.env.cr.execute(_FUNCTION)
            return
        self._append_only_guard()

    def _append_only_guard(self):
        """(Re)create both triggers of this table."""
        self.env.cr.execute(_FUNCTION)
        table = SQL.identifier(self._table)
        row = SQL.identifier(f"{self._table}_append_only")
        whole = SQL.identifier(f"{self._table}_no_truncate")
        self.env.cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", row, table))
        self.env.cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", whole, table))
        self.env.cr.execute(
            SQL(
                "CREATE TRIGGER %s BEFORE UPDATE OR DELETE ON %s "
                "FOR EACH ROW EXECUTE FUNCTION %s()",
                row,
                table,
                SQL.identifier(self._append_only_function),
            )
        )
        self.env.cr.execute(
            SQL(
                "CREATE TRIGGER %s BEFORE TRUNCATE ON %s "
                "FOR EACH STATEMENT EXECUTE FUNCTION biometric_refuse_change()",
                whole,
                table,
            )
        )


class BiometricAppendOnly(models.AbstractModel):
    _name = "biometric.append.only"
    _inherit = ["biometric.guarded"]
    _description = "Append-only table"

    def write(self, vals):
        if vals:
            raise UserError(self.env._("%s cannot be changed.", self._description))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_refused(self):
        raise UserError(self.env._("%s cannot be deleted.", self._description))
