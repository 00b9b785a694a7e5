"""What the test of every addon's template of translations shares. Must not know which addon."""

import io

from odoo.tools import file_open
from odoo.tools.translate import PoFileReader, trans_export


def terms(source):
    return {row["src"] for row in PoFileReader(source)}


class PotCase:
    """Mixin for TransactionCase."""

    def check_pot(self, addon):
        """The terms of an installed addon, which are those of its committed file."""
        now = io.BytesIO()
        self.assertTrue(trans_export(False, [addon], now, "po", self.env))
        now.seek(0)
        now.name = f"{addon}.pot"
        with file_open(f"{addon}/i18n/{addon}.pot", "rb") as committed:
            kept = terms(committed)
        found = terms(now)
        self.assertEqual(sorted(found - kept), [], "not in the file yet")
        self.assertEqual(sorted(kept - found), [], "in the file and nowhere else")
        return found
