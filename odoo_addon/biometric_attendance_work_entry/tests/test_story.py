"""The trail of this addon's acts in words."""

from odoo.tests import TransactionCase, tagged

from odoo.addons.biometric_attendance.tests.story_case import StoryCase


@tagged("post_install", "-at_install")
class TestWorkEntryStory(StoryCase, TransactionCase):
    def test_every_act_has_words(self):
        """Red when an act of this addon is shown as its code, or words stand for none."""
        self.check_story("biometric_attendance_work_entry", "work_entries")

    def test_a_posting_is_told(self):
        """Red when the sentence or a heading of its table is a word of the program."""
        entry = self.env["biometric.audit"].new(
            {
                "action": "work_entries.post",
                "user_name": "Pat",
                "after": '{"entries":3,"left":["12 minutes"]}',
            }
        )
        entry.record_name = "March"
        self.assertEqual(entry.story, "Pat posted a payroll file as work entries: March")
        self.assertEqual(
            entry._facts(), [("Work entries", "", "3"), ("Not posted", "", "12 minutes")]
        )
