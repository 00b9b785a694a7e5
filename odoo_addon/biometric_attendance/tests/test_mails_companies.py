"""I6: every mail and every message goes to people of the company that it tells of.

Walked from both ends: each place in the source that sends is on the list below with what drives it,
and each is driven in two companies with users of one, of the other and of both. Whom a mail is
about, or who did what it tells of, may read it wherever they are now.
"""

import ast
import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from psycopg2.extras import Json

from odoo.fields import Command, Datetime
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import email_split, html2plaintext

from ..models.cto import biometric_cto_night
from .common import AddonCase, Lane, lay_row

HOME = Path(__file__).resolve().parents[1]
# Calls that send something to somebody.
SENDING = {"send_mail", "message_post", "message_notify", "activity_schedule", "_sendone"}
# {(file, function): method of the test that drives it}; None: what drives it is said beside.
SENDERS = {
    ("models/mixins/biometric_bus.py", "_tell"): None,  # test_bus: channels of a company
    ("models/cto/biometric_cto_flex.py", "_tell"): "flex",
    ("models/cto/biometric_cto_night.py", "_warn_one"): "warning",
    ("models/cto/biometric_cto_rights.py", "_tell"): "right",
    # to addresses that an administrator names and a second one confirms (test_delivery)
    ("models/payroll/biometric_delivery.py", "_by_mail"): None,
    ("models/payroll/biometric_period_schedule.py", "_mail_lines"): "closing",
    ("models/review/biometric_adjustment_words.py", "_mail"): "request",
    ("models/review/biometric_attestation_words.py", "_mail"): "question",
    ("models/review/biometric_swap_words.py", "_mail"): "swap",
    ("models/review/biometric_month_ask.py", "_mail_changed"): "signature",
    ("models/review/biometric_period_reminder.py", "_mail_reminder"): "reminder",
    ("models/audit/biometric_audit_witness.py", "_mail"): "witness",
    ("models/audit/biometric_notice.py", "_mail"): "notice",
    ("models/audit/biometric_audit_night.py", "_mail"): "night",
    ("models/fleet/biometric_statement.py", "_send_statement"): "statement",
    ("models/fleet/biometric_incident_words.py", "_mail_all"): "incident",
    ("models/fleet/biometric_incident_words.py", "_mail"): "incident",
    ("models/fleet/biometric_incident.py", "_tell_all"): "incident",
    ("models/fleet/biometric_device_reads.py", "_switch_carrier"): "carrier",
    ("wizards/biometric_personal_link_issue.py", "_mail"): "link",
}
# A clock time: 9:05, 09:05:12, 9:05 PM.
CLOCK = re.compile(r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AP]M)?(?![\d:])")
# Whose clock it is, behind a time; or said once for all times of a mail.
BEHIND = re.compile(r"\s?\(([A-Z]\w+(?:/[\w+-]+)*)\)")
# Lengths that look like a clock: what drive_request asks to be excused.
LENGTHS = re.compile(r": 0:05(?!\d)")
ONCE = re.compile(r"Times are by the clock of ([\w/+-]+(?:, [\w/+-]+)*)\.")
PLACE, READER = "Asia/Manila", "Europe/Berlin"
ROLES = ("approver", "hr_officer", "payroll_officer", "administrator", "auditor")


def senders(text):
    """Names of the functions of a source that send something."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef):
            continue
        for call in ast.walk(node):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            made = call.func.attr == "create" and "'mail.mail'" in ast.unparse(call.func)
            if made or call.func.attr in SENDING:
                yield node.name


@tagged("post_install", "-at_install")
class TestMailsBetweenCompanies(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make = cls.env["res.company"].create
        cls.here, cls.there = make([{"name": name} for name in ("Upstream", "Downstream")])
        both = cls.here | cls.there
        cls.env.user.company_ids |= both
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": both.ids})
        cls.users = {
            (role, place): cls.user(f"{role}-{place}", role, companies)
            for role in ROLES
            for place, companies in (("here", cls.here), ("there", cls.there), ("both", both))
        }
        cls.own = cls.user("ana", "employee", cls.here)
        # Whoever leads her was moved, and nobody thought of it.
        leader = cls.users["approver", "there"]
        boss = cls.env["hr.employee"].create(
            {"name": "Boss", "user_id": leader.id, "company_id": cls.there.id}
        )
        cls.ana = cls.env["hr.employee"].create(
            {"name": "Ana Reyes", "user_id": cls.own.id, "company_id": cls.here.id}
        )
        cls.ana.write({"attendance_manager_id": leader.id, "work_email": cls.own.email})
        cls.env.cr.execute(
            "UPDATE hr_employee SET parent_id = %s WHERE id = %s", (boss.id, cls.ana.id)
        )
        cls.env.invalidate_all()
        for company, name in ((cls.here, "here"), (cls.there, "there")):
            company.biometric_auditors = f"outside@{name}.example"
        cls.agent, _token = cls.make_agent("Branch", company=cls.here)
        cls.device = cls.make_device(cls.agent)

    @classmethod
    def user(cls, name, role, companies):
        return new_test_user(
            cls.env,
            f"mails-{name}",
            f"base.group_user,biometric_attendance.group_{role}",
            email=f"{name}@people.example",
            company_id=companies[:1].id,
            company_ids=[(6, 0, companies.ids)],
        )

    # ------------------------------------------------------------------ the walk

    def test_i6_every_place_that_sends_is_driven(self):
        """I6. Red when a new place sends a mail, a message or an activity and nobody tried whom it
        reaches; or a mail template names receivers by itself."""
        found = set()
        for folder in ("models", "wizards", "controllers", "report", "seams"):
            for path in sorted((HOME / folder).rglob("*.py")):
                name = str(path.relative_to(HOME))
                found |= {(name, function) for function in senders(path.read_text("utf-8"))}
        self.assertEqual(found, set(SENDERS))
        data = self.env["ir.model.data"].search(
            [("module", "=", "biometric_attendance"), ("model", "=", "mail.template")]
        )
        self.assertEqual(data.mapped("name"), ["mail_template_statement"])
        for template in self.env["mail.template"].browse(data.mapped("res_id")):
            receivers = ("email_to", "partner_to", "email_cc", "reply_to")
            self.assertFalse([name for name in receivers if template[name]], template.name)
        actions = self.env["ir.model.data"].search(
            [("module", "=", "biometric_attendance"), ("model", "=", "ir.actions.server")]
        )
        states = set(self.env["ir.actions.server"].browse(actions.mapped("res_id")).mapped("state"))
        self.assertLessEqual(states, {"code"}, "none mails by itself")

    def test_i6_a_mail_stays_in_the_company_that_it_tells_of(self):
        """I6. Red when a leader, an asker, an officer or an auditor of another company alone is
        mailed what happens in this one."""
        theirs = {user.email for user in self.env["res.users"].search([]) if self.inside(user)}
        right = theirs | {self.own.email, "outside@here.example"}
        for name in sorted({name for name in SENDERS.values() if name}):
            with self.subTest(name):
                mails, notes, activities = self.new(getattr(self, f"drive_{name}"))
                reached = set(email_split(",".join(filter(None, mails.mapped("email_to")))))
                reached |= {mail.email for mail in mails.recipient_ids}
                reached |= {partner.email for partner in notes.notified_partner_ids}
                reached |= {user.email for user in activities.user_id}
                self.assertTrue(mails or notes, "it sends something")
                self.assertEqual(reached - right, set())
                text = "".join(f"{mail.subject}{mail.body_html}" for mail in mails)
                self.assertNotIn("Downstream", text)

    def test_every_time_in_a_mail_says_whose_clock_it_is(self):
        """Red when a mail, from whatever place it is sent, shows a time of a clock without saying
        whose, or by a third clock: neither the place's nor the reader's."""
        (self.agent | self.device.agent_id).tz = PLACE
        self.device.zone_ids.tz = PLACE
        (self.ana | self.env["hr.employee"].search([])).tz = PLACE
        (self.here | self.there).partner_id.tz = PLACE
        self.env["res.users"].search([("login", "=like", "mails-%")]).tz = READER
        told = {}
        names = {name for name in SENDERS.values() if name} | {"clocks"}
        for name in sorted(names):
            mails, notes, _activities = self.new(getattr(self, f"drive_{name}"))
            texts = [f"{mail.subject}\n{html2plaintext(mail.body_html)}" for mail in mails]
            texts += [html2plaintext(note.body) for note in notes - mails.mail_message_id]
            for text in texts:
                with self.subTest(name, text=text):
                    told.setdefault(name, set()).update(self.clocks(text))
        self.assertEqual(set().union(*told.values()), {PLACE, READER})
        timed = {name for name, zones in told.items() if zones}
        self.assertLessEqual({"clocks", "incident", "notice", "swap"}, timed)

    def clocks(self, text):
        """Zones by whose clock the times of a mail are; each has to say one."""
        once = {zone for found in ONCE.findall(text) for zone in found.split(", ")}
        found = set()
        text = LENGTHS.sub("", text)
        for time in CLOCK.finditer(text):
            behind = BEHIND.match(text, time.end())
            self.assertTrue(behind or once, f"whose clock is {time[0]} by?")
            found |= {behind[1]} if behind else once
        self.assertLessEqual(found, {PLACE, READER}, "a third clock")
        return found

    def drive_clocks(self):
        """What tells of times: a forgotten punch, one to be ignored, a clock that was off, a
        question about a check-out, a statement of a branch with a gap, a file made before."""
        lane = Lane()
        self.store(self.agent, lane, lane.punch(pin="7", wall="2026-03-02 08:01:05"))
        punch = self.env["biometric.punch"].search([("device_id", "=", self.device.id)], limit=1)
        at = {"at": "2026-03-02 09:00:00", "direction": "in"}
        window = {"window_from": "2026-03-02 09:00:00", "window_to": "2026-03-02 10:00:00"}
        for kind, more in (
            ("add_punch", at),
            ("void_punch", {"punch_id": punch.id}),
            ("clock_correction", window | {"device_id": self.device.id, "seconds": 90}),
        ):
            asked = lay_row(
                self.env["biometric.adjustment"],
                {"company_id": self.here.id, "employee_id": self.ana.id, "date": "2026-03-02"}
                | {"kind": kind, "state": "submitted", "level": 1}
                | {"requested_by_id": self.own.id, "requested_at": Datetime.now()}
                | {"due_at": Datetime.now()}
                | more,
            )
            asked._tell_employee()
            asked._tell_deciders()
        day = self.env["biometric.day"].new(
            {"employee_id": self.ana.id, "company_id": self.here.id, "date": "2026-03-02"}
            | {"derivation": {"zone": PLACE}}
        )
        asks = self.env["biometric.attestation"].sudo()
        asks._ask_out(day, {"at": "2026-03-02 09:05:00"})
        self.device.sudo().complete_until = "2026-03-02 09:00:00"
        gap = {"company_id": self.here.id, "agent_id": self.agent.id, "kind": "silence"}
        gap |= {"device_id": self.device.id, "window_from": "2026-03-02 09:00:00"}
        self.env["biometric.gap"].create(gap | {"window_to": "2026-03-02 11:00:00"})
        self.agent.sudo()._send_statement(date(2026, 3, 1), date(2026, 3, 3))

    def inside(self, user):
        return user.email and self.here in user.company_ids

    def new(self, act):
        """(mails, notes, activities) that an act leaves."""
        models = ("mail.mail", "mail.message", "mail.activity")
        self.env.flush_all()
        last = {name: self.env[name].sudo().search([], order="id desc", limit=1) for name in models}
        act()
        self.env.flush_all()
        return [self.env[name].sudo().search([("id", ">", last[name].id or 0)]) for name in models]

    # ------------------------------------------------------------------ what drives each

    def drive_flex(self):
        book = SimpleNamespace(band="red", flex=SimpleNamespace(balance=-9_000))
        self.env["biometric.cto.flex"].sudo()._tell(self.here, self.ana.id, "green", book)

    def drive_warning(self):
        night = self.env["biometric.cto.night"].sudo()
        with patch.object(biometric_cto_night, "forecast", lambda *_args: (0, 600)):
            night._warn_one(self.here, self.ana, date(2026, 12, 31))

    def drive_request(self):
        gone = self.users["hr_officer", "there"]
        asked = lay_row(
            self.env["biometric.adjustment"],
            {"company_id": self.here.id, "employee_id": self.ana.id, "date": "2026-03-02"}
            | {"kind": "excuse_late", "minutes": 5, "state": "submitted", "level": 1}
            | {"requested_by_id": gone.id, "requested_at": Datetime.now()},
        )
        asked._tell_employee()
        asked._tell_asker("somebody else decided")
        asked._tell_deciders()

    def drive_swap(self):
        """Between her and a colleague, of whom a leader of the other company would decide."""
        login = self.users["payroll_officer", "both"]
        bo = self.env["hr.employee"].create(
            {"name": "Bo Cruz", "user_id": login.id, "company_id": self.here.id}
        )
        shift = self.env["biometric.shift"].create({"name": "Early", "company_id": self.here.id})
        swap = lay_row(
            self.env["biometric.swap"],
            {"company_id": self.here.id, "employee_id": self.ana.id, "date": "2026-03-02"}
            | {"shift_id": shift.id, "to_employee_id": bo.id, "state": "submitted", "level": 1}
            | {"requested_by_id": self.own.id, "requested_at": Datetime.now()}
            | {"begins_at": Datetime.now()},
        )
        swap._tell_colleague()
        swap._tell_deciders()
        swap._tell_both("reject", "nobody else can do it")
        swap._move({"state": "withdrawn"})

    def drive_right(self):
        rights = self.env["biometric.cto.rights"].sudo()
        rights._tell(self.here, self.ana, lambda _there: "by tomorrow", self.ana.user_id)

    def drive_question(self):
        question = self.env["biometric.attestation.question"].create(
            {
                "name": "Meal",
                "company_id": self.here.id,
                "event": "meal",
                "valid_from": "2026-01-01",
            }
            | {"text": "Did you get your meal break?"}
            | {"choice_ids": [Command.create({"text": "Yes"}), Command.create({"text": "No"})]}
        )
        asked = self.env["biometric.attestation"].sudo()._ask(self.ana, date(2026, 3, 2), question)
        asked._mail_question("token")
        asked._tell_person(True, "seen on the plan")

    def drive_closing(self):
        self.period()._tell_failed("the program takes no such code")

    def period(self):
        groups = self.env["biometric.period.group"]
        group = groups.search([("company_id", "=", self.here.id)]) or groups.create(
            {"name": "All", "company_id": self.here.id, "anchor": "2026-03-01"}
        )
        found = self.env["biometric.period"].search([("group_id", "=", group.id)], limit=1)
        return found or lay_row(
            self.env["biometric.period"],
            {"group_id": group.id, "company_id": self.here.id, "state": "open"}
            | {"date_from": "2026-03-01", "date_to": "2026-03-31"},
        )

    def drive_signature(self):
        """Signed by somebody who has left the company since, and by somebody who is in it."""
        record = self.env["biometric.month.record"]._prepare(
            self.ana, self.here, date(2026, 3, 2), date(2026, 3, 2)
        )
        about = {"company_id": self.here.id, "employee_id": self.ana.id, "record_id": record.id}
        about |= {"date_from": "2026-03-02", "date_to": "2026-03-02", "number": record.number}
        about |= {
            "digest": "0" * 64,
            "content": Json({"days": []}),
            "done_at": "2026-03-03 00:00:00",
        }
        for kind, user in (
            ("certify", self.own),
            ("sign", self.users["approver", "there"]),
            ("sign", self.users["hr_officer", "here"]),
        ):
            lay_row(self.env["biometric.month.step"], about | {"kind": kind, "user_id": user.id})
        day = {"employee_id": self.ana.id, "date": "2026-03-02", "company_id": self.here.id}
        lay_row(self.env["biometric.day"], day | {"status": "present"})
        self.env.invalidate_all()
        record._tell_changed()

    def drive_reminder(self):
        period = self.period()
        day = {"employee_id": self.ana.id, "status": "incomplete", "is_blocking": True}
        # She worked elsewhere before: that is the other company's to mend.
        for company, number in ((self.here, 20), (self.there, 2), (self.there, 3)):
            on = {"date": f"{period.date_from:%Y-%m}-{number:02}", "company_id": company.id}
            lay_row(self.env["biometric.day"], day | on)
        self.env.invalidate_all()
        told = period._by_reader()
        self.assertEqual(
            {days for people, _asked in told.values() for days in people.values()}, {1}
        )
        self.assertTrue(period._remind())

    def drive_witness(self):
        self.env["biometric.audit.witness"].sudo()._mail(self.agent, ["another hash"])

    def drive_notice(self):
        for user in (self.users["hr_officer", "here"], self.users["administrator", "both"]):
            self.env["biometric.audit"].with_user(user).sudo()._record(
                "test.note", self.ana, reason="what somebody did in Upstream", company=self.here
            )
        self.env["biometric.notice"].sudo()._notify(self.here)

    def drive_night(self):
        self.env["biometric.audit.night"].sudo()._mail(self.here)

    def drive_statement(self):
        self.agent.sudo()._send_statement()

    def drive_incident(self):
        incident = (
            self.env["biometric.incident"]
            .sudo()
            .create(
                {"company_id": self.here.id, "kind": "agent_silent", "agent_id": self.agent.id}
                | {"opened_at": Datetime.now(), "message": "silent"}
            )
        )
        incident._tell_all(Datetime.now())

    def drive_carrier(self):
        self.device.message_subscribe(self.users["administrator", "there"].partner_id.ids)
        self.device.sudo()._switch_carrier("poll", Datetime.now(), "pushes nothing")

    def drive_link(self):
        officer = self.users["hr_officer", "here"]
        dialogs = self.env["biometric.personal.link.issue"].with_user(officer)
        values = {"employee_id": self.ana.id, "number": "4711", "by_mail": True}
        dialogs.with_context(allowed_company_ids=self.here.ids).create(values).action_issue()
