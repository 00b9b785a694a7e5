"""S45: every method that RPC can call, on the records of people whom it is none of the caller's
business: of another company, or colleagues. Whatever it answers, nothing of theirs is in it, and
nothing of theirs is touched."""

import json
from datetime import date
from functools import partial

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from . import test_dialogs
from .access_matrix import METHODS, OVERRIDES, REPORTS
from .common import lay_row
from .test_access_matrix import DAY

WORDS = "was somebody else altogether"
EVERY_ROLE = ("approver", "hr_officer", "payroll_officer", "administrator", "auditor")
SECRET = "Jane Far"
# Of no record: what they answer is of the caller's company by itself, or of nothing at all.
OF_NO_RECORD = {
    ("biometric.company.export", "action_download"),
    ("biometric.desk", "approve_clean"),
    ("biometric.desk", "get_proposals"),
    ("biometric.desk", "open_desk"),
    ("biometric.desk", "sum_clean"),
    ("biometric.device", "get_board_data"),
    ("biometric.my.time", "get_sheet"),
    ("biometric.my.time", "open_month"),
    ("biometric.today", "get_today"),
    ("biometric.today", "get_trends"),
    ("biometric.work", "get_systray"),
}
# A row of a view: it stands and goes with a request for time off.
VIEWS = ["biometric.cto.answer"]
# What names no colleague: the reader's own consent, and which terminal a screen looks at.
OWN = {"biometric.consent.give", "biometric.consent.refuse", "biometric.my.time.consent"}
LOOKS = {"biometric.device.watch", "biometric.gap.watch"}
REFUSED = (AccessError, MissingError, UserError)


@tagged("post_install", "-at_install")
class TestStrangers(test_dialogs.TestDialogs):
    # what that class tries itself
    test_s45_no_dialog_names_what_lies_in_another_company = None
    test_s45_nor_does_a_line_of_a_dialog = None
    test_s45_a_dialog_is_its_makers_alone = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = ",".join(f"biometric_attendance.group_{role}" for role in EVERY_ROLE)
        cls.mighty = new_test_user(cls.env, "stranger-mighty", groups=f"base.group_user,{groups}")
        cls.env["hr.employee"].create({"name": "Mighty", "user_id": cls.mighty.id})
        cls.lay_more()
        cls.colleagues = {}
        for role in ("employee", "approver"):
            user = new_test_user(
                cls.env,
                f"stranger-{role}",
                groups=f"base.group_user,biometric_attendance.group_{role}",
                company_id=cls.other.id,
                company_ids=[Command.set(cls.other.ids)],
            )
            cls.env["hr.employee"].create(
                {"name": role, "user_id": user.id, "company_id": cls.other.id}
            )
            cls.colleagues[role] = user

    @classmethod
    def lay_more(cls):
        """Of the other company: what the dialogs do without."""
        there = cls.env(context={**cls.env.context, "allowed_company_ids": cls.other.ids})
        own = {"company_id": cls.other.id, "employee_id": cls.far.id, "date": DAY}
        decided = {"verdict": "approve", "bulk": "x", "user_id": 1, "decided_at": DAY}
        lay_row(there["biometric.day.approval"], own | decided)
        export = there["biometric.export"].create({"date_from": DAY, "date_to": DAY})
        days = there["biometric.export.day"].sudo()
        days._insert(export, [(cls.far.id, DAY, "paid", {"REG|regular": 1})], {}, {})
        there["biometric.personal.link"].sudo()._issue(cls.far, "4711", 5)
        record = there["biometric.month.record"].search([], limit=1)
        there["biometric.month.run"]._ask(record, "plain")
        day = date.fromisoformat(DAY)
        about = {"name": "Labour office", "reason": "yearly inspection", "company": cls.other}
        inspections = there["biometric.inspection"].sudo()
        inspections._issue("4711", 5, **about, date_from=day, date_to=day)
        for name in (
            "consent",
            "cto.entry",
            "day.approval",
            "export.day",
            "inspection",
            "month.run",
            "personal.link",
        ):
            name = f"biometric.{name}"
            found = cls.env[name].sudo().search([("company_id", "=", cls.other.id)], limit=1)
            cls.foreign[name] = found

    def one(self, model):
        return self.foreign[model].ids[0]

    def arguments(self):
        """`{(model, method): [arguments]}` that name what is not the caller's."""
        one, far, device = self.one, self.far.id, self.one("biometric.device")
        day, request = one("biometric.day"), one("biometric.adjustment")
        swap, shift = one("biometric.swap"), one("biometric.shift")
        about = {"employee_id": far, "date": DAY, "reason_text": WORDS}
        asked = {**about, "kind": "excuse_late", "minutes": 5}
        wish = {"employee_id": far, "date": DAY, "shift_id": shift, "to_employee_id": far}
        choices = [[one("biometric.device.user"), far, False]]
        desk, mine = "biometric.desk", "biometric.my.time"
        grid, cells = "biometric.roster.grid", "biometric.coverage.map"
        mapper, account = "biometric.registry.map", "biometric.cto.account"
        approval = "biometric.day.approval"
        return {
            ("biometric.adjustment", "request"): [asked],
            ("biometric.adjustment", "amend"): [{"minutes": 6}],
            ("biometric.swap", "ask"): [wish],
            (approval, "sum_of"): [[day]],
            (approval, "approve_days"): [[day]],
            (approval, "confirm_day"): [day, WORDS],
            ("biometric.consent", "keep_paper"): [far, "given", DAY, WORDS],
            ("biometric.consent", "give"): [one("biometric.consent.text")],
            ("biometric.consent", "refuse"): [one("biometric.consent.text")],
            ("biometric.device.user", "map_pins"): [[device], [["99", far]]],
            ("biometric.audit", "action_open_history"): ["biometric.device", [device]],
            (account, "get_panel_data"): [far],
            (account, "get_forecast"): [far, "2026-12-31"],
            (account, "action_request"): [far, 60],
            ("biometric.period", "get_cockpit_data"): [one("biometric.period")],
            (desk, "get_day"): [day],
            (desk, "refresh"): [day],
            (desk, "accept"): [[day]],
            (desk, "ask"): [day, "excuse_late", WORDS],
            (desk, "confirm"): [day, WORDS],
            (desk, "decide"): [request, True],
            (desk, "reverse"): [request, WORDS],
            (desk, "undo"): [{"requests": [request]}],
            (grid, "open_grid"): [DAY, 7, one("hr.department")],
            (grid, "apply"): [[[far, DAY, None, [shift]]]],
            (cells, "open_map"): [DAY, "", one("biometric.agent")],
            (cells, "open_cell"): [device, DAY],
            (cells, "pull"): [device, DAY, DAY],
            (cells, "get_orders"): [device, DAY],
            (mapper, "open_map"): [device],
            (mapper, "find_people"): ["Jane", device],
            (mapper, "preview"): [choices],
            (mapper, "confirm"): [choices],
            (mapper, "count_waiting"): [[far]],
            (mine, "ask"): [day, asked],
            (mine, "certify"): [one("biometric.month.record"), DAY],
            (mine, "attest"): [one("biometric.attestation"), 1],
            (mine, "consent"): ["given", one("biometric.consent.text")],
            (mine, "say"): [request, "agree"],
            (mine, "open_swap"): [DAY, shift],
            (mine, "check_swap"): [wish],
            (mine, "ask_swap"): [wish],
            (mine, "say_swap"): [swap, "agree"],
        }

    def calls(self, user):
        """`(name, call)` of every public method, as `user` in his own company."""
        given = self.arguments()
        for model, method, arguments in METHODS:
            if (model, method) in OF_NO_RECORD | OVERRIDES or self.env[model]._transient:
                continue
            rows = self.env[model].with_user(user)
            rows = rows.with_context(allowed_company_ids=user.company_ids.ids)
            named = given.get((model, method))
            if named is None and not self.foreign.get(model):
                self.unasked.add(model)
                continue
            # RPC hands ids to methods of records alone
            of_model = getattr(getattr(type(rows), method), "_api_model", False)
            if not of_model and self.foreign.get(model):
                rows = rows.browse(self.foreign[model].ids)
            values = arguments if named is None else named
            yield (
                f"{model}.{method}",
                lambda rows=rows, method=method, values=values: getattr(rows, method)(*values),
            )

    def stands(self):
        """Rows of every table of ours that are of the other company: how many, and the last
        change."""
        self.env.flush_all()
        tables = sorted(
            model._table
            for name, model in self.env.registry.items()
            if name.startswith("biometric.")
            and model._auto
            and not model._abstract
            and not model._transient
            and "company_id" in model._fields
            and model._fields["company_id"].store
        )
        self.env.cr.execute(
            " UNION ALL ".join(
                f"""SELECT '{table}', count(*), COALESCE(max(xmin::text::bigint), 0)
                      FROM {table} WHERE company_id = {self.other.id}"""
                for table in tables
            )
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    def tried(self, user, own=(), calls=None):
        """[what went wrong], of every call; `own`: calls that may change what they name."""
        # whoever verifies seals what others wrote before: nothing is left to be sealed
        while self.env["biometric.audit"].sudo()._seal(1000):
            pass
        wrong, before = [], self.stands()
        for name, call in calls or self.calls(user):
            savepoint = self.env.cr.savepoint(flush=False)
            try:
                with mute_logger("odoo.sql_db"):
                    answer = json.dumps(call(), default=repr)
                after = self.stands()
                if SECRET in answer:
                    wrong.append(f"{name} tells {answer[:200]}")
                touched = {table for table in after if after[table] != before[table]}
                if touched and name not in own:
                    wrong.append(f"{name} touches {sorted(touched)}")
            except REFUSED as refusal:
                if SECRET in str(refusal):
                    wrong.append(f"{name} says {refusal}")
            except (KeyError, TypeError, ValueError, AssertionError) as fault:
                wrong.append(f"{name} ends in {type(fault).__name__}: {fault}")
            finally:
                savepoint.close(rollback=True)
                self.env.invalidate_all()
        return wrong

    def setUp(self):
        super().setUp()
        self.unasked = set()

    def papers(self, user):
        """`(name, call)` of whatever is printed or downloaded, as `user` in his own company."""
        company = {"allowed_company_ids": user.company_ids.ids}
        env = self.env(user=user, context={**self.env.context, **company}, su=False)
        for name, (model, _roles) in REPORTS.items():
            if rows := self.foreign.get(model):
                printed = env["ir.actions.report"].sudo(False)
                yield name, partial(printed._render_qweb_html, name, rows.ids)
        day = env["biometric.day"].browse(self.one("biometric.day"))
        export = env["biometric.export"].browse(self.one("biometric.export"))
        far, person = env["hr.employee"].browse(self.far.id), env["biometric.person.export"]
        kept = self.env["ir.attachment"].sudo().search([("res_model", "=like", "biometric.%")])
        there = env["ir.attachment"].browse(kept.filtered("company_id").ids).exists()
        there = there.filtered(lambda one: one.sudo().company_id == self.other)
        yield "evidence", partial(env["biometric.day.evidence"]._file, day)
        # whoever is not refused has got it
        for name, call in {
            "payroll file": export._sheet,
            "bytes of it": partial(export.read, ["data", "control", "program_data"]),
            "person": partial(person._check_may, far),
            **({"attachments": partial(there.read, ["raw"])} if there else {}),
        }.items():
            yield name, lambda call=call: [call(), SECRET]

    def test_s45_no_paper_shows_a_stranger(self):
        """S45. Red when what is printed, packed or downloaded is made as the system before it is
        asked whose it is."""
        for user in (self.mighty, *self.colleagues.values()):
            with self.subTest(user.login):
                self.assertEqual(self.tried(user, calls=self.papers(user)), [])

    def test_s45_no_method_reaches_into_another_company(self):
        """S45. Red when a method goes as the system before it asked whose record it is: called by
        somebody with every role, next door."""
        self.assertEqual(self.tried(self.mighty), [])
        self.assertEqual(sorted(self.unasked), VIEWS)

    def test_s45_no_balance_of_another_company(self):
        """S45. Red when a role that sees everybody's time accounts sees those of people next door
        by their number: a forecast, a request of the right length, the kinds of time off."""
        company = {"allowed_company_ids": self.mighty.company_ids.ids}
        accounts = self.env["biometric.cto.account"].with_user(self.mighty).with_context(**company)
        for call in (
            partial(accounts.get_panel_data, self.far.id),
            partial(accounts.get_forecast, self.far.id, "2026-12-31"),
            partial(accounts.action_request, self.far.id, 60),
        ):
            with self.subTest(call.func.__name__), self.assertRefused("not allowed", AccessError):
                call()
        far = accounts.env["hr.employee"].browse(self.far.id)
        self.assertFalse(far._biometric_may_see_balance())

    def test_s45_no_method_reaches_a_colleague(self):
        """S45. Red when who has no role but their own days, or a team of nobody, reads or changes
        what is a colleague's."""
        for role, user in self.colleagues.items():
            with self.subTest(role):
                looks = LOOKS if role == "approver" else set()
                self.assertEqual(self.tried(user, OWN | looks), [])
