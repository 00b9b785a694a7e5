"""Erasing who moved between companies: each company's trail, ledgers and export, by its own people.

Two companies with an agent each; the person has punches, a PIN with a card, and words in both.
"""

import json
from contextlib import contextmanager

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from . import test_erasure
from .common import Lane
from .test_audit_chain import ChainCase
from .test_migrations import script
from .test_second_script import TwoVerdicts

NAME = "Ana Ximenes-Quist"
WORDS = ("Ximenes", "ANA77", "CARDOFOLD", "CARDOFNEW")
WHY = "asked for it in writing"


@tagged("post_install", "-at_install")
class TestErasureCompanies(TwoVerdicts, ChainCase):
    traces = test_erasure.TestErasure.traces

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls.company
        cls.new = cls.env["res.company"].create({"name": "Next Employer"})
        cls.env.user.company_ids |= cls.new
        both = [cls.old.id, cls.new.id]
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": both})
        cls.new_agent, _token = cls.make_agent("Next branch", company=cls.new)
        cls.new_device = cls.make_device(cls.new_agent, "SNB")
        cls.sites = {
            cls.old: (cls.device, cls.agent, "3", "CARDOFOLD"),
            cls.new: (cls.new_device, cls.new_agent, "9", "CARDOFNEW"),
        }
        cls.admins = {
            companies: cls.admin("-".join(str(one.id) for one in companies), companies)
            for companies in ((cls.old,), (cls.new,), (cls.old, cls.new))
        }

    @classmethod
    def admin(cls, name, companies):
        return new_test_user(
            cls.env,
            f"eraser-{name}",
            groups="base.group_user,biometric_attendance.group_administrator",
            company_id=companies[0].id,
            company_ids=[(6, 0, [one.id for one in companies])],
        )

    def setUp(self):
        super().setUp()
        self.lanes = {self.old: self.lane, self.new: Lane("e" * 32)}
        login = {"login": "ximenes-quist@people.example", "name": NAME}
        login |= {"company_id": self.old.id, "company_ids": [(6, 0, self.old.ids)]}
        user = self.env["res.users"].with_context(no_reset_password=True).create(login)
        self.ana = self.env["hr.employee"].create(
            {"name": NAME, "company_id": self.old.id, "barcode": "ANA77", "user_id": user.id}
        )
        self.bo = self.env["hr.employee"].create({"name": "Bo Stays", "company_id": self.old.id})
        self.env["biometric.device.user"].map_pins(self.device.ids, [["4", self.bo.id]])
        self.work_in(self.old)

    def work_in(self, company, month="03"):
        """A PIN with a card, a punch, a line nobody could read, a day, and words in the trail."""
        device, agent, pin, card = self.sites[company]
        users = self.env["biometric.device.user"].with_company(company)
        users.map_pins(device.ids, [[pin, self.ana.id, f"2026-{month}-01"]])
        mapping = users.search([("employee_id", "=", self.ana.id), ("device_id", "=", device.id)])
        mapping.sudo().write({"card": card, "device_name": "Ximenes-Quist"})
        lane = self.lanes[company]
        told = {"serial": device.serial, "received_at": f"2026-{month}-20T23:00:00.000Z"}
        walls = [f"2026-{month}-20 {hour}:00:00" for hour in ("08", "17")]
        rows = [lane.punch(pin=pin, wall=wall, **told) for wall in walls]
        rows.append(lane.reject(raw=f"{pin}\tnot a time", reason="bad_time", **told))
        self.store(agent, lane, *rows)
        self.compute()
        self.env["biometric.audit"]._record("test.note", device, reason=f"{NAME} was late")
        own = {"employee_id": self.ana.id, "company_id": company.id, "number": f"N{company.id}"}
        numbers = self.env["biometric.payroll.number"].with_company(company)
        numbers.create(
            own | {"first_name": "Ana", "last_name": "Ximenes", "valid_from": "2026-01-01"}
        )
        while self.env["biometric.audit"]._seal(1000):
            pass

    def compute(self):
        stale = self.env["biometric.stale.day"].sudo()
        while pairs := stale._pop(1000):
            self.env["biometric.day.rebuild"].sudo()._rebuild_stale(pairs)
        self.env.invalidate_all()

    def move(self, company, month):
        with freeze_time(f"2026-{month}-01 12:00:00"):
            self.ana.company_id = company
        self.ana.user_id.write({"company_ids": [(4, company.id)], "company_id": company.id})
        self.work_in(company, month)

    def eraser(self, *companies):
        allowed = [company.id for company in companies]
        return self.env(user=self.admins[companies], context={"allowed_company_ids": allowed})

    def fill(self, *companies, **values):
        """The dialog of who may act in these companies, with every place ticked."""
        dialog = self.eraser(*companies)["biometric.erase"].create({"reason": WHY, **values})
        dialog.action_look()
        dialog.trace_ids.filtered(lambda trace: not trace.stays).chosen = True
        return dialog

    def erase(self, *companies, **values):
        values = values or {"employee_id": self.ana.id}
        request = self.fill(*companies, **values).action_confirm()["res_id"]
        return self.env["biometric.erasure"].browse(request)

    def request_of(self, company):
        mine = [("company_id", "=", company.id), ("person_number", "=", self.ana.id)]
        return self.env["biometric.erasure"].search(mine, limit=1)

    @contextmanager
    def judging(self, company):
        kept, self.company = self.company, company
        yield
        self.company = kept

    def verify(self):
        """All three verifiers about both companies."""
        while self.env["biometric.audit"]._seal(1000):
            pass
        for company in (self.old, self.new):
            with self.subTest(company.name), self.judging(company):
                self.assertEqual(self.inside(), [])
                self.assertEqual(self.said(), (set(), set()))

    def words_in(self, company):
        """Where words of the person stand in the trail of a company."""
        self.env.cr.execute(
            """SELECT seq, action FROM biometric_audit WHERE company_id = %s
                AND concat(record_name, before, after, reason, login, user_name) ~* %s""",
            (company.id, "|".join((*WORDS, "people.example"))),
        )
        return self.env.cr.fetchall()

    def of_ana(self, company):
        """(punches, PINs, payroll numbers) of the person that a company still has."""
        own = [("employee_id", "=", self.ana.id), ("company_id", "=", company.id)]
        pins = ("company_id", "=", company.id), ("pin", "=", self.sites[company][2])
        return (
            self.env["biometric.punch"].search_count(list(pins)),
            self.env["biometric.device.user"].with_context(active_test=False).search_count(own),
            self.env["biometric.payroll.number"].search_count(own),
        )

    # ------------------------------------------------------------------ one who may act in both

    def gone_everywhere(self):
        self.assertEqual(self.traces(*WORDS, "not a time"), [])
        for company in (self.old, self.new):
            self.assertEqual((self.of_ana(company), self.words_in(company)), ((0, 0, 0), []))
            self.assertEqual(self.request_of(company).state, "done")
            entry = self.env["biometric.audit"].search(
                [("action", "=", "person.erase"), ("company_id", "=", company.id)]
            )[-1:]
            self.assertEqual(json.loads(entry.after)["person"], self.ana.id)
        self.assertEqual(self.bo.name, "Bo Stays")
        self.assertTrue(self.env["biometric.device.user"].search([("pin", "=", "4")]))
        self.verify()

    def test_s83_who_moved_once_goes_in_both_companies(self):
        """S83. Red when the former company's trail keeps the name, or its lanes lose numbers that
        no entry of its own names."""
        self.move(self.new, "05")
        self.assertTrue(self.words_in(self.old) and self.words_in(self.new))
        self.erase(self.old, self.new)
        self.gone_everywhere()

    def test_s83_who_moved_back_and_forth_goes_in_both_companies(self):
        """S83. Red when only the newest of several moves is followed."""
        self.move(self.new, "05")
        with freeze_time("2026-07-01 12:00:00"):
            self.ana.company_id = self.old
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.erase(self.old, self.new)
        self.gone_everywhere()

    # ------------------------------------------------------------------ one for each

    def test_s83_the_other_company_is_asked(self):
        """S83, I6. Red when an erasure reaches into a company where its user may not act, or the
        person's record goes while another company still needs to know who its punches are of."""
        self.move(self.new, "05")
        had = self.of_ana(self.old)
        dialog = self.fill(self.new, employee_id=self.ana.id)
        self.assertIn("Erased in Next Employer.", dialog.places)
        self.assertIn(
            "An administrator of Audited has to do the same there (Erasures).", dialog.places
        )
        request = self.env["biometric.erasure"].browse(dialog.action_confirm()["res_id"])
        self.assertEqual((request.company_id, request.state), (self.new, "others"))
        self.assertEqual(self.of_ana(self.new), (0, 0, 0))
        self.assertEqual(self.of_ana(self.old), had)
        self.assertEqual(self.ana.name, NAME)
        self.verify()
        asked = self.request_of(self.old)
        self.assertEqual((asked.state, asked.reason), ("asked", WHY))
        self.assertEqual(asked.with_env(self.eraser(self.old)).person_name, NAME)
        with self.assertRaises(AccessError):
            asked.with_env(self.eraser(self.new)).action_answer()
        answer = asked.with_env(self.eraser(self.old)).action_answer()
        self.erase(self.old, erasure_id=answer["context"]["default_erasure_id"])
        self.gone_everywhere()
        with self.assertRaisesRegex(UserError, "already been answered"):
            asked.with_env(self.eraser(self.old)).action_answer()

    def test_s83_a_company_that_keeps_what_it_has_holds_nobody_up(self):
        """S83. Red when a company that declines leaves the other one waiting for ever, or loses
        anything."""
        self.move(self.new, "05")
        self.erase(self.new)
        had = self.of_ana(self.old)
        asked = self.request_of(self.old)
        self.assertEqual(asked.person_name, NAME)
        dialogs = self.eraser(self.old)["biometric.erase"]
        dialog = dialogs.create({"erasure_id": asked.id, "reason": "a court case is open"})
        dialog.action_decline()
        self.assertEqual((asked.state, self.request_of(self.new).state), ("declined", "done"))
        self.assertEqual(self.of_ana(self.old), had)
        self.assertNotIn("Ximenes", self.ana.name)
        self.assertFalse(asked.person_name)
        self.verify()

    def test_s83_a_former_company_erases_its_own_part(self):
        """S83. Red when a company cannot erase who works elsewhere now, takes anything of the
        present one, or the present one later asks a company that has nothing left."""
        self.move(self.new, "05")
        kept = self.of_ana(self.new), self.words_in(self.new)
        with self.assertRaises(AccessError):
            self.fill(self.old, employee_id=self.ana.id)
        self.assertIn((str(self.ana.id), NAME), self.eraser(self.old)["biometric.erase"]._former())
        self.assertNotIn(str(self.bo.id), dict(self.eraser(self.old)["biometric.erase"]._former()))
        self.erase(self.old, former=str(self.ana.id))
        self.assertEqual((self.of_ana(self.old), self.words_in(self.old)), ((0, 0, 0), []))
        self.assertEqual((self.of_ana(self.new), self.words_in(self.new)), kept)
        self.assertEqual((self.ana.name, self.ana.active), (NAME, True))
        self.assertFalse(self.request_of(self.new))
        self.assertFalse(self.eraser(self.old)["biometric.erase"]._former())
        self.verify()
        self.erase(self.new)
        self.gone_everywhere()

    def test_s83_days_of_a_company_that_erased_stay_as_they_were(self):
        """S83. Red when a day whose punches an erasure took is computed again, and comes out empty,
        because the person goes on in another company."""
        self.move(self.new, "05")
        self.erase(self.old, former=str(self.ana.id))
        mine = [("employee_id", "=", self.ana.id), ("worked_minutes", ">", 0)]
        days = self.env["biometric.day"].search(mine)
        self.assertEqual(days.company_id, self.old | self.new)
        before = days.mapped(lambda day: (day.date, day.worked_minutes, day.derivation))
        self.env["biometric.stale.day"].sudo()._mark([(self.ana.id, day.date) for day in days])
        self.compute()
        self.assertEqual(
            days.mapped(lambda day: (day.date, day.worked_minutes, day.derivation)), before
        )

    def test_s83_a_retention_period_holds_one_company_back(self):
        """S83, P18. Red when one company's retention period keeps another one's punches, or its end
        leaves the person's record as it was."""
        self.old.sudo().biometric_retention_months = 12 * 200
        self.move(self.new, "05")
        self.erase(self.old, self.new)
        states = [self.request_of(company).state for company in (self.old, self.new)]
        self.assertEqual(states, ["waiting", "others"])
        self.assertEqual(self.of_ana(self.new), (0, 0, 0))
        self.assertEqual(self.ana.name, NAME)
        self.old.sudo().biometric_retention_months = 0
        self.without_commits()
        self.env["biometric.retention"]._cron_purge()
        states = [self.request_of(company).state for company in (self.old, self.new)]
        self.assertEqual(states, ["done", "done"])
        self.assertEqual(self.ana.name, f"Erased person {self.ana.id}")
        self.verify()

    def test_s83_nobody_answers_for_themselves(self):
        """A22. Red when a request of another company is a way to erase oneself."""
        self.move(self.new, "05")
        self.erase(self.new)
        self.ana.user_id = self.admins[(self.old,)]
        for act in ("action_confirm", "action_decline"):
            dialog = self.fill(self.old, erasure_id=self.request_of(self.old).id)
            with self.assertRaisesRegex(UserError, "You cannot erase yourself"):
                getattr(dialog, act)()

    def test_s45_no_place_of_another_company_is_shown(self):
        """S45, I6. Red when the search shows, 40 characters around the name, what stands in a row
        that bears no company but is part of another one's: a mail, a change that Odoo tracked, a
        step of a request, a planned activity."""
        self.move(self.new, "05")
        word = "Ximenes-Quist OLDSECRET"
        self.device.message_post(body=word)
        about = {"model": self.device._name, "res_id": self.device.id}
        self.env["mail.mail"].create({**about, "subject": word, "body_html": word})
        self.bo.activity_schedule("mail.mail_activity_data_todo", summary=word)
        message = self.device.message_ids[0]
        field = self.env["ir.model.fields"]._get(self.device._name, "name")
        tracked = {"mail_message_id": message.id, "field_id": field.id, "new_value_char": word}
        self.env["mail.tracking.value"].create(tracked)
        asked = {"kind": "excuse_late", "employee_id": self.bo.id, "date": "2026-03-20"}
        asked |= {"minutes": 5, "reason_text": word}
        self.env["biometric.adjustment"].with_company(self.old).request(asked)
        self.env.flush_all()

        def shown(company, **values):
            dialog = self.fill(company, **values)
            return {row.table for row in dialog.trace_ids if "OLDSECRET" in (row.excerpt or "")}

        self.assertEqual(shown(self.new, employee_id=self.ana.id), set())
        places = {"mail_message", "mail_mail", "mail_activity", "mail_tracking_value"}
        self.assertLessEqual(
            places | {"biometric_adjustment", "biometric_adjustment_step"},
            shown(self.old, former=str(self.ana.id)),
        )

    # ------------------------------------------------------------------ of an older release

    def erase_as_before(self):
        """What 19.0.1.2.0 did: everything of everywhere, named in the trail of the present company
        alone."""
        removal, cr = self.env["biometric.removal"], self.env.cr
        request = self.env["biometric.erasure"].create(
            {"company_id": self.new.id, "person_number": self.ana.id, "state": "done"}
            | {"requested_at": "2026-06-01", "done_at": "2026-06-01", "reason": WHY}
        )
        register = removal._new_register()
        punches = self.env["biometric.punch"].search([("pin", "in", ("3", "9"))])
        removal._remove_punches(self.new, punches.ids, register)
        rejects = [("kind", "=", "reject"), ("raw", "like", "not a time")]
        removal._bare(self.env["biometric.sighting"].search(rejects).ids, register)
        gone = {}
        for table in ("biometric_device_user", "biometric_payroll_number"):
            cr.execute(f"DELETE FROM {table} WHERE employee_id = %s RETURNING id", (self.ana.id,))
            gone[table.replace("_", ".")] = [row[0] for row in cr.fetchall()]
            removal._note_gone(table.replace("_", "."), gone[table.replace("_", ".")], register)
        self.env.invalidate_all()
        users = self.ana.user_id
        request._anonymise(self.ana.with_context(active_test=False))
        while self.env["biometric.audit"]._seal(1000):
            pass
        about = {"hr.employee": self.ana.ids, "res.users": users.ids, **gone}
        blanked = request._blank_trail(self.ana, about, register)
        self.env["biometric.state"]._state_again(self.new, blanked)
        request._write_register(self.ana, register, {"punches": len(punches)})
        while self.env["biometric.audit"]._seal(1000):
            pass

    def test_s83_an_erasure_of_the_last_release_is_made_whole(self):
        """S83. Red when whoever was erased before the upgrade stays in the former company's trail,
        or its verifier goes on finding what that erasure took."""
        self.move(self.new, "05")
        self.erase_as_before()
        self.assertTrue(self.words_in(self.old))
        with self.judging(self.old):
            self.assertLessEqual({"punch_night", "state_death", "lane_bare"}, set(self.inside()))
        migration = script("19.0.1.3.0", "post-erasure")
        migration.migrate(self.env.cr, "19.0.1.2.0")
        migration.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        asked = self.request_of(self.old)
        self.assertEqual((asked.state, asked.reason, len(asked)), ("asked", WHY, 1))
        self.verify()
        self.erase(self.old, erasure_id=asked.id)
        self.assertEqual((asked.state, self.of_ana(self.old)), ("done", (0, 0, 0)))
        # nobody knows any more which words to look for in entries about something else
        self.assertEqual({action for _seq, action in self.words_in(self.old)}, {"test.note"})
        self.verify()
