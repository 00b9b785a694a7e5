"""The trail in words: a sentence a person reads, before beside after, the history of a record."""

import json
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.fields import Command, Date
from odoo.tests import new_test_user, tagged

from ..models.audit.biometric_audit_story import STEPS
from ..models.audit.biometric_audit_words import AuditWords
from ..verifier.audited import AUDITED
from .acts import recorded
from .test_fleet_device import GROUP, FleetCase

ADDON = Path(__file__).parent.parent
READ = ("models", "wizards", "controllers", "views", "verifier")
# An unreadable line has no time that it could count at; the decision refuses it.
NEVER = {"reject.count_as"}


@tagged("post_install", "-at_install", "biometric_fleet")
class TestAuditStory(FleetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device.name = "Gate"
        cls.ann = cls.env["hr.employee"].create({"name": "Ann Öberg"})
        cls.ben = cls.env["hr.employee"].create({"name": "Ben Cruz"})
        cls.hr_officer.name = "Hal Reyes"
        cls.users = cls.env["biometric.device.user"].with_user(cls.hr_officer)

    def entries(self, *domain, user=None, **context):
        trail = self.env["biometric.audit"].with_user(user or self.hr_officer)
        self.env.invalidate_all()
        return trail.with_context(**context).search([*domain])

    def last(self):
        return self.entries()[:1]

    def map_pin(self, employee, pin="7"):
        self.users.map_pins(self.device.ids, [[pin, employee.id]])
        return self.users.search([("device_id", "=", self.device.id), ("pin", "=", pin)])

    def test_a_mapping_is_told_with_names(self):
        """Red when somebody has to know what mapping.create 900 is."""
        row = self.map_pin(self.ann)
        self.assertEqual(self.last().story, "Hal Reyes mapped PIN 7 at Gate to Ann Öberg")
        row.employee_id = self.ben
        entry = self.last()
        self.assertEqual(
            entry.story, "Hal Reyes mapped PIN 7 at Gate to Ben Cruz instead of Ann Öberg"
        )
        self.assertIn(("Employee", "Ann Öberg", "Ben Cruz"), entry._facts())
        self.assertEqual((entry.person, entry.device_id), ("Ben Cruz", self.device))
        row.employee_id = False
        self.assertEqual(
            self.last().story,
            "Hal Reyes ended the mapping of PIN 7 at Gate to Ben Cruz",
        )

    def test_what_was_before_stands_beside_what_is_after(self):
        """Red when a value is shown as the code of a selection, a number or JSON."""
        admin = self.device.with_user(self.administrator)
        admin.write({"place": "North door", "channel_poll": True})
        admin.write({"place": False, "channel_poll": False, "poll_transport": "udp"})
        entry = self.last()
        facts = {label: (before, after) for label, before, after in entry._facts()}
        labels = {
            name: self.device._fields[name]._description_string(self.env)
            for name in ("place", "channel_poll", "poll_transport")
        }
        self.assertEqual(facts[labels["place"]], ("North door", "–"))
        self.assertEqual(facts[labels["channel_poll"]], ("Yes", "No"))
        self.assertEqual(facts[labels["poll_transport"]], ("TCP", "UDP"))
        self.assertIn(" changed the terminal Gate: ", entry.story)
        for word in ("<th", "North door", "Before", "After"):
            self.assertIn(word, entry.differences)
        # a time is shown by the reader's clock, and the table says so; the sentence names the field
        moved = {"moved_at": "2026-03-02 01:00:00"}
        label = self.device._fields["moved_at"]._description_string(self.env)
        given = {"action": "device.change", "model": "biometric.device"}
        entry = self.env["biometric.audit"].new(given)
        entry.after = json.dumps(moved)
        self.assertIn(f"{label} (your time)", entry.differences)
        self.assertTrue(entry.story.endswith(f": {label}"), entry.story)

    def test_hostile_texts_are_text(self):
        """Red when a name becomes markup in the table."""
        self.device.with_user(self.administrator).place = "<img src=x onerror=alert(1)>"
        entry = self.last()
        self.assertIn("&lt;img src=x", entry.differences)
        self.assertNotIn("<img", entry.differences)
        self.device.with_user(self.administrator).name = "100% %(who)s"
        self.assertIn("100% %(who)s", self.last().story)

    def test_a_person_a_terminal_and_a_day_find_their_entries(self):
        """Red when a filter finds nothing, everything, or other people's."""
        row = self.map_pin(self.ann)
        other = self.map_pin(self.ben, "8")
        at = {"model": "biometric.device.user"}
        mine = [("model", "=", at["model"]), ("res_id", "=", row.id)]
        theirs = [("model", "=", at["model"]), ("res_id", "=", other.id)]
        found = self.entries(("person", "ilike", "öberg"))
        self.assertTrue(self.entries(*mine) <= found)
        self.assertFalse(self.entries(*theirs) & found)
        terminal = self.entries(("device_id", "in", self.device.ids))
        self.assertTrue(self.entries(*mine) | self.entries(*theirs) <= terminal)
        self.assertEqual(self.entries(("device_id", "ilike", "Gate")), terminal)
        elsewhere = self.make_device(self.agent, "SN2")
        self.assertFalse(self.entries(*mine) & self.entries(("device_id", "=", elsewhere.id)))
        day = Date.today()
        self.env["biometric.roster"].with_user(self.hr_officer).create(
            {"employee_id": self.ann.id, "date": day, "shift_id": False}
        )
        entry = self.last()
        self.assertEqual(entry.day, day)
        self.assertIn(entry, self.entries(("day", "=", day)))
        self.assertNotIn(entry, self.entries(("day", "=", Date.add(day, days=1))))

    def test_a_record_leads_to_its_history(self):
        """Red when a history holds what was done to another record, or misses its own."""
        row = self.map_pin(self.ann)
        self.map_pin(self.ben, "8")
        trail = self.env["biometric.audit"].with_user(self.hr_officer)

        def history(record):
            action = trail.action_open_history(record._name, record.ids)
            return trail.search(action["domain"])

        own = history(row)
        self.assertEqual(set(own.mapped("res_id")), {row.id})
        self.assertTrue(own <= history(self.device))
        self.assertTrue(own <= history(self.ann))
        self.assertFalse(own & history(self.ben))
        for binding in self.env["ir.actions.server"].search([("name", "=", "History")]):
            model = binding.model_id.model
            with self.subTest(model):
                context = {"active_model": model, "active_ids": [1], "active_id": 1}
                action = binding.with_user(self.hr_officer).with_context(**context).run()
                trail.search_count(action["domain"])

    def test_the_history_of_a_day_names_its_day(self):
        day = Date.today()
        roster = self.env["biometric.roster"].with_user(self.hr_officer)
        for date in (day, Date.add(day, days=3)):
            roster.create({"employee_id": self.ann.id, "date": date, "shift_id": False})
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.ann.id, day)])
        computed = self.env["biometric.day"].search([("employee_id", "=", self.ann.id)])
        trail = self.env["biometric.audit"].with_user(self.hr_officer)
        action = trail.action_open_history(computed._name, computed.ids)
        self.assertEqual(trail.search(action["domain"]).mapped("day"), [day])

    def acts(self):
        """Acts as the sources record them, each with its first word; those that can be read there
        and never happen left out."""
        found, dark = recorded(*(ADDON / room for room in READ))
        self.assertEqual(dark, [], "acts whose names the sources do not show")
        own = {
            model._audit_word
            for model in self.env.registry.values()
            if getattr(model, "_audit_word", None)
        }
        acts = {act for act in found if not act.startswith("*")} - NEVER
        return acts | {
            f"{word}{act[1:]}" for act in found for word in own if act.startswith("*")
        }, own

    def test_every_act_has_words(self):
        """Red when an act is added that the trail shows as its code, or by words that would fit
        any other act of its kind."""
        trail = self.env["biometric.audit"]
        nouns, words = trail._nouns(), trail._act_words()
        missing = [word for one in AUDITED.values() for word in one.words if word not in nouns]
        acts, own = self.acts()
        self.assertGreater(len(acts), 100)
        for act in acts:
            first, _dot, step = act.partition(".")
            told = act in words or (first in nouns and step in STEPS)
            # Which of them takes this step the sources do not say: one of them must have words.
            told |= first in own and any(f"{word}.{step}" in words for word in own)
            if not told:
                missing.append(act)
        self.assertEqual(sorted(missing), [])
        values = {"who": "Hal", "what": "it", "person": "Ann"}
        for action, text in words.items():
            with self.subTest(action):
                self.assertNotIn("%(", text % values)

    def test_nothing_has_words_that_never_happens(self):
        """Red when a sentence stands for an act that no source records: the one that does happen
        is told by other words, or by none."""
        acts, _own = self.acts()
        # Further addons hold theirs by the same rule (story_case.py).
        words = set(AuditWords._act_words(self.env["biometric.audit"])) - {"command.*"}
        self.assertEqual(sorted(words - acts), [])

    def test_a_decision_is_told_as_what_it_was(self):
        """Red when rejecting or passing on reads like any dealing with a correction."""
        trail = self.env["biometric.audit"]
        for step, told in {
            "submit": "Hal Reyes requested a correction: Ann",
            "reject": "Hal Reyes rejected a correction: Ann",
            "pass": "Hal Reyes approved, the next level decides: Ann",
            "take_up": "Audit trail of the correction Ann started",
        }.items():
            entry = trail.new({"action": f"adjustment.{step}", "user_name": "Hal Reyes"})
            entry.record_name = "Ann"
            with self.subTest(step):
                self.assertEqual(entry.story, told)

    def test_rights_and_companies(self):
        """Red when an approver reads the trail by its words, or one company that of another."""
        row = self.map_pin(self.ann)
        with self.assertRefused("Audit entries", AccessError):
            self.env["biometric.audit"].with_user(self.approver).action_open_history(
                row._name, row.ids
            )
        auditor = new_test_user(self.env, "story-auditor", groups=GROUP + "auditor")
        self.assertTrue(self.entries(("person", "ilike", "öberg"), user=auditor))
        company = self.env["res.company"].create({"name": "Next door"})
        self.hr_officer.company_ids = [Command.link(company.id)]
        there = {"allowed_company_ids": company.ids}
        self.assertFalse(self.entries(("person", "ilike", "öberg"), **there))
        self.assertFalse(self.entries(("device_id", "in", self.device.ids), **there))

    def test_a_terminal_that_went_to_another_company_is_not_named(self):
        """Red when an entry of ours leads to what a terminal is called there now."""
        moved = self.make_device(self.agent, "SN2")
        moved.with_user(self.administrator).place = "North door"
        mine = [("model", "=", moved._name), ("res_id", "=", moved.id)]
        self.assertEqual(self.entries(*mine)[:1].device_id, moved)
        company = self.env["res.company"].create({"name": "Next door"})
        moved.agent_id = False
        moved.write({"company_id": company.id, "name": "Their secret gate"})
        entries = self.entries(*mine)
        self.assertTrue(entries)
        self.assertFalse(entries.device_id)
