"""Executes every cell of access_matrix.py: role by model, operation, method, report and route."""

import json
from datetime import date

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime, Json
from odoo.models import BaseModel
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .access_matrix import (
    AGENT_ROUTES,
    EVERYBODY,
    FLEET,
    HARMLESS,
    LINK_ROUTES,
    METHODS,
    MODELS,
    OF_NO_ROLE,
    OVERRIDES,
    OWN_DIALOGS,
    RECORD_ROUTES,
    REPORTS,
    ROLES,
    SCOPES,
    SETTINGS,
    USER_ROUTES,
)
from .common import AddonCase, Lane, lay_row
from .form_reader import open_form

OPERATIONS = ("read", "write", "create", "unlink")
OUTER = {
    "public": "base.group_public",
    "portal": "base.group_portal",
    "user": "base.group_user",
}
DAY = "2026-03-02"
WORDED = {
    "biometric.attestation.question": {
        "name": "Meals",
        "event": "meal",
        "text": "Was there a meal break?",
        "choice_ids": [(0, 0, {"text": word}) for word in ("Yes", "No")],
    },
    "biometric.consent.text": {"name": "Fingers", "text": "One finger each."},
}
OURS = "odoo.addons.biometric_attendance."
# An allowed call may fail for reasons of its own; only AccessError means "you may not".
OWN_REASONS = (UserError, psycopg2.Error, KeyError, TypeError, ValueError)


def make_users(env):
    """{role: user}; every role of ours is an internal user with exactly that group."""
    users = {}
    for role in ROLES:
        group = OUTER.get(role) or f"base.group_user,biometric_attendance.group_{role}"
        users[role] = new_test_user(env, f"matrix-{role}", groups=group, password=f"pw-{role}-123")
    return users


# What one is made of where nothing else has to be there.
PLAIN = {
    "biometric.area": {"name": "Plant"},
    "biometric.rule": {"name": "Rule", "valid_from": DAY},
    "biometric.approval.level": {"level": 9, "kind": "remap", "who": "hr"},
    "biometric.period.group": {"name": "All", "anchor": "2026-03-01"},
    "biometric.shift": {"name": "Night", "start": 22.0, "end": 6.0},
    "biometric.export": {"date_from": DAY, "date_to": DAY},
    "biometric.delivery.target": {"name": "Office", "recipients": "pay@example.com"},
    "biometric.payroll.profile": {"name": "Sage", "program": "sage_ie"},
    "biometric.release": {},
}


# Rows that each person has one of; the first stands for them.
LAID = (
    "biometric.area.member",
    "biometric.adjustment",
    "biometric.adjustment.step",
    "biometric.attestation",
    "biometric.consent",
    "biometric.cto.account",
    "biometric.cto.agreement",
    "biometric.cto.certificate",
    "biometric.cto.correction",
    "biometric.cto.entry",
    "biometric.cto.liability",
    "biometric.cto.payout",
    "biometric.cto.refusal",
    "biometric.day",
    "biometric.day.approval",
    "biometric.export.day",
    "biometric.late.record",
    "biometric.month.record",
    "biometric.month.step",
    "biometric.payroll.figure",
    "biometric.personal.link",
    "biometric.roster",
    "biometric.rounding.bias",
    "biometric.swap",
    "biometric.week.finding",
)


class MatrixRecords(AddonCase):
    """One record of every model, all of one company; people: the role itself, its team, others."""

    @classmethod
    def make_records(cls):
        env = cls.env
        cls.agent, _token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)
        cls.records = {"biometric.agent": cls.agent, "biometric.device": cls.device}
        company = env.company.id
        now = Datetime.now()
        lane = Lane()
        cls.store(cls, cls.agent, lane, lane.punch(pin="far"), lane.reject())
        row = {"company_id": company, "agent_id": cls.agent.id}
        seen = {"first_seen_at": now, "last_seen_at": now}
        head = {"seq": 1, "hash": "a", "signature": "x"}
        lane_id = env["biometric.lane"].search([("agent_id", "=", cls.agent.id)]).id
        made = {
            "biometric.alarm": {**row, "kind": "clone", "opened_at": now},
            "biometric.audit.check": {"company_id": company, "started_at": now, "state": "ok"},
            "biometric.audit.finding": {"company_id": company, "code": "x", "place": "y", **seen},
            "biometric.audit.witness": {**row, **head, "day": DAY, "received_at": now},
            "biometric.lane.head": {
                **head,
                "company_id": company,
                "lane_id": lane_id,
                "day": DAY,
                "signed_at": now,
            },
            "biometric.gap": {
                **row,
                "device_id": cls.device.id,
                "kind": "silence",
                "window_from": now,
                "window_to": now,
            },
            "biometric.hearing": {**row, "device_id": cls.device.id},
            "biometric.erased.key": {"company_id": company, "digest": "d"},
            "biometric.erasure": {
                "company_id": company,
                "person_number": 1,
                "state": "done",
                "requested_at": now,
            },
            "biometric.usage": {
                "company_id": company,
                "day": DAY,
                "revision": 1,
                "identifier": "x",
                "counted_at": now,
            },
            "biometric.watch": {"agent_id": cls.agent.id, "company_id": company, "until": now},
            "biometric.support": {
                "company_id": company,
                "user_id": env.ref("base.user_admin").id,
                "granted_at": now,
                "expires_at": now,
            },
            "biometric.pairing.try": {"address": "x", "tried_at": now},
            "biometric.audit.concern": {
                "company_id": company,
                "entry_id": env["biometric.audit"].search([], limit=1).id,
                "person_id": 1,
            },
        }
        for model, values in (made | PLAIN | WORDED).items():
            cls.records[model] = env[model].create(values)
        cls.records["biometric.commissioning"] = env["biometric.commissioning"].create(
            {"device_id": cls.device.id, "tester_id": cls.far.id}
        )
        release = cls.records["biometric.release"]
        cls.records["biometric.update"] = env["biometric.update"].create(
            {**row, "release_id": release.id, "place": 1}
        )
        cls.device.with_context(biometric_command="info").action_command()
        env["biometric.pairing"]._open(cls.agent)
        env["biometric.decision"].with_user(env.ref("base.user_admin"))._decide(
            env["biometric.punch"].search([], limit=1), "discard", "a punch to be refused"
        )
        env["biometric.run"].create(
            {"company_id": company, "agent_id": cls.agent.id, "device_id": cls.device.id}
            | {"uuid": "0" * 36, "channel": "push", "started_at": now}
        )
        env["biometric.flag"].create(
            {"company_id": company, "device_id": cls.device.id, "kind": "unpushed", "found_at": now}
            | {"punch_id": env["biometric.punch"].search([], limit=1).id}
        )
        env["biometric.incident"].create({**row, "kind": "gap", "opened_at": now})
        env["biometric.stale.day"]._mark([(cls.far.id, DAY)])
        for model in MODELS:
            if model not in cls.records and not env[model]._transient:
                cls.records[model] = env[model].sudo().search([], limit=1)

    @classmethod
    def lay_accounts(cls, own):
        """A time account of a person, with an entry, a certificate and a wish to be paid."""
        account = lay_row(cls.env["biometric.cto.account"], own | {"kind": "bank"})
        entry = own | {"account_id": account.id, "number": 1, "kind": "opening", "date": DAY}
        entry |= {"minutes": 60, "balance_minutes": 60, "source": "o", "earned_on": DAY}
        moves = Json().convert_to_column([["o", 60]], None)
        lay_row(cls.env["biometric.cto.entry"], entry | {"posted_at": DAY, "moves": moves})
        paper = {"name": f"COC {own['employee_id']}", "date_from": DAY, "date_to": DAY}
        lay_row(cls.env["biometric.cto.certificate"], own | paper)
        wish = {"minutes": 5, "state": "requested"}
        asked = wish | {"kind": "bank", "reason": "the sheet said so"}
        lay_row(cls.env["biometric.cto.correction"], own | asked)
        lay_row(cls.env["biometric.cto.payout"], own | wish)
        barred = {"asked_on": DAY, "use_date": DAY, "minutes": 60, "kind": "bank"}
        lay_row(cls.env["biometric.cto.refusal"], own | barred | {"reason": "notice"})

    @classmethod
    def lay_swap(cls, own):
        """A swap that a person asked for, which the colleague agreed to."""
        shift = cls.env["biometric.shift"].search([], limit=1).id
        asked = {"shift_id": shift, "date": DAY, "to_employee_id": cls.far.id, "begins_at": DAY}
        own = own | {"requested_by_id": 1, "requested_at": DAY, "state": "submitted", "level": 1}
        lay_row(cls.env["biometric.swap"], own | asked)

    @classmethod
    def lay_questions(cls, person):
        """A question to a person, and what they said about biometrics."""
        question = cls.env["biometric.attestation.question"].search([], limit=1)
        cls.env["biometric.attestation"].sudo()._ask(person, DAY, question)
        cls.env["biometric.consent"].sudo()._keep(person, "no_biometrics", DAY)


@tagged("post_install", "-at_install")
class TestAccessMatrix(TransactionCase, MatrixRecords):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = make_users(cls.env)
        employees = cls.env["hr.employee"]
        cls.far = employees.create({"name": "Far away"})
        cls.own, cls.team = {}, {}
        for role, user in cls.users.items():
            if role in OUTER:
                continue
            # A role's own employee record; granting the employee role to itself changes nothing.
            cls.own[role] = employees.create({"name": role, "user_id": user.id})
            cls.team[role] = employees.create(
                {"name": f"Team of {role}", "parent_id": cls.own[role].id}
            )
        cls.make_records()
        cls.people = {}
        for role in cls.own:
            cls.people[role] = {"own": cls.own[role], "team": cls.team[role], "far": cls.far}
        everybody = [*cls.own.values(), *cls.team.values(), cls.far]
        cls.env["biometric.device.user"].map_pins(
            cls.device.ids,
            [["far" if one == cls.far else f"pin{one.id}", one.id] for one in everybody],
        )
        lane = Lane("c" * 32)
        rows = [lane.punch(pin=f"pin{one.id}") for one in everybody if one != cls.far]
        cls.store(cls, cls.agent, lane, *rows)
        for one in everybody:
            cls.env["biometric.roster"].create({"employee_id": one.id, "date": DAY})
            own = {"employee_id": one.id, "company_id": cls.env.company.id}
            area = {"area_id": cls.records["biometric.area"].id}
            lay_row(cls.env["biometric.area.member"], own | area)
            lay_row(cls.env["biometric.day"], own | {"date": DAY})
            asked = {"kind": "excuse_late", "employee_id": one.id, "date": DAY, "minutes": 5}
            cls.env["biometric.adjustment"].request(asked | {"reason_text": "the bus was late"})
            decided = {"verdict": "approve", "bulk": "x", "user_id": 1, "decided_at": "2026-03-03"}
            lay_row(cls.env["biometric.day.approval"], own | {"date": DAY} | decided)
            month = own | {"date_from": DAY, "date_to": DAY, "number": f"N{one.id}"}
            record = lay_row(cls.env["biometric.month.record"], month | {"layout": "plain"})
            step = {"record_id": record.id, "kind": "issue", "digest": "d", "user_id": 1}
            lay_row(cls.env["biometric.month.step"], month | step | {"done_at": "2026-03-03"})
            lay_row(
                cls.env["biometric.week.finding"],
                own | {"week_start": DAY, "kind": "weekly_rest_short"},
            )
            cls.lay_accounts(own)
            cls.lay_questions(one)
            cls.lay_swap(own)
        cls.env["biometric.export.day"].sudo()._insert(
            cls.records["biometric.export"], [(cls.far.id, DAY, "paid", {"REG|regular": 1})], {}, {}
        )
        cls.records["biometric.delivery"] = cls.env["biometric.delivery"]._ask(
            cls.records["biometric.export"], cls.records["biometric.delivery.target"]
        )
        for name, values in {
            "employment.company": {"company_id": cls.env.company.id},
            "employment.break": {"date_from": DAY, "date_to": DAY},
            "payroll.number": {"number": "1"},
        }.items():
            model = cls.env[f"biometric.{name}"]
            cls.records[model._name] = model.create(values | {"employee_id": cls.far.id})
        profile = cls.records["biometric.payroll.profile"]
        profile.code_ids = [(0, 0, {"pay_code": "REG", "text": "1"})]
        cls.records["biometric.payroll.profile.code"] = profile.code_ids
        cls.env["biometric.cto.agreement"].create({"reference": "Order 1", "valid_from": DAY})
        officer = cls.env["biometric.personal.link"].with_user(cls.users["hr_officer"])
        cls.records["biometric.personal.link"] = officer._issue(cls.far, "4711", 5)[0].sudo()
        cls.make_record_rows(officer)
        cls.records["biometric.deputy"] = cls.env["biometric.deputy"].create(
            {"user_id": cls.users["approver"].id, "deputy_id": cls.users["hr_officer"].id}
            | {"date_from": DAY, "date_to": DAY}
        )
        cls.records |= {name: cls.env[name].search([], limit=1) for name in LAID}
        cls.records |= {"hr.employee": cls.far, "res.company": cls.env.company}

    @classmethod
    def make_record_rows(cls, officer):
        """Access for an inspector, files of monthly records, a record of the AFD, and a day with
        work for the report of what was recorded late."""
        day = date.fromisoformat(DAY)
        about = {"name": "Labour office", "reason": "yearly inspection", "company": cls.env.company}
        inspections = cls.env["biometric.inspection"].with_user(officer.env.user)
        link, _token = inspections._issue("4711", 5, **about, date_from=day, date_to=day)
        cls.records["biometric.inspection"] = link.sudo()
        record = cls.env["biometric.month.record"].search([], limit=1)
        cls.records["biometric.month.run"] = cls.env["biometric.month.run"]._ask(record, "plain")
        row = {"company_id": cls.env.company.id, "nsr": 1, "kind": "2", "day": DAY}
        cls.records["biometric.afd.line"] = lay_row(cls.env["biometric.afd.line"], row)
        moves = [["round_in", "2026-03-02T08:07:00+00:00", "2026-03-02T08:00:00+00:00"]]
        cls.env.cr.execute(
            "UPDATE biometric_day SET worked_minutes = 1, derivation = %s",
            (Json().convert_to_column({"paid": [{"moves": moves}]}, None),),
        )

    def setUp(self):
        super().setUp()
        self.maxDiff, self.wrong, self.last_refusal = None, [], ""
        self.refuse_briefly()

    def cell(self, name, call, allowed):
        """Execute one cell; a difference is kept, so that one run shows them all."""
        if self.refused(call) == allowed:
            word = f"refused {self.last_refusal}" if allowed else "let through"
            self.wrong.append(f"{name}: {word}")

    def refused(self, call):
        """Whether the call is refused for lack of rights. Whatever it did is undone."""
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            with mute_logger("odoo.sql_db"):
                call()
                self.env.flush_all()
        except AccessError as error:
            self.last_refusal = str(error)
            return True
        except OWN_REASONS:
            return False
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        return False

    def sample(self, model, role):
        """A record the role could see if it may see any: its own where rows belong to people."""
        if model in SCOPES and role in self.people:
            whose = "own" if "own" in SCOPES[model].get("employee", "") else "team"
            person = self.people[role][whose]
            return self.env[model].search([("employee_id", "=", person.id)], limit=1)
        if self.env[model]._transient or self.env[model]._abstract:
            return self.env[model].with_user(self.users[role]).browse()
        return self.records[model]

    def test_models_and_operations(self):
        """S48. Red when an access line is added, removed or moved to another group."""
        for model, roles in MODELS.items():
            for role in ROLES:
                record = self.sample(model, role).with_user(self.users[role])
                calls = {
                    "read": lambda record=record: (
                        record.search([], limit=1) and record.read(["id"])
                    ),
                    "write": lambda record=record: self._write(record),
                    "create": lambda record=record: record.create({}),
                    "unlink": lambda record=record: self._unlink(record),
                }
                for operation, needed in zip(OPERATIONS, roles, strict=True):
                    self.cell(f"{role} {operation} {model}", calls[operation], role in needed)
        self.assertEqual(self.wrong, [])

    @staticmethod
    def _write(record):
        if record:
            record.write({})
        else:
            record.check_access("write")

    @staticmethod
    def _unlink(record):
        if record:
            record.unlink()
        else:
            record.check_access("unlink")

    def test_whose_rows(self):
        """Own, team, everybody. Red when a record rule goes or widens."""
        for model, scopes in SCOPES.items():
            for role, people in self.people.items():
                scope = scopes.get(role, "")
                for kind, person in people.items():
                    record = self.env[model].search([("employee_id", "=", person.id)], limit=1)
                    self.assertTrue(record, f"{model} of {person.name}")
                    expected = scope == "all" or kind in scope.split()
                    mine = record.with_user(self.users[role])
                    with self.subTest(model=model, role=role, kind=kind):
                        self.assertEqual(
                            self.refused(lambda mine=mine: mine.read(["id"])),
                            not expected,
                            self.last_refusal,
                        )
                        found = mine.search([("id", "=", record.id)]) if scope else mine.browse()
                        self.assertEqual(bool(found), expected)

    def test_methods(self):
        """Every button and public method. Red when one forgets to check who calls."""
        for (model, method, arguments), roles in METHODS.items():
            for role in ROLES:
                record = self.sample(model, role).with_user(self.users[role])
                if method == "action_command":
                    record = record.with_context(biometric_command="info")
                call = getattr(record, method)
                if self.env[model]._transient:
                    call = self._dialog(model, role, method)
                self.cell(
                    f"{role} {model}.{method}",
                    lambda call=call, arguments=arguments: call(*arguments),
                    role in roles,
                )
        self.assertEqual(self.wrong, [])

    def _dialog(self, model, role, method):
        """A dialog is filled and confirmed by the same person."""
        values = {
            "biometric.alarm.explain": {
                "alarm_ids": self.records["biometric.alarm"].ids,
                "explanation": "found out what it was",
            },
            "biometric.finding.explain": {
                "finding_ids": self.records["biometric.audit.finding"].ids,
                "explanation": "found out what it was",
            },
            "biometric.decide": {
                "verdict": "discard",
                "punch_ids": self.records["biometric.punch"].ids,
                "reason": "found out what it was",
            },
            "biometric.gap.accept": {
                "gap_ids": self.records["biometric.gap"].ids,
                "reason": "nobody worked that night",
            },
            "biometric.erase": {"employee_id": self.far.id, "reason": "asked for it in May"},
            "biometric.pull": {"device_id": self.device.id},
            "biometric.roster.assign": {"date_from": DAY, "date_to": DAY},
            "biometric.zone.change": {
                "device_id": self.device.id,
                "tz": "Asia/Manila",
                "reason": "it hangs in Manila",
            },
        }[model]
        model = self.env[model].with_user(self.users[role])
        return lambda: getattr(model.create(values), method)()

    def test_reports(self):
        named = [("module", "=", "biometric_attendance"), ("model", "=", "ir.actions.report")]
        ids = self.env["ir.model.data"].search(named).mapped("res_id")
        found = self.env["ir.actions.report"].browse(ids)
        self.assertEqual(sorted(found.mapped("report_name")), sorted(REPORTS))
        for name, (model, roles) in REPORTS.items():
            for role in ROLES:
                user = self.users[role]

                def show(name=name, model=model, user=user, role=role):
                    if self.env[model]._transient:
                        rows = self.env[model].with_user(user).create({})
                    else:
                        rows = self.sample(model, role)
                    reports = self.env["ir.actions.report"].with_user(user)
                    page, _kind = reports.sudo(False)._render_qweb_html(name, rows.ids)
                    self.assertIn(b"<html", page)

                self.cell(f"{role} prints {name}", show, role in roles)
        self.assertEqual(self.wrong, [])

    def test_every_form_opens_for_who_may_read_it(self):
        """S48. Turns red when a form shows a role something it may not read: the whole form ends
        in an error, as every terminal did for support."""
        shown = self.env["ir.ui.view"].search(
            [("model", "=like", "biometric.%"), ("type", "=", "form"), ("mode", "=", "primary")]
        )
        opened = set()
        for model in sorted({*shown.mapped("model")} & {*MODELS}):
            if self.env[model]._transient:
                continue
            for role in sorted(MODELS[model][0]):
                record = self.sample(model, role).with_user(self.users[role])
                if record and record.has_access("read"):
                    opened.add(model)
                    with self.subTest(model=model, role=role):
                        self.assertTrue(open_form(record))
        self.assertGreater(len(opened), 10)

    def test_s45_settings_of_a_company(self):
        """S45, S48. Turns red when a setting is readable by everybody who reads the company's name:
        addresses of auditors, how long punches stay, when payroll closes."""
        company = self.env["res.company"]
        ours = {
            name
            for name, field in company._fields.items()
            if (field._module or "") == "biometric_attendance" and field.store
        }
        self.assertGreater(len(ours), 8)
        for role in ROLES:
            seen = ours & {*company.with_user(self.users[role]).fields_get()}
            expected = ours - OF_NO_ROLE if role in SETTINGS else set()
            with self.subTest(role):
                self.assertEqual(seen, expected)

    def test_no_menu_outside_the_roles(self):
        """S48. Red when a menu item has no group."""
        root_id = self.env.ref("biometric_attendance.menu_biometric_root").id
        for role in ROLES:
            if role in ("public", "portal"):
                continue  # no menu is theirs to read
            visible = self.env["ir.ui.menu"].with_user(self.users[role])._visible_menu_ids()
            with self.subTest(role):
                self.assertEqual(root_id in visible, role in EVERYBODY)

    # ------------------------------------------------------------------ completeness

    def test_every_model_has_its_line(self):
        """Red when a model is added without a line in the matrix."""
        names = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("biometric.") and not model._abstract
        }
        self.assertEqual(names, set(MODELS))
        stored = {name for name in MODELS if self.env[name]._auto and not self.env[name]._transient}
        self.assertEqual({name for name in stored if not self.records.get(name)}, set())

    def test_every_public_method_has_its_line(self):
        """Red when a method that RPC can call is added without a line, to whatever kind of model:
        stored, dialog, abstract, or one of Odoo's."""
        known = {(model, method) for model, method, _arguments in METHODS}
        found = set()
        for name, model in self.env.registry.items():
            ours = [one for one in model.__mro__ if one.__module__.startswith(OURS)]
            for attribute in {attribute for one in ours for attribute in vars(one)}:
                if attribute.startswith("_") or hasattr(BaseModel, attribute):
                    continue
                function = getattr(model, attribute)
                if callable(function) and not getattr(function, "_api_private", False):
                    found.add((name, attribute))
        self.assertEqual(
            found - {(name, "init") for name in self.env.registry},
            known | HARMLESS | OWN_DIALOGS | OVERRIDES,
        )

    def test_dialogs_that_open_gain_nothing(self):
        for model, method in HARMLESS:
            if not self.records.get(model):
                continue  # an employee's, or a row of a view
            for role in ROLES:
                record = self.records[model].with_user(self.users[role])
                with self.subTest(method=method, role=role):
                    try:
                        answer = getattr(record, method)()
                    except AccessError:
                        self.assertNotIn(role, MODELS[model][0], "who reads it may open it")
                        continue
                    if method == "get_banner":
                        self.assertEqual(answer["open"] > 0, role in FLEET)
                        continue
                    target = self.env[answer["res_model"]].with_user(self.users[role])
                    operation = 2 if target._transient else 0
                    may = role in MODELS[target._name][operation]
                    self.assertEqual(target.has_access(OPERATIONS[operation]), may)


@tagged("post_install", "-at_install")
class TestAccessRoutes(HttpCase, AddonCase):
    def routes(self):
        rules = self.env["ir.http"].routing_map().iter_rules()
        return {
            rule.rule
            for rule in rules
            if rule.endpoint.func.__module__.startswith("odoo.addons.biometric_attendance")
        }

    def test_every_route_has_its_line(self):
        """Red when a route is added without a line in the matrix."""
        self.assertEqual(self.routes(), {*USER_ROUTES, *AGENT_ROUTES, *LINK_ROUTES, *RECORD_ROUTES})

    def test_routes_for_people(self):
        users = make_users(self.env)
        for route, roles in USER_ROUTES.items():
            for role in ROLES:
                login = users[role].login
                self.authenticate(
                    *((None, None) if role == "public" else (login, f"pw-{role}-123"))
                )
                path = route.replace("<string:form>", "json")
                answer = self.url_open(path, allow_redirects=False, timeout=60)
                with self.subTest(route=route, role=role):
                    if role in roles:
                        self.assertEqual(answer.status_code, 200)
                    else:
                        self.assertIn(answer.status_code, (303,) if role == "public" else (403,))

    def test_routes_of_agents_take_no_session(self):
        """S48. Red when an agent route accepts a logged-in user."""
        users = make_users(self.env)
        for role in ROLES:
            login = users[role].login
            self.authenticate(*((None, None) if role == "public" else (login, f"pw-{role}-123")))
            for route in AGENT_ROUTES:
                path = route.replace("<string:file_id>", "1")
                if path.endswith("/1"):
                    answer = self.url_open(path, timeout=30)
                else:
                    answer = self.url_open(
                        path,
                        data=json.dumps({"version": 1, "code": "BCDFGHJK"}).encode(),
                        headers={"Content-Type": "application/json"},
                        timeout=30,
                    )
                expected = (400, 403, 429) if path.endswith("/pair") else (401,)
                with self.subTest(route=route, role=role):
                    self.assertIn(answer.status_code, expected, answer.text)

    def test_an_agents_token_opens_no_page(self):
        """Its token works on its routes and nowhere else. Red when it becomes an API key."""
        _agent, token = self.make_agent()
        self.authenticate(None, None)
        headers = {"Authorization": f"Bearer {token}"}
        for path in ("/biometric_attendance/export", "/odoo", "/web/session/get_session_info"):
            answer = self.url_open(path, headers=headers, allow_redirects=False, timeout=30)
            self.assertNotEqual(answer.status_code, 200, path)
        answer = self.url_open(
            "/json/2/biometric.device/search_read",
            data=b"{}",
            headers={**headers, "Content-Type": "application/json"},
            timeout=30,
        )
        self.assertEqual(answer.status_code, 401, answer.text)
