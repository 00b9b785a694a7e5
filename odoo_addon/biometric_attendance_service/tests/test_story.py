"""The trail of a tenant's life in words."""

from odoo.tests import TransactionCase, freeze_time, tagged

from odoo.addons.biometric_attendance.tests.story_case import StoryCase

from .common import ServiceCase


@tagged("post_install", "-at_install")
class TestServiceStory(ServiceCase, StoryCase, TransactionCase):
    def test_every_act_has_words(self):
        """Red when an act of this addon is shown as its code, or words stand for none."""
        self.check_story("biometric_attendance_service", "service")

    def test_a_tenant_s_life_as_sentences(self):
        """Red when a state or a plan is told as its code, or from what it was before is not."""
        tenant = self.sign_up()
        owner = tenant.owner_id
        tenant.with_user(owner)._order_plan(self.plans["three"])
        tenant.with_user(owner).action_leave()
        deletions = self.env["biometric.service.deletion"]
        deletions.with_user(owner)._stop_agents(tenant.with_user(owner))
        tenant.with_user(owner).action_stay()
        with freeze_time(self.at(1)):
            tenant.with_user(owner)._order_plan(self.plans["ten"])
        own = [("company_id", "=", tenant.company_id.id), ("action", "=like", "service.%")]
        trail = self.env["biometric.audit"].search(own, order="id")
        self.assertEqual(
            trail.mapped("story"),
            [
                "The state of the service changed: Kiln Works, Trial",
                "Olga Ownerson ordered a plan: Kiln Works, Three instead of Ten",
                "The state of the service changed: Kiln Works, Active instead of Trial",
                "Olga Ownerson started leaving the service: Kiln Works",
                "The state of the service changed: Kiln Works, Closing instead of Active",
                "Olga Ownerson stopped the agents in order to leave: Kiln Works",
                "Olga Ownerson canceled leaving the service: Kiln Works",
                "The state of the service changed: Kiln Works, Active instead of Closing",
                "Olga Ownerson ordered a plan: Kiln Works, Ten instead of Three",
            ],
        )
        labels = {label for label, _before, _after in trail[1]._facts()}
        self.assertEqual(labels, {"Plan", "Valid from"})
        facts = {label: (before, after) for label, before, after in trail[2]._facts()}
        self.assertEqual(facts["State"], ("Trial", "Active"))
