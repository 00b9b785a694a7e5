"""Statements over large tables: how PostgreSQL shall run them.

Owns one thing: no compilation. A view of many branches has hundreds of expressions; PostgreSQL
compiles them as soon as it expects much to read, which took two of three seconds of an empty
Quarantine, at each opening, and more than one of Today. Must not know any view or screen.
"""

from odoo import api


def uncompiled(env):
    """What this transaction reads from now on is not compiled: of statements with many expressions
    that takes longer than running them."""
    env.cr.execute("SET LOCAL jit = off")


class SqlView:
    """Of a model with `_auto = False`. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _search(self, *args, **options):
        """Searches, counts and groups all come by here; in force until the transaction ends."""
        uncompiled(self.env)
        return super()._search(*args, **options)
