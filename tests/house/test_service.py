"""Rules of the provider's addon: what it reaches of the other one, what it commits, what it reads.

The rules of every Python file (sizes, names in heads) are in test_python.py and hold here too.
"""

import ast
import unittest

from .source import ROOT, functions, imported, name_of, nodes, python_files

SERVICE = ROOT / "odoo_addon/biometric_attendance_service"
# What it imports of biometric_attendance: seams, the contract, and words that are stated there.
REACHED = {
    "contract",
    "controllers.dispatcher",
    "controllers.public_page",
    "models.agent.biometric_agent",
    "models.ledger.biometric_trace",
    "report.paper",
    "seams.binary",
    "seams.job",
    "seams.parameters",
}
# Searches without a limit, each a list that a person keeps by hand or a job that goes in turns.
UNLIMITED = {
    "models/biometric_service_statement.py::_cron_close": "tenants, in turns",
    "models/biometric_service_invoice.py::_cron_invoice": "statements without an invoice, in turns",
    "models/biometric_service_tenant.py::_cron_life": "tenants, in turns",
}
SEARCHES = ("search", "search_fetch", "search_read")


def product():
    tests = SERVICE / "tests"
    return [p for p in python_files() if SERVICE in p.parents and tests not in p.parents]


class ServiceTest(unittest.TestCase):
    def test_every_model_is_loaded(self):
        """Red when a file of models, dialogs or routes is on no list."""
        for folder in ("models", "wizards", "controllers", "report"):
            there = {p.stem for p in (SERVICE / folder).glob("*.py")} - {"__init__", "page"}
            self.assertEqual(set(imported(SERVICE / folder / "__init__.py")), there)

    def test_it_reaches_the_other_addon_by_few_ways(self):
        """Red when it imports another module of biometric_attendance, or one no more."""
        found, own = set(), "odoo.addons.biometric_attendance."
        for path in product():
            for node in nodes(path):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(own):
                    found.add(node.module.removeprefix(own))
        self.assertEqual(found, REACHED)

    def test_the_other_addon_does_not_know_it(self):
        """Red when biometric_attendance names the provider's addon: it is installed without it."""
        for path in python_files():
            if "odoo_addon/biometric_attendance/" in name_of(path):
                self.assertNotIn("biometric_attendance_service", path.read_text(encoding="utf-8"))

    def test_what_is_pure_knows_neither_odoo_nor_a_clock(self):
        for name in ("billing.py", "life.py"):
            text = (SERVICE / name).read_text(encoding="utf-8")
            self.assertNotRegex(text, r"import odoo|from odoo|today\(|now\(")

    def test_no_server_is_asked(self):
        """I10. Red when anything here can open a connection: there is no licence server, and a plan
        is data of this database."""
        network = {"requests", "urllib", "http", "httplib", "socket", "ssl", "xmlrpc", "smtplib"}
        for path in product():
            for node in nodes(path):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                names += (
                    [node.module or ""]
                    if isinstance(node, ast.ImportFrom) and not node.level
                    else []
                )
                found = {name.split(".")[0] for name in names} & network
                self.assertEqual(found, set(), name_of(path))

    def test_nothing_commits_and_searches_end(self):
        """Red when product code commits, or a search has no limit and no reason."""
        found = set()
        for path in product():
            for node in nodes(path):
                if isinstance(node, ast.Attribute):
                    self.assertNotIn(node.attr, ("commit", "rollback"), name_of(path))
            for function in functions(path):
                calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
                if any(self.is_unlimited(node) for node in calls):
                    found.add(f"{path.relative_to(SERVICE)}::{function.name}")
        self.assertEqual(found, set(UNLIMITED))

    @staticmethod
    def is_unlimited(node):
        called = isinstance(node.func, ast.Attribute) and node.func.attr in SEARCHES
        # A regular expression's search is none of the database.
        return called and not any(keyword.arg == "limit" for keyword in node.keywords)


if __name__ == "__main__":
    unittest.main()
