"""Odoo's own program, but every test runs after all modules are loaded, and every outcome is told.

Odoo runs most of its tests (`at_install`) while a database loads, before an addon that depends on
the tested module is there: such a run says nothing about the addon. Here all of them run where it
matters, in the loaded registry. Owns that and one line on standard output per test; knows no module
by name.
"""

import json
import sys

import odoo.cli
from odoo.tests import loader
from odoo.tests.result import OdooTestResult

outcomes = {}


def tell(name, outcome, reason=""):
    print(json.dumps({"test": name, "outcome": outcome, "reason": reason}), flush=True)


def name_of(test):
    """`/module/tests/file.py:Class.method`; what Odoo calls a class that could not be set up."""
    test = getattr(test, "test_case", test)
    return getattr(test, "canonical_tag", None) or str(test)


def last_line(error):
    lines = str(error[1]).strip().splitlines() or [""]
    return f"{error[0].__name__}: {lines[0]}"[:200]


class Told(OdooTestResult):
    def startTest(self, test):  # noqa: N802 - unittest's name
        outcomes[name_of(test)] = ("passed", "")
        super().startTest(test)

    def stopTest(self, test):  # noqa: N802 - unittest's name
        super().stopTest(test)
        tell(name_of(test), *outcomes[name_of(test)])

    def addError(self, test, err):  # noqa: N802 - unittest's name
        self.note(test, err)
        super().addError(test, err)

    def addFailure(self, test, err):  # noqa: N802 - unittest's name
        self.note(test, err)
        super().addFailure(test, err)

    def addSkip(self, test, reason):  # noqa: N802 - unittest's name
        outcomes[name_of(test)] = ("skipped", reason)
        super().addSkip(test, reason)

    def note(self, test, err):
        # Odoo tries a flaky test again and asks for silence until the last time
        if self._soft_fail:
            return
        known = name_of(test) in outcomes
        outcomes[name_of(test)] = ("failed", last_line(err))
        if not known:
            tell(name_of(test), "failed", last_line(err))


positioned = loader.make_suite


def make_suite(module_names, position="at_install"):
    """Nothing while modules load; at the end what belongs to either position."""
    if position == "at_install":
        return loader.OdooSuite([])
    both = [*positioned(module_names, "at_install"), *positioned(module_names, position)]
    return loader.OdooSuite(sorted(both, key=lambda test: getattr(test, "test_sequence", 0)))


loader.make_suite = make_suite
loader.OdooTestResult = Told
sys.exit(odoo.cli.main())
