"""I6, S45: no dialog names what its maker may not read, by whatever door; a dialog is its
maker's."""

from datetime import date
from functools import partial

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from .access_matrix import MODELS, ROLES
from .common import lay_row
from .test_access_matrix import MatrixRecords

# What a dialog cannot be made without, beside what is named.
NEEDED = {
    "biometric.adjustment.say": {"verdict": "dispute", "text": "was somebody else"},
    "biometric.correct": {"date": "2026-03-02", "reason_text": "the gate was open"},
    "biometric.checklist": {"kind": "why"},
    "biometric.decide": {"verdict": "discard", "reason": "not worked"},
    "biometric.device.move": {"first_day": "2026-03-02"},
    "biometric.support.grant": {"reason": "falls silent at night"},
    "biometric.zone.change": {"tz": "UTC", "reason": "it hangs there"},
}
# Not of one company: a foreign one is one of another company's people alone.
PEOPLE = "res.users"


@tagged("post_install", "-at_install")
class TestDialogs(TransactionCase, MatrixRecords):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        here = cls.env.company
        cls.other = cls.env["res.company"].create({"name": "Next door"})
        cls.users = {}
        for role in sorted(set().union(*(MODELS[name][2] for name in cls._dialogs()))):
            own = "" if role == "user" else f",biometric_attendance.group_{role}"
            groups = f"base.group_user{own}"
            user = new_test_user(cls.env, f"dialog-{role}", groups=groups)
            user.company_ids |= cls.other
            cls.users[role] = user
        home = cls.env
        cls.env = home(context={**home.context, "allowed_company_ids": cls.other.ids})
        cls.far = cls.env["hr.employee"].create({"name": "Jane Far"})
        cls.make_records()
        cls.env["biometric.device.user"].create({"device_id": cls.device.id, "pin": "44"})
        cls.foreign = {
            name: records[:1] for name, records in cls.records.items() if "company_id" in records
        }
        for name in ("hr.department", "hr.work.location", "resource.calendar"):
            cls.foreign[name] = cls.env[name].create(
                {"name": "There", "company_id": cls.other.id}
                | ({"address_id": cls.other.partner_id.id} if name == "hr.work.location" else {})
            )
        cls.foreign["hr.employee"] = cls.far
        cls.foreign["hr.employee.public"] = cls.env["hr.employee.public"].browse(cls.far.ids)
        cls.foreign["biometric.reason"] = cls.env["biometric.reason"].create(
            {"code": "THERE", "name": "There", "company_id": cls.other.id}
        )
        cls.foreign["ir.attachment"] = cls.env["ir.attachment"].create(
            {"name": "There.txt", "raw": b"there", "company_id": cls.other.id}
        )
        own = {"company_id": cls.other.id, "employee_id": cls.far.id}
        cls.foreign["biometric.day"] = lay_row(
            cls.env["biometric.day"], own | {"date": "2026-03-01"}
        )
        cls.lay_accounts(own)
        cls.lay_questions(cls.far)
        cls.env["biometric.shift"].create({"name": "There"})
        cls.lay_swap(own)
        for name in ("attestation", "cto.account", "cto.correction", "cto.payout", "swap"):
            name = f"biometric.{name}"
            cls.foreign[name] = cls.env[name].search([("company_id", "=", cls.other.id)], limit=1)
        kind = cls.env["hr.leave.type"].create({"name": "There", "requires_allocation": False})
        cls.foreign["hr.leave"] = cls.env["hr.leave"].create(
            {"employee_id": cls.far.id, "holiday_status_id": kind.id}
            | {"request_date_from": "2026-03-04", "request_date_to": "2026-03-04"}
        )
        asked = {"kind": "excuse_late", "employee_id": cls.far.id, "date": "2026-03-02"}
        cls.foreign["biometric.adjustment"] = cls.env["biometric.adjustment"].browse(
            cls.env["biometric.adjustment"].request(
                asked | {"minutes": 5, "reason_text": "the bus was late"}
            )
        )
        day = date(2026, 3, 2)
        records = cls.env["biometric.month.record"]
        cls.foreign[records._name] = records._prepare(cls.far, cls.other, day, day)
        cls.foreign["res.company"] = cls.other
        cls.foreign[PEOPLE] = new_test_user(
            cls.env,
            "there-only",
            groups="base.group_user",
            company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)],
        )
        for name in ("biometric.command", "biometric.sighting", "biometric.device.user"):
            cls.foreign[name] = home[name].search([("company_id", "=", cls.other.id)], limit=1)
        cls.env = home
        cls.here = here
        cls.ours = cls.make_device(cls.make_agent("Here")[0], "OURS")

    def setUp(self):
        super().setUp()
        self.refuse_briefly()

    @classmethod
    def _dialogs(cls):
        return sorted(name for name in MODELS if cls.env[name]._transient)

    def as_role(self, name):
        """The dialog's model as somebody who may open it, with this company ticked alone."""
        role = min(MODELS[name][2] & set(ROLES))
        model = self.env[name].with_user(self.users[role])
        return model.with_context(allowed_company_ids=self.here.ids)

    def named(self):
        """`(dialog, field, foreign record)` of every relational field that is kept."""
        for name in self._dialogs():
            for field in self.env[name]._fields.values():
                kept = field.store and not field.compute and not field.related
                if not field.relational or not kept or field.name in ("create_uid", "write_uid"):
                    continue
                if field.comodel_name in MODELS and self.env[field.comodel_name]._transient:
                    continue
                foreign = self.foreign[field.comodel_name]
                self.assertTrue(foreign, f"{name}.{field.name}: nothing foreign to name")
                yield name, field, foreign

    def refused(self, call):
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            call()
            self.env.flush_all()
        except AccessError:
            return True
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        return False

    def test_s45_no_dialog_names_what_lies_in_another_company(self):
        """S45. Turns red when a dialog does without `biometric.dialog`, or that forgets a door: a
        field, a line, a default of the context, an onchange."""
        asked = set()
        for name, field, foreign in self.named():
            model, one = self.as_role(name), foreign.id
            many = field.type != "many2one"
            values = dict(NEEDED.get(name, {}))
            if "device_id" in model._fields and field.name != "device_id":
                values["device_id"] = self.ours.id
            ways = [[Command.link(one)], [Command.set([one])]] if many else [one]
            doors = {}
            for number, value in enumerate(ways):
                bad = {**values, field.name: value}
                by_context = {f"default_{field.name}": value}
                doors |= {
                    f"create {number}": partial(model.create, bad),
                    f"default {number}": partial(
                        model.with_context(**by_context).create, dict(values)
                    ),
                    f"default_get {number}": partial(
                        model.with_context(**by_context).default_get, [field.name]
                    ),
                    f"onchange {number}": partial(
                        model.onchange, bad, [field.name], {field.name: {}}
                    ),
                    f"write {number}": partial(model.browse().write, {field.name: value}),
                }
            for door, call in doors.items():
                asked.add(name)
                with self.subTest(dialog=name, field=field.name, door=door):
                    self.assertTrue(self.refused(call))
        self.assertGreater(len(asked), 15)

    def test_s45_nor_does_a_line_of_a_dialog(self):
        """S45. Turns red when only the fields of the dialog itself are looked at."""
        push = self.as_role("biometric.user.push")
        line = {"device_id": self.ours.id, "employee_id": self.far.id}
        for value in ([Command.create(line)], [[1, "virtual_1", line]], [line]):
            bad = {"line_ids": value}
            with self.subTest(value=value):
                self.assertTrue(
                    self.refused(partial(push.onchange, bad, ["line_ids"], {"line_ids": {}}))
                )
        self.assertTrue(self.refused(partial(push.create, {"line_ids": [Command.create(line)]})))

    def test_s45_a_dialog_is_its_makers_alone(self):
        """S45. Turns red when another officer, of another company too, reads or goes on with a
        dialog that somebody left open: Odoo itself lets whoever may open one like it."""
        line = {"device_id": self.ours.id, "employee_id": self.far.id}
        answer = {"employee_id": self.far.id}
        for name, values in {
            "biometric.trial": {"line_ids": [Command.create(answer)]},
            "biometric.user.push": {"line_ids": [Command.create(line)]},
            "biometric.import.csv": {},
            "biometric.roster.import": {},
            "biometric.sheet": {},
        }.items():
            made = self.env[name].create(values)
            mine = self.as_role(name).create({})
            for left in [made, *([made.line_ids] if values else [])]:
                strange = self.as_role(left._name if left._name in MODELS else name)
                strange = strange.env[left._name].browse(left.ids)
                with self.subTest(dialog=left._name):
                    self.assertFalse(strange.search([("id", "in", left.ids)]))
                    for operation in ("read", "write", "unlink"):
                        self.assertFalse(strange.has_access(operation), operation)
                    self.assertTrue(self.refused(partial(strange.read, ["create_date"])))
            self.assertTrue(mine.has_access("write"), name)

    def test_s45_an_unticked_company_ends_what_was_begun(self):
        """S45. Turns red when a button believes what was checked when the dialog was opened."""
        admin = self.users["administrator"]
        both = self.env["biometric.zone.change"].with_user(admin)
        both = both.with_context(allowed_company_ids=[self.other.id, self.here.id])
        dialog = both.create(
            {"device_id": self.device.id, "tz": "Asia/Manila", "reason": "it hangs there"}
        )
        with self.assertRaises(AccessError):
            dialog.with_context(allowed_company_ids=self.here.ids).action_confirm()
        dialog.action_confirm()
        self.assertEqual(self.device.zone_ids.tz, "Asia/Manila")

    def test_s45_every_dialog_holds_to_it(self):
        """S45. Turns red when a dialog is made without `biometric.dialog`."""
        held = self.env.registry["biometric.dialog"]._inherit_children
        self.assertEqual({*self._dialogs()} - {*held}, set())
