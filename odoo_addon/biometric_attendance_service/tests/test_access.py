"""Who may do what, walked cell by cell: model, record, public method and route, by hand's own list.

A cell names every role that may; all others are refused. The lists are written from the roles, and
a model, method or route that stands on none makes this red.
"""

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.models import BaseModel
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ServiceCase

OPERATIONS = ("read", "write", "create", "unlink")
OURS = "odoo.addons.biometric_attendance_service."
PROVIDER = "biometric_attendance_service.group_provider"
# What Odoo or the dialogs say to whom something is closed.
REFUSED = "not allowed|have .read. access|not selected at the top"
NOBODY = frozenset()
STAFF = frozenset({"staff"})
OWNER = frozenset({"owner"})
BOTH = STAFF | OWNER
SYSTEM = frozenset({"system"})
# public, portal, plain: nobody of ours; clerk: HR and payroll of the tenant without its
# administration; stranger: another tenant's administrator; rival: another provider's staff.
ROLES = {
    "public": "base.group_public",
    "portal": "base.group_portal",
    "plain": "base.group_user",
    "clerk": "biometric_attendance.group_hr_officer,biometric_attendance.group_payroll_officer,"
    "biometric_attendance.group_auditor",
    "stranger": "biometric_attendance.group_administrator",
    "rival": PROVIDER,
    "system": "base.group_system",
}


def read_only(roles):
    return (roles, NOBODY, NOBODY, NOBODY)


# model: roles that may read, write, create, unlink the tenant's record.
MODELS = {
    "biometric.service.branch": read_only(STAFF),
    "biometric.service.deletion": read_only(BOTH),
    "biometric.service.gone": read_only(SYSTEM),
    "biometric.service.order": read_only(BOTH),
    "biometric.service.statement": read_only(BOTH),
    "biometric.service.statement.line": read_only(BOTH),
    "biometric.service.tenant": (BOTH, STAFF, NOBODY, NOBODY),
    "biometric.service.traffic": read_only(SYSTEM),
}
# What belongs to no tenant: every provider's staff, and every tenant's administrator as a reader.
SHARED_STAFF = STAFF | {"rival"}
SHARED_READERS = SHARED_STAFF | OWNER | {"stranger"}
SHARED = {
    "biometric.service.feature": (SHARED_READERS, SHARED_STAFF, SHARED_STAFF, SHARED_STAFF),
    "biometric.service.plan": (SHARED_READERS, SHARED_STAFF, SHARED_STAFF, SHARED_STAFF),
    "biometric.service.request": (SHARED_STAFF, NOBODY, NOBODY, SHARED_STAFF),
}
# Dialogs: who may open one; each is its maker's alone.
DIALOGS = {
    "biometric.service.choose": SHARED_READERS,
    "biometric.service.leave": OWNER | {"stranger"},
    "biometric.service.new": SHARED_STAFF,
}
# (model, public method): who gets further than a refusal with the tenant's record.
METHODS = {
    ("biometric.service.deletion", "action_ask"): STAFF,
    ("biometric.service.deletion", "action_delete"): STAFF,
    ("biometric.service.deletion", "action_download_certificate"): BOTH,
    ("biometric.service.deletion", "action_print_certificate"): BOTH,
    ("biometric.service.statement", "action_download"): BOTH,
    ("biometric.service.statement", "action_download_csv"): BOTH,
    # Reading invoices is Odoo's right, which the staff has by Odoo's own groups.
    ("biometric.service.statement", "action_open_invoice"): NOBODY,
    ("biometric.service.tenant", "action_leave"): BOTH,
    ("biometric.service.tenant", "action_next_step"): BOTH,
    ("biometric.service.tenant", "action_open_branches"): STAFF,
    ("biometric.service.tenant", "action_order"): BOTH,
    ("biometric.service.tenant", "action_stay"): BOTH,
}
# Of a model, not of a record: the reader's own company, or a new one.
MODEL_METHODS = {
    ("biometric.service.tenant", "action_own"): SHARED_READERS,
    ("biometric.service.tenant", "sign_up"): SHARED_STAFF,
}
# Of dialogs, which only their maker has.
DIALOG_METHODS = {
    ("biometric.service.choose", "action_order"),
    ("biometric.service.leave", "action_confirm"),
    ("biometric.service.leave", "action_stop"),
    ("biometric.service.leave", "action_verify"),
    ("biometric.service.new", "action_sign_up"),
}
# The other addon's, whose own matrix walks it; ours asks for room in the plan first.
OVERRIDES = {("biometric.device", "action_approve")}
ROUTES = {
    "/biometric/sign-up": "public",
    "/biometric/sign-up/<string:token>": "public",
    "/biometric/status/<string:token>": "public",
    "/biometric_attendance_service/deletion/<int:number>.json": "user",
    "/biometric_attendance_service/statement/<int:number>.<string:form>": "user",
}


@tagged("post_install", "-at_install")
class TestServiceAccess(ServiceCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-02-10 12:00:00"):
            plan = cls.plans["ten"].copy({"trial_days": 0})
            cls.tenant = cls.sign_up(plan=plan.id)
            other = cls.sign_up(company="Next", email="next@kiln.example")
            cls.tenant._order_plan(plan)
        with freeze_time("2026-03-05 12:00:00"):
            cls.env["biometric.service.statement"]._close_due(cls.tenant)
        agent, _token = cls.branch(cls.tenant)
        cls.tenant.action_leave()
        deletion = cls.env["biometric.service.deletion"]._stop_agents(cls.tenant)
        env = cls.env
        own = [("tenant_id", "=", cls.tenant.id)]
        statement = env["biometric.service.statement"].search(own, limit=1)
        request = {
            "token_hash": "x",
            "given": {"company": "x"},
            "address": "a",
            "expires_at": "2026-03-05",
        }
        env["biometric.service.traffic"]._add({(cls.tenant.company_id.id, "agent_count"): 1})
        traffic = env["biometric.service.traffic"].search([], limit=1)
        cls.records = {
            "biometric.service.branch": env["biometric.service.branch"].browse(agent.id),
            "biometric.service.deletion": deletion,
            "biometric.service.gone": env["biometric.service.gone"].search(own, limit=1),
            "biometric.service.order": cls.tenant.order_ids,
            "biometric.service.statement": statement,
            "biometric.service.statement.line": statement.line_ids[:1],
            "biometric.service.tenant": cls.tenant,
            "biometric.service.traffic": traffic,
            "biometric.service.feature": env["biometric.service.feature"].search([], limit=1),
            "biometric.service.plan": plan,
            "biometric.service.request": env["biometric.service.request"].create(request),
        }
        cls.make_users(other)

    @classmethod
    def make_users(cls, other):
        places = dict.fromkeys(ROLES, cls.provider) | {
            "plain": cls.tenant.company_id,
            "clerk": cls.tenant.company_id,
            "stranger": other.company_id,
            "rival": cls.env["res.company"].create({"name": "Rival"}),
        }
        cls.users = {"staff": cls.staff[0], "owner": cls.tenant.owner_id}
        for role, groups in ROLES.items():
            inner = "" if role in ("public", "portal", "plain") else "base.group_user,"
            cls.users[role] = new_test_user(
                cls.env,
                f"service-{role}",
                groups=inner + groups,
                company_id=places[role].id,
                company_ids=[(6, 0, places[role].ids)],
            )
        cls.env.flush_all()

    def as_role(self, records, role):
        user = self.users[role]
        return records.with_user(user).with_context(allowed_company_ids=user.company_id.ids)

    def test_every_model_method_and_route_is_listed(self):
        """Red when one is new or gone and no list says who may."""
        names = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("biometric.service.") and not model._abstract
        }
        self.assertEqual(names, {*MODELS, *SHARED, *DIALOGS})
        found = set()
        for name, model in self.env.registry.items():
            ours = [one for one in model.__mro__ if one.__module__.startswith(OURS)]
            for attribute in {attribute for one in ours for attribute in vars(one)}:
                if attribute.startswith("_") or hasattr(BaseModel, attribute):
                    continue
                function = getattr(model, attribute)
                if callable(function) and not getattr(function, "_api_private", False):
                    found.add((name, attribute))
        self.assertEqual(found, {*METHODS, *MODEL_METHODS, *DIALOG_METHODS, *OVERRIDES})
        routes = {}
        for rule in self.env["ir.http"].routing_map().iter_rules():
            if rule.endpoint.func.__module__.startswith(OURS):
                routes[rule.rule] = rule.endpoint.routing["auth"]
        self.assertEqual(routes, ROUTES)

    def test_every_record_by_every_role(self):
        """Red when a role may do more or less to the tenant's record than its cell says, or finds
        by searching what it may not read."""
        for name, cells in {**MODELS, **SHARED}.items():
            record = self.records[name]
            self.assertTrue(record, name)
            for role in self.users:
                one = self.as_role(record, role)
                for operation, roles in zip(OPERATIONS, cells, strict=True):
                    may = one.browse() if operation == "create" else one
                    with self.subTest(model=name, role=role, operation=operation):
                        self.assertEqual(may.has_access(operation), role in roles)
                self.check_search(one, role in cells[0], name, role)

    def check_search(self, one, may, name, role):
        with self.subTest(model=name, role=role, operation="search"):
            try:
                found = one.search([("id", "=", one.id)])
            except AccessError:
                found = one.browse()
            self.assertEqual(bool(found), may)

    def test_dialogs(self):
        """Red when somebody opens a dialog that is not theirs, or one about another's tenant."""
        for name, roles in DIALOGS.items():
            for role in self.users:
                with self.subTest(model=name, role=role):
                    model = self.as_role(self.env[name], role)
                    self.assertEqual(model.has_access("create"), role in roles)
        plan = self.records["biometric.service.plan"]
        for name in ("choose", "leave"):
            values = {"tenant_id": self.tenant.id}
            values |= {"plan_id": plan.id} if name == "choose" else {}
            for role in ("stranger", "rival", "clerk", "portal"):
                with self.subTest(model=name, role=role), self.assertRefused(REFUSED, AccessError):
                    self.as_role(self.env[f"biometric.service.{name}"], role).create(values)
            made = self.as_role(self.env[f"biometric.service.{name}"], "owner").create(values)
            with self.assertRefused(REFUSED, AccessError):
                self.as_role(made, "stranger").read(["tenant_id"])

    @mute_logger("odoo.sql_db")
    def test_every_method_by_every_role(self):
        """Red when a button or a call from outside gets further, or less far, than its cell says:
        an allowed one may still be refused for reasons of its own, in words."""
        given = {"company": "", "owner": "", "email": "", "country": "", "tz": ""}
        for (name, method), roles in {**METHODS, **MODEL_METHODS}.items():
            of_model = (name, method) in MODEL_METHODS
            record = self.env[name] if of_model else self.records[name]
            arguments = [given] if method == "sign_up" else []
            for role in self.users:
                with self.subTest(method=method, role=role):
                    one = self.as_role(record, role)
                    self.assertEqual(self.goes(getattr(one, method), arguments), role in roles)

    def goes(self, method, arguments):
        self.env.invalidate_all()
        try:
            with self.env.cr.savepoint():
                method(*arguments)
                raise psycopg2.Error("undone")
        except AccessError:
            return False
        except (UserError, psycopg2.Error):
            return True

    def test_a_state_is_written_by_no_call(self):
        """Red when the provider's staff writes a fact that a state, an invoice or a deletion
        follows from, past the acts that say so in the trail."""
        tenant = self.as_role(self.tenant, "staff")
        tenant.grace_days = 21
        self.assertEqual(self.tenant.grace_days, 21)
        fields = self.tenant._fields
        kept = [name for name, field in fields.items() if field.store and field.readonly]
        self.assertIn("leaving_on", kept)
        for name in {*kept, "order_ids"} - {"id", "create_uid", "create_date"}:
            with self.subTest(field=name), self.assertRefused("actions of a tenant", AccessError):
                tenant.write({name: False})
        with self.assertRefused("cannot be negative"):
            tenant.grace_days = -1
