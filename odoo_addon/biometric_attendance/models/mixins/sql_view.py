"""Lists that are views over large tables: how PostgreSQL shall run what it reads of them.

Owns one thing: no compilation. A view of many branches has hundreds of expressions; PostgreSQL
compiles them as soon as it expects much to read, which took two of three seconds of an empty
Quarantine, at each opening. Must not know any view.
"""

from odoo import api


class SqlView:
    """Of a model with `_auto = False`. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _search(self, *args, **options):
        """Searches, counts and groups all come by here; in force until the transaction ends."""
        self.env.cr.execute("SET LOCAL jit = off")
        return super()._search(*args, **options)
