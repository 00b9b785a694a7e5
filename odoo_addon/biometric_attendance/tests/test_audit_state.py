"""State against trail: what turns punches into minutes cannot be changed beside the trail.

Each model and field of the one list, in Odoo and on an export without Odoo; what the trail takes
up; and that nothing that matters is left out of the list.
"""

from datetime import date
from itertools import zip_longest
from typing import NamedTuple
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..verifier import states
from ..verifier.audited import AUDITED, list_digest
from .test_audit_attacks import AttackCase

STATE = "odoo.addons.biometric_attendance.models.audit.biometric_state.BiometricState"
# Of each model with audited words or minutes behind it that is not in the list, why.
NOT_STATE = {
    "biometric.alarm": "raised by the service; closing one is an entry",
    "biometric.commissioning": "how a terminal was tried; what was found is kept with its report, "
    "and no minute comes from it",
    "biometric.release": "which signed program agents are offered; each proves it by its own root, "
    "and no minute comes from it",
    "biometric.reason": "asked for when a request is made; the request keeps its own words",
}


class Changed(NamedTuple):
    """One field of one row, changed by a statement, and the code it is found by."""

    place: str
    field: str
    code: str
    statement: str

    @property
    def name(self):
        return f"{self.place}.{self.field}"


class StateCase(AttackCase):
    """One row of every model of the list, made as people and the service make it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env = cls.env
        cls.employee = env["hr.employee"].create({"name": "Ana", "company_id": cls.company.id})
        cls.colleague = env["hr.employee"].create({"name": "Ben", "company_id": cls.company.id})
        cls.department = env["hr.department"].create(
            {"name": "Stores", "company_id": cls.company.id}
        )
        cls.zone = env["biometric.device.zone"].create(
            {"device_id": cls.other_device.id, "tz": "UTC", "valid_from": "2026-01-01 00:00:00"}
        )
        cls.shift = env["biometric.shift"].create(
            {"name": "Day", "company_id": cls.company.id, "start": 8.1, "end": 17}
        )
        cls.roster = env["biometric.roster"].create(
            {"employee_id": cls.employee.id, "date": "2026-03-02", "shift_id": cls.shift.id}
        )
        cls.rule = env["biometric.rule"].create(
            {
                "name": "Office",
                "company_id": cls.company.id,
                "employee_ids": [Command.set(cls.employee.ids)],
                "department_ids": [Command.set(cls.department.ids)],
                "parameters": {"late_grace_minutes": 5},
            }
        )
        devices = {"company_id": cls.company.id, "device_ids": [Command.set(cls.device.ids)]}
        area, _other = env["biometric.area"].create(
            [devices | {"name": name} for name in ("Plant", "Yard")]
        )
        env["biometric.area.member"].create(
            {"area_id": area.id, "employee_id": cls.colleague.id, "valid_from": "2026-01-01"}
        )
        env["ir.config_parameter"].set_param("biometric_attendance.sync_seconds", "7")
        cls.company.biometric_retention_months = 24
        cls.gap = env["biometric.gap"].create(
            {
                "company_id": cls.company.id,
                "device_id": cls.device.id,
                "kind": "silence",
                "window_from": "2026-03-01 08:00:00",
                "window_to": "2026-03-01 09:00:00",
            }
        )
        cls.gap.action_accept("the branch was closed that day")
        other, _token = cls.make_agent("Its former branch", company=cls.company)
        env["biometric.hearing"]._note(other, cls.device.ids)
        env["biometric.hearing"].search([("agent_id", "=", other.id)]).action_both()
        helper = new_test_user(
            env,
            "helper",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        env["biometric.support"]._grant(helper, 2, "look at the fleet please")
        env["biometric.employment.break"].create(
            {"employee_id": cls.employee.id, "date_from": "2026-01-05", "date_to": "2026-01-06"}
        )
        env["biometric.employment.company"].create(
            {"employee_id": cls.colleague.id, "company_id": cls.company.id, "tz": "UTC"}
        )
        env["biometric.export"].create(
            {"company_id": cls.company.id, "date_from": "2026-02-01", "date_to": "2026-02-28"}
        )
        env["biometric.payroll.number"].create({"employee_id": cls.employee.id, "number": "1"})
        for name in ("Ours", "Theirs"):
            env["biometric.payroll.profile"].create(
                {
                    "name": name,
                    "company_id": cls.company.id,
                    "program": "sage_ie",
                    "active": False,
                    "code_ids": [Command.create({"pay_code": name, "text": "1"})],
                }
            )
        env["biometric.delivery.target"].create(
            {"name": "Office", "company_id": cls.company.id, "recipients": "pay@example.com"}
        )
        own = {"company_id": cls.company.id, "employee_id": cls.colleague.id}
        cls.make_time_accounts(own)
        cls.make_review(own)

    @classmethod
    def make_review(cls, own):
        """A request, an approved day, who decides and a pay group of one person's company."""
        env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        company = {"company_id": cls.company.id}
        env["biometric.approval.level"].create(company | {"level": 1, "kind": "remap", "who": "hr"})
        # Behind the dates that the tests make files of: these are laid out and not closed.
        departments = {"department_ids": [Command.set(cls.department.ids)]}
        for anchor, more in (("2026-03-08", departments), ("2026-03-09", {})):
            env["biometric.period.group"].create(
                company | {"name": f"From {anchor}", "anchor": anchor} | more
            )
        one, two = (new_test_user(env, f"review-{n}", **company) for n in "ab")
        env["biometric.deputy"].create(
            company
            | {"user_id": one.id, "deputy_id": two.id}
            | {"date_from": "2026-03-01", "date_to": "2026-03-02"}
        )
        on = {"date": "2026-03-02"}
        env["biometric.day.rebuild"].sudo()._rebuild([(own["employee_id"], date(2026, 3, 2))])
        day = env["biometric.day"].search([("employee_id", "=", own["employee_id"])], limit=1)
        env["biometric.day.approval"]._keep(day, "approve", "0" * 16)
        record = env["biometric.month.record"]._prepare(
            day.employee_id, cls.company, day.date, day.date
        )
        record._issue()
        officer = new_test_user(
            env, "issues", groups="base.group_user,biometric_attendance.group_hr_officer", **company
        )
        env["biometric.inspection"].with_user(officer)._issue(
            "4711",
            5,
            company=cls.company,
            name="Labour office",
            reason="yearly inspection",
            date_from=day.date,
            date_to=day.date,
        )
        choices = {"choice_ids": [Command.create({"text": text}) for text in ("Yes", "No")]}
        question, _other = env["biometric.attestation.question"].create(
            [
                company
                | {"name": name, "event": "meal", "text": "Did you get your meal break?"}
                | choices
                for name in ("Meal", "Another meal")
            ]
        )
        env["biometric.attestation"].sudo()._ask(day.employee_id, day.date, question)
        asked = on | {"employee_id": own["employee_id"], "kind": "excuse_late", "minutes": 5}
        env["biometric.adjustment"].request(asked | {"reason_text": "the bus was late"})

    @classmethod
    def make_time_accounts(cls, own):
        """An agreement, a certificate and a wish to be paid of one person."""
        dates = {"date_from": "2026-02-01", "date_to": "2026-02-28"}
        cls.env["biometric.cto.agreement"].create(
            own | {"reference": "Order 1", "valid_to": "2026-12-31"}
        )
        cls.env["biometric.cto.certificate"].create(own | dates | {"name": "COC 1"})
        accounts = cls.env["biometric.cto.account"]
        book = accounts._open(cls.company, [own["employee_id"]])[own["employee_id"]]
        book.bank.opening("opening", date(2026, 2, 1), 60, date.max)
        accounts._write_down([book])
        cls.env["biometric.audit"]._record(
            "cto.opening",
            cls.env["hr.employee"].browse(own["employee_id"]),
            None,
            {"account": "bank", "date": "2026-02-01", "lots": [[60, "", "brought"]]},
            company=cls.company,
        )
        cls.env["biometric.rule"].create(
            {
                "name": "Pays",
                "company_id": cls.company.id,
                "valid_from": "2026-01-01",
                "parameters": {"cto_cash_convertible": True},
            }
        )
        cls.env["biometric.cto.payout"].create(own | {"minutes": 30})
        cls.env["biometric.cto.correction"].create(
            own | {"minutes": 5, "expires_on": "2099-12-31", "reason": "one sheet was missing"}
        )

    def setUp(self):
        super().setUp()
        # A PIN that the service found, and that a person maps.
        row = self.env["biometric.device.user"].search(
            [("device_id", "=", self.device.id), ("pin", "=", "1")]
        )
        self.mapping = row or self.env["biometric.device.user"].create(
            {"device_id": self.device.id, "pin": "1"}
        )
        self.mapping.write({"employee_id": self.employee.id, "valid_from": "2026-01-01"})
        self.punch = self.env["biometric.punch"].search(
            [("device_id", "=", self.device.id), ("pin", "=", "2")], limit=1
        )
        self.decision = self.decide(self.punch, "release")
        self.env.flush_all()
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.countersign()

    def decide(self, punch, verdict):
        decisions = self.env["biometric.decision"]
        decisions._decide(punch, verdict, "seen by the shift leader")
        return decisions.search([("punch_id", "=", punch.id)], limit=1)

    def row_of(self, name):
        """Id of one row of the company that the trail speaks of."""
        own = {"biometric.device.user": self.mapping, "biometric.device.zone": self.zone}
        if name in own:
            return own[name].id
        return next(self.env["biometric.state"]._rows(name, self.company.id))["id"]

    def both(self):
        return set(self.inside()), set(self.outside())

    def texts(self):
        found = self.env["biometric.audit.finding"].search([("company_id", "=", self.company.id)])
        return [f"{one.code}: {one.place}: {one.text}" for one in found]

    def each_state(self, name, statements, expected):
        with self.subTest(name):
            savepoint = self.env.cr.savepoint(flush=False)
            try:
                self.attack(*statements)
                inside, outside = self.both()
                self.assertLessEqual(expected, inside, "in Odoo")
                self.assertLessEqual(expected, outside, "on the export")
            finally:
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def owner(self, *statements):
        """Audited rows may have the triggers of a ledger, too."""
        tables = sorted({self.env[name]._table for name in AUDITED if name != "res.company"})
        for table in tables:
            self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        super().owner(*statements)
        for table in tables:
            self.env.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def other(self, model, name):
        """SQL of another value of an audited column that its own constraints allow."""
        field = model._fields[name]
        if name == "valid_from" and field.type == "char":
            return "'2026-01-01 00:00:01'"
        if field.type == "selection":
            values = [value for value, _label in field._description_selection(self.env)]
            return (
                f"(SELECT v FROM unnest(ARRAY{values!r}) v "
                f"WHERE v IS DISTINCT FROM t.{name} LIMIT 1)"
            )
        if field.type == "json":
            return """'{"late_grace_minutes": 600}'::jsonb"""
        if field.type == "many2one":
            table = self.env[field.comodel_name]._table
            return f"(SELECT max(o.id) FROM {table} o WHERE o.id IS DISTINCT FROM t.{name})"
        kinds = {
            "boolean": f"NOT COALESCE(t.{name}, false)",
            "date": f"COALESCE(t.{name}, '2026-01-01'::date) + 1",
            "datetime": f"COALESCE(t.{name}, '2026-01-01'::timestamp) + interval '1 second'",
            "float": f'COALESCE(t."{name}", 0) + 0.25',
            "integer": f"COALESCE(t.{name}, 0) + 1",
        }
        return kinds.get(field.type, f"COALESCE(t.{name}, '') || '1'")


@tagged("post_install", "-at_install")
class TestState(StateCase):
    # Kept by a constraint of the table together with others, or told by another check at once.
    FIXED = {
        ("biometric.decision", "sighting_id"),
        ("biometric.decision", "counts_at"),
        ("biometric.decision", "counts_date"),
        ("biometric.decision", "verdict"),
        ("ir.config_parameter", "key"),
    }

    def test_every_row_fits_its_trail(self):
        """A30. Red when an act leaves no entry, or the form of a row is not that of its entry."""
        self.assertEqual(self.both(), (set(), set()))
        for name in AUDITED:
            self.assertTrue(list(self.env["biometric.state"]._rows(name, self.company.id)), name)

    # Rows changed in one turn; a code keeps 100 places.
    TOGETHER = 40

    def test_every_field_changed_by_sql(self):
        """A30. Red when a field leaves the list, or newer entries are not laid over older ones.

        Rows of several models are changed in one turn, one field each: each has to be found at its
        place and by its name. What takes a row away is tried alone: others hang on it."""
        changes = {name: list(self._changes(name)) for name in sorted(AUDITED)}
        tried = 0
        for turn in zip_longest(*changes.values()):
            differing = []
            for change in filter(None, turn):
                tried += 1
                if change.code == "state_death":
                    self.each_state(change.name, [change.statement], {change.code})
                else:
                    differing.append(change)
            for start in range(0, len(differing), self.TOGETHER):
                self._each_differs(differing[start : start + self.TOGETHER])
        fields = sum(len(audited.fields) for audited in AUDITED.values())
        self.assertEqual(tried, fields - len(self.FIXED))

    def _changes(self, name):
        """What SQL changes of one row of a model: a field at a time."""
        audited, model, row_id = AUDITED[name], self.env[name], self.row_of(name)
        for field_name in audited.fields:
            field = model._fields[field_name]
            if (name, field_name) in self.FIXED:
                continue
            ends = field_name in ("company_id", *(audited.counts_from or ())[:1])
            if field.type == "many2many":
                statement = f"DELETE FROM {field.relation} WHERE {field.column1} = {row_id}"
            else:
                value = self.other(model, field_name)
                change = f'UPDATE {model._table} t SET "{field_name}" = {value}'
                statement = f"{change} WHERE t.id = {row_id}"
            code = "state_death" if ends else "state_differs"
            yield Changed(f"{name} {row_id}", field_name, code, statement)

    def _each_differs(self, changes):
        told = self.told("state_differs", (change.statement for change in changes))
        for change in changes:
            for where, rows in told.items():
                with self.subTest(f"{change.name} {where}"):
                    own = [text for place, text in rows if place == change.place]
                    self.assertEqual(len(own), 1, rows)
                    self.assertIn(f"its {change.field} is not what the trail says", own[0])

    def test_a_row_put_in_by_sql(self):
        """A31. Red when a row needs no birth."""
        unique = {
            "biometric.agent": {},
            "biometric.area": {"name": "'Other'"},
            "biometric.area.member": {"valid_from": "'2026-06-01'"},
            "biometric.attestation": {"date": "'2026-03-09'", "token_hash": "NULL"},
            "biometric.inspection": {"token_hash": "'77'"},
            "biometric.device": {"serial": "'SN77'"},
            "biometric.device.user": {"pin": "'77'"},
            "biometric.device.zone": {"valid_from": "'2026-02-01 00:00:00'"},
            "biometric.cto.certificate": {"name": "'COC 2'"},
            "biometric.employment.company": {"valid_from": "'2026-02-01'"},
            "biometric.hearing": {"device_id": str(self.other_device.id)},
            "biometric.payroll.profile.code": {"pay_code": "'OT'"},
            "biometric.period": {"date_from": "'2030-01-01'", "date_to": "'2030-01-31'"},
            "biometric.roster": {"date": "'2026-03-09'"},
            "ir.config_parameter": {"key": "'biometric_attendance.other'"},
        }
        statements = {}
        for name in sorted(set(AUDITED) - {"res.company"}):
            table = self.env[name]._table
            statement = self._copy(
                table.removeprefix("biometric_") if table.startswith("biometric_") else table,
                self.row_of(name),
                **unique.get(name, {}),
            )
            if not table.startswith("biometric_"):
                statement = statement.replace(f"biometric_{table}", table)
            statements[name] = statement
        # A row of each model in one turn: each has to be found, and none that was there before.
        told = self.told("state_birth", statements.values())
        for where, rows in told.items():
            found = sorted(place.split()[0] for place, _text in rows)
            self.assertEqual(found, sorted(statements), where)
            before = {f"{name} {self.row_of(name)}" for name in statements}
            self.assertEqual(before & {place for place, _text in rows}, set(), where)

    def columns(self, table):
        return super().columns(table.replace("biometric_ir_config", "ir_config"))

    def test_a_row_taken_out_by_sql(self):
        """A31. Red when a vanished row needs no death."""
        for name in ("decision", "device.user", "device.zone", "gap", "roster", "rule", "support"):
            name = f"biometric.{name}"
            table, row_id = self.env[name]._table, self.row_of(name)
            self.each_state(name, [f"DELETE FROM {table} WHERE id = {row_id}"], {"state_death"})
        key = "DELETE FROM ir_config_parameter WHERE key = 'biometric_attendance.sync_seconds'"
        self.each_state("ir.config_parameter", [key], {"state_death"})

    def test_an_act_whose_entry_was_deleted_in_the_same_transaction(self):
        """A32. Red when only sealed numbers are looked at: the act left a hole nobody can see."""
        acts = {
            "rule": lambda: self.rule.write({"parameters": {"late_grace_minutes": 55}}),
            "mapping": lambda: self.mapping.write({"employee_id": self.colleague.id}),
            "zone": lambda: self.other_device.zone_ids.write({"tz": "Asia/Manila"}),
            "roster": lambda: self.roster.unlink(),
            "shift": lambda: self.env["biometric.shift"].create(
                {"name": "Late", "company_id": self.company.id, "start": 12, "end": 20}
            ),
            "decision": lambda: self.decide(self.punch, "discard"),
            "settings": lambda: self.company.write({"biometric_retention_months": 1}),
        }
        for name, act in acts.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                try:
                    act()
                    self.env.flush_all()
                    self.attack("DELETE FROM biometric_audit WHERE hash IS NULL")
                    for found in self.both():
                        self.assertTrue({one for one in found if one.startswith("state_")}, found)
                finally:
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()

    def test_ordinary_acts_are_no_findings(self):
        """A30. Red when an act of people or the service changes a row beside the trail."""
        self.roster.write({"shift_id": False})
        self.rule.write({"employee_ids": [Command.link(self.colleague.id)]})
        self.colleague.active = False
        self.rule.write({"department_ids": [Command.clear()]})
        self.shift.copy()
        self.mapping.write({"employee_id": False})
        self.decide(self.punch, "discard")
        self.env["ir.config_parameter"].set_param("biometric_attendance.sync_seconds", "9")
        self.env["ir.config_parameter"].set_param("biometric_attendance.sync_seconds", False)
        self.env["biometric.support"].search([]).action_revoke()
        spare = self.make_device(self.agent, "SN9", tz="UTC")
        spare.unlink()
        self.env["hr.employee"].create(
            {"name": "Resolved on", "company_id": self.company.id}
        ).unlink()
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.assertEqual(self.both(), (set(), set()))

    def test_a_person_who_moves_takes_the_roster_along(self):
        """A30. Red when a row changes company beside the trail: gone here, never born there."""
        second = self.env["res.company"].create({"name": "Second"})
        self.env.user.company_ids |= second
        moving = self.env["hr.employee"].create({"name": "Mo", "company_id": self.company.id})
        self.env["biometric.roster"].create({"employee_id": moving.id, "date": "2026-03-02"})
        moving.company_id = second
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.assertEqual(self.both(), (set(), set()))
        check = self.env["biometric.audit.check"]._begin(second, "test")
        while check._step():
            pass
        self.assertEqual(check.state, "ok")

    def test_what_is_deleted_with_its_owner_ends_through_the_trail(self):
        """A31. Red when the table's cascade takes a person's roster without an entry."""
        person = self.env["hr.employee"].create({"name": "Mo", "company_id": self.company.id})
        row = self.env["biometric.roster"].create({"employee_id": person.id, "date": "2026-03-02"})
        person.unlink()
        ended = [("model", "=", "biometric.roster"), ("res_id", "=", row.id)]
        entries = self.env["biometric.audit"].search(ended).mapped("action")
        self.assertEqual(sorted(entries), ["roster.create", "roster.remove"])

    def test_a_forged_entry_does_not_stop_the_check(self):
        """A30. Red when text that is no JSON breaks the verifier instead of being a finding."""
        for action, model, row_id, after in (
            ("rule.change", "biometric.rule", self.rule.id, "no JSON"),
            ("punch.release", "biometric.punch", 1, '"decision":x'),
        ):
            self.attack(
                "INSERT INTO biometric_audit (company_id, happened_at, form, actor_salt, "
                "content_salt, action, model, res_id, after) VALUES "
                f"({self.company.id}, now(), '1', 'a', 'b', '{action}', '{model}', {row_id}, "
                f"'{after}')"
            )
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.both()

    def test_a_forged_form_blinds_nothing(self):
        """A65. Red when an entry of a form that nothing expects ends the verification, of this
        company or of the next: each is a finding, and the last part is reached."""
        self.env["biometric.audit.night"]._night(self.company, "-1 second")
        for action, model, after in (
            ("audit.night", "res.company", "{}"),
            ("audit.night", "res.company", "[1]"),
            ("person.erase", "hr.employee", "[]"),
            ("person.erase", "hr.employee", '{"before":"x"}'),
            ("person.erase", "hr.employee", '{"restated":{"x":1}}'),
            ("retention.purge", "res.company", "no JSON"),
            ("rule.change", "biometric.rule", '{"parameters":[1,"a",2]}'),
            ("payroll.change", "biometric.export", "no JSON"),
            ("payroll.change", "biometric.export", "[1]"),
        ):
            with self.subTest(action, after=after):
                savepoint = self.env.cr.savepoint(flush=False)
                try:
                    self.attack(
                        "INSERT INTO biometric_audit (company_id, happened_at, form, actor_salt, "
                        "content_salt, action, model, res_id, after) VALUES "
                        f"({self.company.id}, now(), '1', 'a', 'b', '{action}', '{model}', "
                        f"{self.rule.id}, '{after}')"
                    )
                    while self.env["biometric.audit"]._seal(1000):
                        pass
                    self.assertTrue(self.inside())
                    with mute_logger("odoo.addons.biometric_attendance.models.audit"):
                        self.env["biometric.audit.night"]._night(self.company, "-1 second")
                finally:
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()


class BornBefore:
    """The company was made by a version whose trails said nothing of state: for a StateCase."""

    @classmethod
    def setUpClass(cls):
        with patch(f"{STATE}._born", lambda *_args: None):
            super().setUpClass()


@tagged("post_install", "-at_install")
class TestTakenUp(BornBefore, StateCase):
    def test_the_trail_begins_at_the_upgrade(self):
        """A33. Red when a row of before is not taken up, or what the trail said of it before still
        counts."""
        self.attack(
            f"UPDATE biometric_rule SET name = 'Otherwise' WHERE id = {self.rule.id}",
            f"DELETE FROM biometric_roster WHERE id = {self.roster.id}",
        )
        self.assertLessEqual({"state_differs", "state_death"}, set(self.inside()))
        state, audit = self.env["biometric.state"], self.env["biometric.audit"]
        state._begin(self.company, "taken up at the upgrade to 1.0, unproven before")
        while audit._seal(1000):
            pass
        self.assertEqual(self.both(), (set(), set()))
        mine = [("company_id", "=", self.company.id)]
        count = audit.search_count(mine)
        state._begin(self.company, "a second time")
        self.assertEqual(audit.search_count(mine), count, "once for a company")
        entry = audit.search(
            [*mine, ("action", "=", "rule.take_up"), ("res_id", "=", self.rule.id)]
        )
        self.assertIn("unproven before", entry.reason)
        self.rule.name = "Again"
        self.env.flush_all()
        self.attack(f"UPDATE biometric_rule SET name = 'Silently' WHERE id = {self.rule.id}")
        self.assertIn("state_differs", self.inside(), self.texts())


@tagged("post_install", "-at_install")
class TestAuditedList(StateCase):
    def test_nothing_with_influence_on_minutes_is_left_out(self):
        """A34. Red when a model whose changes make days stale, or that records its changes, is not
        in the list; when a field that makes days stale is not; or when a listed field is stored
        nowhere."""
        for name, model in self.env.items():
            if model._abstract or not name.startswith("biometric."):
                continue
            sources = getattr(model, "_day_fields", None)
            witnessed = hasattr(model, "_audit_word") or hasattr(model, "_mark_days_stale")
            if witnessed and name not in NOT_STATE:
                self.assertIn(name, AUDITED)
            if sources and name in AUDITED:
                self.assertLessEqual(set(sources), set(AUDITED[name].fields), name)
        for name, audited in AUDITED.items():
            for field in audited.fields:
                self.assertTrue(self.env[name]._fields[field].store, f"{name}.{field}")
            word = getattr(self.env[name], "_audit_word", None)
            self.assertIn(word, (None, *audited.words), name)

    def test_company_settings_are_listed_or_said_to_be_the_services(self):
        """A34. Red when a new setting of a company is not in the list."""
        service = {
            "biometric_statement_early_for",
            "biometric_statement_final_for",
            "biometric_usage_counted_at",
        }
        ours = {
            name
            for name, field in self.env["res.company"]._fields.items()
            if name.startswith("biometric_") and field.store and not field.relational
        }
        self.assertEqual(ours - service, set(AUDITED["res.company"].fields))

    def test_the_digest_of_the_list_is_the_one_that_is_written_down(self):
        """A34. Red when a field or model leaves or joins the list without a word in docs/audit.md
        and a taking up at the upgrade: rows of before have no entry that says the new field."""
        self.assertEqual(list_digest(), LIST)
        self.assertIs(list_digest(), list_digest(), "asked for with each entry of the trail")

    def test_plain_values(self):
        """Red when a link, an empty value or an order of links makes a difference where none is."""
        same = [
            ([7, "Ana"], 7),
            ([7, False], 7),
            ([3, 2], [2, 3]),
            (0, None),
            ("", False),
            ([], None),
            ({}, None),
            (8, 8.0),
            ([7, "Ana"], [7, False]),
        ]
        for one, other in same:
            self.assertEqual(states.plain(one), states.plain(other))
        self.assertNotEqual(states.plain([3, 2]), states.plain(3))
        for one, other in (
            ([1, "a", 2], [2, "a", 1]),
            (["b", "a"], ["a", "b"]),
            ([[1, 2], [3]], [[3], [1, 2]]),
            ([None, 1], [1, None]),
            ([7, {"a": 1}], 7),
            ([True, "a"], [1, "a"]),
        ):
            self.assertNotEqual(states.plain(one), states.plain(other))


LIST = "4898370ab6fa3d51f0d35821123222bda839818bd1af5678e88aed17fd2b8596"
