"""Consent to biometrics, and the work lists: what stands there, and which act resolves it."""

from datetime import timedelta

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import Lane, lay_row
from .review_case import WHY, ReviewCase
from .test_day import MONDAY


@tagged("post_install", "-at_install", "biometric_review")
class TestConsent(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.consent = cls.env["biometric.consent"]
        texts = cls.env["biometric.consent.text"].with_user(cls.hal)
        cls.text = texts.create({"name": "Fingers", "text": "One finger, at the entrance."})

    def of(self, user=None):
        return self.consent.with_user(user or self.ana)

    def test_rc16_ground_version_text_and_date_stand_in_the_row(self):
        """RC16. Red when a later text reaches what was agreed to, or somebody agrees to words that
        they have not seen."""
        self.of().give(self.text.id)
        newer = self.text.create({"name": "Fingers", "text": "Two fingers.", "ground": "law"})
        self.assertEqual((self.text.version, newer.version), (1, 2))
        row = self.consent._of(self.employee)
        self.assertEqual((row.verdict, row.ground, row.version), ("given", "consent", 1))
        self.assertEqual(row.text, "One finger, at the entrance.")
        self.assertEqual(row.date, self.env.company._biometric_today())
        with self.assertRefused("The text has been changed in the meantime"):
            self.of().give(self.text.id)
        self.of().withdraw()
        row = self.consent._of(self.employee)
        self.assertEqual((row.verdict, row.version), ("withdrawn", 1))
        with self.assertRaisesRegex(UserError, "nothing to withdraw"):
            self.of().withdraw()
        actions = self.env["biometric.audit"].search([("model", "=", "biometric.consent")])
        self.assertEqual(
            actions.sorted("id").mapped("action"), ["consent.given", "consent.withdrawn"]
        )

    def test_rc16_no_paper_of_another_company(self):
        """RC16. Red when HR keeps what somebody of a company said that is not theirs."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["hr.employee"].create(
            {"name": "Theo Elsewhere", "company_id": company.id}
        )
        for employee_id in (theirs.id, 0):
            with self.assertRaisesRegex(UserError, "Select whose consent it is"):
                self.of(self.hal).keep_paper(employee_id, "no_biometrics", None, WHY)
        self.assertFalse(self.consent._of(theirs))

    def test_rc16_it_is_never_changed_or_removed(self):
        """RC16. Red when HR rewrites what somebody agreed to."""
        self.of().give(self.text.id)
        row = self.consent._of(self.employee)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            row.text = "x"
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            self.text.sudo().text = "x"
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            row.unlink()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(psycopg2.Error, "never changed or removed"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("DELETE FROM biometric_consent")

    def test_rc16_paper_is_kept_by_hr_alone(self):
        with self.assertRaisesRegex(AccessError, "Only HR officers"):
            self.of(self.mia).keep_paper(self.employee.id, "given", str(MONDAY), WHY)
        with self.assertRaisesRegex(UserError, "at least 10 characters"):
            self.of(self.hal).keep_paper(self.employee.id, "given", str(MONDAY), "x")
        with self.assertRaisesRegex(UserError, "in the future"):
            self.of(self.hal).keep_paper(self.employee.id, "given", "2999-01-01", WHY)
        self.of(self.hal).keep_paper(self.employee.id, "no_biometrics", str(MONDAY), WHY)
        row = self.consent._of(self.employee)
        self.assertEqual((str(row.date), row.note, row.user_id), (str(MONDAY), WHY, self.hal))

    def test_p17_whoever_agreed_to_nothing_is_left_out_and_it_says_so(self):
        """P17. Red when the switch is on and somebody without consent is written to a terminal or
        stands on the list for enrolment; or when a card or PIN keeps somebody out."""
        users = self.env["biometric.device.user"].with_user(self.hal)
        ben = self.env["hr.employee"].create({"name": "Ben Cruz", "barcode": "88"})
        plan = users._push_plan(self.device, ben)
        self.assertEqual((plan.action, plan.problem), ("create", ""))
        self.env.company.sudo().biometric_needs_consent = True
        plan = users._push_plan(self.device, ben)
        self.assertIn("Has not consented yet", plan.problem)
        own = users.search([("employee_id", "=", self.employee.id)])
        page = self.env["report.biometric_attendance.enrolment"].with_user(self.hal)
        (sheet,) = page._sheets(own.ids)
        self.assertIn("have not consented or have withdrawn it: Ana Reyes", str(sheet))
        self.assertEqual(sheet[0]["parts"][0].table.rows, [], "named, and on no line to enrol")
        for verdict in ("no_biometrics", "given"):
            self.of(self.hal).keep_paper(ben.id, verdict, str(MONDAY), WHY)
            self.assertEqual(users._push_plan(self.device, ben).problem, "", verdict)
        self.of(self.hal).keep_paper(ben.id, "withdrawn", str(MONDAY), WHY)
        self.assertIn("Has withdrawn the consent", users._push_plan(self.device, ben).problem)
        self.of(self.hal).keep_paper(self.employee.id, "no_biometrics", str(MONDAY), WHY)
        (sheet,) = page._sheets(own.ids)
        self.assertNotIn("Left out", str(sheet))
        self.assertIn("Card or PIN only", str(sheet))

    def test_p17_the_list_has_a_line_for_exactly_who_may_be_enrolled(self):
        """P17. Red when who is left out stands on a line between the others all the same, somebody
        who agreed is missing, or the switch leaves people out though it is off."""
        ben, cy, dan = (
            self.make_employee(name, pin)
            for name, pin in (("Ben Cruz", "8"), ("Cy Ocampo", "9"), ("Dan Uy", "10"))
        )
        self.of(self.hal).keep_paper(ben.id, "given", str(MONDAY), WHY)
        self.of(self.hal).keep_paper(cy.id, "no_biometrics", str(MONDAY), WHY)
        for verdict in ("given", "withdrawn"):
            self.of(self.hal).keep_paper(dan.id, verdict, str(MONDAY), WHY)
        users = self.env["biometric.device.user"].with_user(self.hal)
        page = self.env["report.biometric_attendance.enrolment"].with_user(self.hal)
        all_four = users.search([("device_id", "=", self.device.id)])

        def lines():
            (sheet,) = page._sheets(all_four.ids)
            return sorted(row[2] for row in sheet[0]["parts"][0].table.rows)

        self.assertEqual(lines(), ["Ana Reyes", "Ben Cruz", "Cy Ocampo", "Dan Uy"])
        self.env.company.sudo().biometric_needs_consent = True
        self.assertEqual(lines(), ["Ben Cruz", "Cy Ocampo"])

    def test_p17_nobody_without_consent_is_renamed_or_switched_on_again(self):
        """P17. Red when whoever is on a terminal already is written there without consent, or
        cannot be switched off for want of it."""
        users = self.env["biometric.device.user"].with_user(self.hal)
        own = users.search([("employee_id", "=", self.employee.id)])
        there = {"sync_state": "on_device", "device_name": "Ana", "privilege": "0"}
        own.sudo().write({**there, "seen_at": Datetime.now()})
        self.env.company.sudo().biometric_needs_consent = True
        for privilege, action in (("0", "rename"), ("1", "enable")):
            own.sudo().privilege = privilege
            plan = users._push_plan(self.device, self.employee)
            self.assertEqual(plan.action, action)
            self.assertIn("Has not consented yet", plan.problem)
        self.of().give(self.text.id)
        plan = users._push_plan(self.device, self.employee)
        self.assertEqual((plan.action, plan.problem), ("enable", ""))
        self.of().withdraw()
        self.assertIn("Has withdrawn", users._push_plan(self.device, self.employee).problem)
        own.sudo().privilege = "0"
        plan = own._disable_plan()
        self.assertEqual(plan.action, "disable")
        self.assertNotIn("Has withdrawn", plan.problem)

    def test_p17_a_withdrawal_is_work_until_the_terminals_own_list_shows_it(self):
        """P17. Red when a withdrawal leaves no work, or a click ends it instead of the list."""
        user = self.env["biometric.device.user"].search([("employee_id", "=", self.employee.id)])
        user.sudo().write({"sync_state": "on_device", "fingers": 2})
        self.of().give(self.text.id)
        work = self.env["biometric.registry.work"].with_user(self.hal)

        def rows():
            self.env.flush_all()
            self.env.invalidate_all()
            return work.search([("kind", "=", "feature")])

        self.assertFalse(rows())
        self.of().withdraw()
        (row,) = rows()
        self.assertEqual((row.device_id, row.employee_id), (self.device, self.employee))
        said = row.action_do()["params"]["message"]
        self.assertIn("Ana Reyes", said)
        self.assertIn(self.device.name, said)
        self.assertTrue(rows())
        self.assertFalse(user.valid_to, "the PIN goes on: card or PIN is used instead")
        for left in ("faces", "palms"):
            user.sudo().write({"fingers": 0, "faces": 0, "palms": 0, left: 1})
            self.assertTrue(rows(), left)
        user.sudo().palms = 0
        self.assertFalse(rows())
        user.sudo().fingers = 1
        self.of().give(self.text.id)
        self.assertFalse(rows(), "what is said last counts")
        self.of().refuse(self.text.id)
        self.assertTrue(rows(), "whoever wants a card or PIN has no finger there")


@tagged("post_install", "-at_install", "biometric_review")
class TestWork(ReviewCase):
    """Each kind of work, with the act that resolves it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device.sudo().in_service_from = "2026-01-01"

    def lay(self, *walls):
        """Punches of a Monday two weeks ago, so that lists reach it."""
        today = self.env.company._biometric_today()
        self.on = today - timedelta(days=today.weekday() + 14)
        self.punch_in(*(f"{self.on} {wall}" for wall in walls))
        self.device.complete_until = f"{today} 00:00:00"
        self.rebuild()
        return self.day(self.on)

    def kinds(self, user=None, **where):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["biometric.work"].with_user(user or self.mia)
        return rows.search([(name, "=", value) for name, value in where.items()])

    def test_a_missing_punch_is_asked_for_from_the_list(self):
        """Red when the list misses it, or its button does nothing."""
        self.lay("08:00:00")
        (row,) = self.kinds(kind="missing")
        self.assertEqual(row.text, "Missing check-out")
        action = row.action_correct()
        self.assertEqual(action["context"]["default_date"], str(self.on))
        self.assertIn("1 waiting for", row.action_propose()["params"]["message"])
        asked = self.env["biometric.adjustment"].search([("date", "=", self.on)])
        self.assertEqual((asked.kind, asked.requested_by_id), ("add_punch", self.mia))
        (row,) = self.kinds(kind="missing")
        self.assertEqual(row.text, "Missing check-out, waiting requests: 1")
        asked.with_user(self.hal).approve()
        self.assertFalse(self.kinds(kind="missing"))

    def test_lateness_is_excused_or_right_as_it_stands(self):
        """Red when it stays after it was confirmed, or does not come back when the day changes."""
        day = self.lay("08:40:00", "17:00:00")
        (row,) = self.kinds(kind="late")
        self.assertEqual(row.text, "40 min")
        self.assertEqual(row.action_correct()["context"]["default_kind"], "excuse_late")
        action = row.action_confirm()
        dialog = self.env["biometric.review.say"].with_user(self.mia)
        values = {k.removeprefix("default_"): v for k, v in action["context"].items()}
        dialog.create({**values, "text": WHY}).action_confirm()
        self.env.invalidate_all()
        self.assertTrue(day.with_user(self.mia).is_day_approved)
        self.assertFalse(self.kinds(kind="late"))
        self.punch_in(f"{self.on} 09:10:00")
        self.ask(self.mia, "void_punch", date=str(self.on), punch_id=self.first_punch().id)
        self.env["biometric.adjustment"].search([], limit=1).with_user(self.hal).approve()
        self.assertTrue(self.kinds(kind="late"))

    def first_punch(self):
        return self.env["biometric.punch"].search(
            [("employee_id", "=", self.employee.id)], order="wall_time", limit=1
        )

    def rows_of(self, action, user):
        """What the screen that an act opens shows its user."""
        model = self.env[action["res_model"]].with_user(user)
        return model.search(action["domain"])

    def test_a_pushed_punch_that_the_log_lacks_is_decided_from_its_row(self):
        """Red when the row does not say which punch, the act opens every other one of the
        quarantine too, or an approver, who decides none, is led to a closed door."""
        day = self.lay("08:00:00", "17:00:00")
        other = self.make_employee("Ben Cruz", "8")
        self.punch_in(f"{self.on} 17:30:00", pin="8")
        self.rebuild()
        punches = self.env["biometric.punch"]
        later = self.on + timedelta(days=1)
        self.punch_in(f"{later} 08:00:00", f"{later} 17:10:00")
        self.rebuild()
        for person, date in ((self.employee, self.on), (self.employee, later), (other, self.on)):
            last = punches.search(
                [("employee_id", "=", person.id), ("wall_date", "=", date)],
                order="wall_time desc",
                limit=1,
            )
            values = {"punch_id": last.id, "kind": "unwitnessed", "found_at": Datetime.now()}
            device = {"device_id": self.device.id, "company_id": self.env.company.id}
            lay_row(self.env["biometric.flag"], {**values, **device})
        where = {"kind": "unwitnessed", "employee_id": self.employee.id, "date": self.on}
        row = self.kinds(self.hal, **where)
        self.assertEqual(row.text, "17:00 at SN1")
        (waiting,) = self.rows_of(row.action_open(), self.hal)
        self.assertEqual((waiting.reason, waiting.wall_time[11:]), ("unwitnessed", "17:00:00"))
        action = row.with_user(self.mia).action_open()
        self.assertEqual((action["res_model"], action["res_id"]), (day._name, day.id))
        dialog = waiting.action_release()
        values = {k.removeprefix("default_"): v for k, v in dialog["context"].items()}
        dialog = self.env["biometric.decide"].with_user(self.hal).create({**values, "reason": WHY})
        dialog.action_confirm()
        self.assertFalse(self.kinds(self.hal, **where))
        self.assertEqual(len(self.kinds(self.hal, kind="unwitnessed")), 2)

    def test_a_terminal_that_another_agent_tells_leads_to_who_decides_and_to_its_punches(self):
        """Red when the row names neither terminal nor agent, or leads to other terminals too."""
        self.lay("08:00:00", "17:00:00")
        second, _token = self.make_agent("Branch 2", tz="Asia/Manila")
        lane = Lane("cd" * 16)
        wall, at = f"{self.on} 12:00:00", f"{self.on}T12:00:01.000Z"
        self.store(second, lane, lane.punch(wall=wall, received_at=at))
        (row,) = self.kinds(self.hal, kind="duplicate")
        self.assertEqual(row.text, "SN1, also reported by Branch 2: an administrator decides")
        (hearing,) = self.rows_of(row.action_open(), self.hal)
        self.assertEqual((hearing.device_id, hearing.agent_id), (self.device, second))
        (waiting,) = self.rows_of(row.action_open_punches(), self.hal)
        self.assertEqual((waiting.reason, waiting.wall_time), ("foreign_serial", wall))
        hearing.sudo().action_refuse()
        self.assertFalse(self.kinds(self.hal, kind="duplicate"))

    def test_every_kind_that_is_shown_has_an_act(self):
        """Red when a kind is added without a button, or the buttons name one that is not there."""
        view = self.env.ref("biometric_attendance.biometric_work_view_list").arch
        for kind, _label in self.env["biometric.work"]._fields["kind"].selection:
            shown = [
                part
                for part in view.split("<button ")[1:]
                if f"'{kind}'" in part
                and "!=" not in part.split("invisible")[1][:12]
                or f"kind != '{kind}'" in part
            ]
            self.assertTrue(shown, kind)

    def test_the_icon_counts_what_is_the_readers_to_do(self):
        """Red when somebody's own request or another team's day is counted, or a plain employee
        reads anything."""
        self.lay("08:00:00")
        self.ask(self.ana, date=str(self.on), clock="17:00")
        self.env.flush_all()

        def counted(user):
            self.env.invalidate_all()
            return self.env["biometric.work"].with_user(user).get_systray()

        mine = counted(self.mia)
        self.assertEqual(mine["requests"], 1)
        self.assertEqual(mine["work"], [["missing", "Missing punch", 1]])
        self.assertEqual(
            counted(self.ana),
            {"incidents": 0, "requests": 0, "changes": 0, "swaps": 0, "work": []},
        )
        other = self.make_user("ola", "approver")
        self.assertEqual((counted(other)["requests"], counted(other)["work"]), (0, []))

    def test_screens_hear_when_a_request_comes_and_goes(self):
        """Red when the icon waits for its beat: each change of who decides is told."""
        self.lay("08:00:00")
        said = []
        bus = type(self.env["biometric.bus"])
        self.patch(bus, "_tell", lambda _self, kind, *_rest: said.append(kind))
        one = self.ask(self.ana, date=str(self.on), clock="17:00")
        self.assertIn("work", said)
        said.clear()
        one.with_user(self.mia).approve()
        self.assertIn("work", said)
