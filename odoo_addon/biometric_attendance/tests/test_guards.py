"""Guards that stand alone, asked over HTTP as they are asked in life: whose punches a confirmation
speaks of, and who really was behind an act that ran as somebody else."""

import json

from odoo.tests import HttpCase, new_test_user, tagged

from .common import AddonCase, Lane, digest

REASON = "read it on the display"


@tagged("post_install", "-at_install")
class TestGuards(HttpCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)

    def confirm(self, token, **asked):
        self.env.flush_all()
        return self.post("confirm", {"version": 1, "serial": "SN1", **asked}, token).json()

    def test_a_confirmation_speaks_of_its_own_company_alone(self):
        """I2, I6. Turns red when a terminal may be cleared because another company holds records of
        the same serial number: days, keys and decided lines are asked one by one."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        theirs, token = self.make_agent("Theirs", company=company)
        self.make_device(theirs)
        lane = Lane()
        rows = [lane.punch(), lane.reject(raw="7\tno time")]
        self.store(self.agent, lane, *rows)
        line = self.env["biometric.sighting"].search([("kind", "=", "reject")])
        officer = new_test_user(self.env, "hr", groups="biometric_attendance.group_hr_officer")
        self.env["biometric.decision"].with_user(officer)._decide(line, "discard", REASON)
        key, raw = rows[0]["key"], digest("7\tno time")
        day = {"day": "2026-03-02", "count": 1, "digest": digest(key)}
        for asker, differs, missing, undecided in (
            (self.token, [], [], []),
            (token, ["2026-03-02"], [key], [raw]),
        ):
            self.assertEqual(self.confirm(asker, days=[day])["differs"], differs)
            self.assertEqual(self.confirm(asker, keys=[key])["missing"], missing)
            self.assertEqual(self.confirm(asker, rejects=[raw])["undecided"], undecided)

    def test_who_was_behind_an_act_that_ran_as_somebody_else(self):
        """I5. Turns red when an entry names only the user whose rights were used, not the one who
        was logged in."""
        user = new_test_user(self.env, "root-hand", groups="base.group_system")
        action = self.env["ir.actions.server"].create(
            {
                "name": "As somebody else",
                "model_id": self.env["ir.model"]._get_id("biometric.device"),
                "state": "code",
                "code": f"env['biometric.device'].with_user(1).browse({self.device.id})"
                ".action_refuse()",
            }
        )
        self.env.flush_all()
        self.authenticate("root-hand", "root-hand")
        answer = self.url_open(
            "/web/dataset/call_kw/ir.actions.server/run",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "params": {
                        "model": "ir.actions.server",
                        "method": "run",
                        "args": [action.ids],
                        "kwargs": {},
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        self.assertNotIn("error", answer.json())
        entry = self.env["biometric.audit"].search(
            [("model", "=", "biometric.device"), ("res_id", "=", self.device.id)],
            order="id desc",
            limit=1,
        )
        self.assertIn("refused", entry.after)
        self.assertEqual((entry.user_id, entry.real_user_id), (1, user.id))
