"""What every dialog holds to: it is its maker's alone, and names only what its maker may read.

Dialogs go on as the system where their maker has no right of his own to a table. So whatever a
client names (a default, a field of an onchange, a line) is checked here before any of it is used,
and the record that was kept is checked again whenever somebody acts on it: companies may have been
unticked since. Must not know what any dialog is for.
"""

from datetime import timedelta
from functools import partial

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Command, Domain

# Our roles see employees by their public side (biometric.employee.choice).
READ_AS = {"hr.employee": "hr.employee.public"}


class BiometricDialog(models.AbstractModel):
    _name = "biometric.dialog"
    _description = "Dialog that names only what its user may read"

    # Fields that the dialog itself fills as the system; no client writes them.
    _dialog_results = ()

    @api.model
    def _last_month(self):
        """`(first, last)` date of the month before today's at the company: most dialogs about
        dates are opened for it."""
        last = self.env.company._biometric_today().replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        self._check_named(values)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_named(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_named(vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        self._check_named(values)
        return super().onchange(values, field_names, fields_spec)

    def _search(self, domain, *args, **kwargs):
        """Odoo's own dialogs are readable by whoever may open one like it."""
        if not self.env.su:
            domain = Domain("create_uid", "=", self.env.uid) & Domain(domain)
        return super()._search(domain, *args, **kwargs)

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if refused or self.env.su or not any(self._ids):
            return refused
        kept = self.sudo().exists()
        if foreign := kept.filtered(lambda row: row.create_uid.id != self.env.uid):
            rules = self.env["ir.rule"]
            return foreign, partial(rules._make_access_error, operation, foreign.sudo(False))
        for dialog in kept:
            if refused := self._refused(dialog._kept()):
                return dialog.sudo(False), refused
        return None

    def _kept(self):
        """`[(field, ids)]` of what this row names and a client may have chosen (call with sudo)."""
        self.ensure_one()
        return [
            (field, self[name].ids)
            for name, field in self._fields.items()
            if field.type in ("many2one", "many2many")
            and field.store
            and name not in (*self._dialog_results, *models.MAGIC_COLUMNS)
        ]

    @api.model
    def _check_named(self, vals):
        """AccessError where `vals`, as clients send them, name what the reader may not read."""
        if self.env.su:
            return
        self._check_results(vals)
        if refused := self._refused(_named(self, vals)):
            raise refused()

    @api.model
    def _check_results(self, vals):
        for name in self._dialog_results:
            if vals.get(name):
                raise AccessError(self.env._("“%s” is an answer and cannot be filled in.", name))

    @api.model
    def _refused(self, named):
        """What makes the error of the first of these `(field, ids)` that the reader may not read,
        or None."""
        for field, ids in named:
            if not ids:
                continue
            comodel = READ_AS.get(field.comodel_name, field.comodel_name)
            records = self.env[comodel].browse(ids).sudo().exists()
            # Of people, whom all of a company may name, the company alone decides.
            by_right = comodel == field.comodel_name
            if by_right and (found := records.sudo(False)._check_access("read")):
                return found[1]
            if not all(map(self._is_here, records)):
                return partial(
                    AccessError,
                    self.env._(
                        "“%s” refers to a company that is not selected at the top.",
                        field.string,
                    ),
                )
        return None

    @api.model
    def _is_here(self, record):
        """Whether a record is of a company that the reader has ticked, or of none: of some tables
        Odoo shows every company's (schedules, work locations, users)."""
        if record._name == "res.company":
            companies = record
        else:
            name = next((n for n in ("company_ids", "company_id") if n in record._fields), None)
            companies = record[name] if name else record.browse()
        return not companies or bool(companies & self.env.companies)


def _named(model, vals):
    """Yield `(field, ids)` of every record that `vals` name, lines of lines included."""
    for name, value in vals.items():
        field = model._fields.get(name)
        if field is None or not field.relational or not value:
            continue
        ids, lines = _parts(value)
        yield field, sorted(ids)
        for line in lines:
            yield from _named(model.env[field.comodel_name], line)


def _parts(value):
    """`(ids, [values of lines])` of a relational value in any form that Odoo takes."""
    if isinstance(value, models.BaseModel):
        return {one for one in value.ids if one}, []
    if isinstance(value, dict):
        return _ids(value.get("id")), [value]
    if not isinstance(value, (list, tuple)):
        return _ids(value), []
    ids, lines = set(), []
    for item in value:
        if isinstance(item, dict):
            lines.append(item)
            ids |= _ids(item.get("id"))
        elif isinstance(item, (list, tuple)):
            command, one, *rest = [*item, None][:3]
            ids |= {*rest[0]} if command == Command.SET and rest[0] else _ids(one)
            if command in (Command.CREATE, Command.UPDATE) and rest:
                lines.append(rest[0] or {})
        else:
            ids |= _ids(item)
    return ids, lines


def _ids(value):
    """A stand-in of a row that is not saved yet names nothing."""
    return {value} if isinstance(value, int) and not isinstance(value, bool) and value else set()
