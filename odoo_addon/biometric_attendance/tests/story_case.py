"""What the test of every addon's acts shares: the trail tells each as a sentence. Must not know
which addon."""

from pathlib import Path

from odoo.modules.module import get_module_path

from .acts import recorded

READ = ("models", "wizards", "controllers", "views")


class StoryCase:
    """Mixin for TransactionCase."""

    def check_story(self, addon, first):
        """Acts that an addon's sources record have words, and words of its own stand for nothing
        else. first: the first word of all its acts."""
        found, dark = recorded(*(Path(get_module_path(addon)) / room for room in READ))
        self.assertEqual(dark, [], "acts whose names the sources do not show")
        self.assertTrue(found)
        self.assertEqual({act.partition(".")[0] for act in found}, {first})
        told = self.env["biometric.audit"]._act_words()
        own = {act: text for act, text in told.items() if act.partition(".")[0] == first}
        self.assertEqual(sorted(own), sorted(found))
        for act, text in own.items():
            with self.subTest(act):
                self.assertIn("%(what)s", text)
                self.assertNotIn("%(", text % {"who": "Hal", "what": "it", "person": "Ann"})
