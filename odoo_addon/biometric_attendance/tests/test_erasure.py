"""A22 and retention: a person goes, old punches go, and the ledgers still verify."""

import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import new_test_user, tagged

from .common import Lane, text_columns
from .test_audit_chain import ENTRIES, ChainCase


def new_texts(cr, table, columns):
    """All that the running transaction wrote into each of the columns, in small letters."""
    texts = ", ".join(f'lower(string_agg("{column}"::text, chr(10)))' for column in columns)
    cr.execute(
        f"""SELECT {texts} FROM "{table}"
             WHERE xmin::text::bigint >= pg_current_xact_id()::text::bigint"""
    )
    return [text or "" for text in cr.fetchone()]


@tagged("post_install", "-at_install")
class TestErasure(ChainCase):
    def setUp(self):
        super().setUp()
        self.admin = self.role("administrator")
        self.ana = self.env["hr.employee"].create(
            {"name": "Ana Ximenes-Quist", "company_id": self.company.id, "barcode": "ANA77"}
        )
        users = self.env["biometric.device.user"]
        users.map_pins(self.device.ids, [["3", self.ana.id]])
        users.search([("pin", "=", "3")]).sudo().device_name = "Ximenes-Quist"
        extra = self.lane.reject(raw="3\tnot a time", reason="bad_time")
        self.store(self.agent, self.lane, extra)
        self.env["biometric.audit"]._record(
            "test.note", self.device, reason="Ana Ximenes-Quist forgot to punch"
        )

    def role(self, name):
        return new_test_user(
            self.env,
            f"bio-{name}",
            groups=f"base.group_user,biometric_attendance.group_{name}",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def erase(self, user=None, reason="asked for it in writing", choose=lambda _trace: True):
        """As the dialog does: look, choose, erase. The request."""
        dialogs = self.env["biometric.erase"].with_user(user or self.admin)
        dialog = dialogs.with_company(self.company).create(
            {"employee_id": self.ana.id, "reason": reason}
        )
        dialog.action_look()
        dialog.trace_ids.filtered(lambda trace: not trace.stays and choose(trace)).chosen = True
        return self.env["biometric.erasure"].browse(dialog.action_confirm()["res_id"])

    def traces(self, *words):
        """Columns of the whole database that still hold one of the words. Rows that lay there
        before the test's own transaction hold none: whom the words name was made in it."""
        self.env.flush_all()
        columns = {}
        for table, column in text_columns(self.env.cr):
            columns.setdefault(table, []).append(column)
        return [
            f"{table}.{column}: {word}"
            for table, names in columns.items()
            for column, text in zip(names, new_texts(self.env.cr, table, names), strict=True)
            for word in words
            if word.lower() in text
        ]

    def test_a78_an_erasure_leaves_what_proves_something_else(self):
        """A78. Turns red when the name of a person in the name of an agent takes the approval of
        that agent's key out of the trail with the person."""
        self.agent.name = "Ana Ximenes-Quist's desk"
        self.agent.with_context(tracking_disable=True).write({"state": "revoked"})
        self.agent.write({"state": "waiting"})
        self.agent.action_approve()
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.env.cr.execute(
            "DELETE FROM biometric_audit_finding WHERE company_id = %s", (self.company.id,)
        )
        approvals = self.env["biometric.audit"].search(
            [("action", "=", "agent.change"), ("reason", "like", "fingerprint")]
        )
        self.erase()
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.assertEqual(len(approvals.filtered("after")), len(approvals))
        self.assertEqual((self.inside(), self.outside()), ([], []))

    def test_the_payroll_files_that_stay_are_named_before(self):
        """Red when a file of the person is not counted, or an erasure changes a produced file."""
        erasures, exports = self.env["biometric.erasure"], self.env["biometric.export"].sudo()
        bo = self.env["hr.employee"].create(
            {"name": "Bo Other", "barcode": "BO8", "company_id": self.company.id}
        )
        self.env["biometric.device.user"].map_pins(self.device.ids, [["44", bo.id]])
        walls = [("3", "2026-03-02 08:00:00"), ("3", "2026-03-02 17:00:00")]
        walls += [("44", "2026-04-02 08:00:00"), ("44", "2026-04-02 17:00:00")]
        self.store(
            self.agent,
            self.lane,
            *(
                self.lane.punch(pin=pin, wall=wall, received_at=f"{wall[:10]}T23:59:00.000Z")
                for pin, wall in walls
            ),
        )
        stale = self.env["biometric.stale.day"].sudo()
        while pairs := stale._pop(1000):
            self.env["biometric.day.rebuild"].sudo()._rebuild_stale(pairs)
        file, other = exports.create(
            [
                {"company_id": self.company.id, "date_from": first, "date_to": last}
                for first, last in (("2026-03-01", "2026-03-15"), ("2026-04-01", "2026-04-15"))
            ]
        )
        self.assertEqual(
            erasures._preview(self.ana, self.company)["files"], 0, "a draft holds nothing yet"
        )
        (file | other).action_generate()
        before = file.data
        self.assertEqual(erasures._preview(self.ana, self.company)["files"], 1)
        dialog = self.env["biometric.erase"].with_user(self.admin).new({"employee_id": self.ana.id})
        self.assertIn("1 payroll files remain", dialog.preview)
        self.erase()
        self.assertEqual(file.data, before)
        text = base64.b64decode(before).decode()
        self.assertIn("ANA77", text)
        self.assertNotIn("Ximenes", text)

    def test_erasing_a_person_leaves_a_verifying_lane(self):
        """A22. Red when a leaf, a salt, a night or the trail is not treated."""
        self.env["biometric.audit.night"]._night(self.company, "-1 second")
        self.countersign()
        self.assertTrue(self.traces("Ximenes", "ANA77"))
        mine = self.env["biometric.punch"].search([("pin", "=", "3")])
        preview = self.env["biometric.erasure"]._preview(self.ana, self.company)
        self.assertEqual((preview["punches"], preview["kept"]), (len(mine), 0))
        self.assertGreater(len(mine), 1)
        request = self.erase()
        self.assertEqual((request.state, request.removed_punches), ("done", len(mine)))
        self.assertEqual(self.traces("Ximenes", "ANA77", "not a time"), [])
        self.assertFalse(self.env["biometric.punch"].search([("pin", "=", "3")]))
        self.assertFalse(self.env["biometric.device.user"].search([("pin", "=", "3")]))
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.assertEqual(self.inside(), [])
        self.assertEqual(self.outside(), [])
        entry = self.env["biometric.audit"].search([("action", "=", "person.erase")])
        said = json.loads(entry.after)
        self.assertEqual((said["person"], said["punches"]), (self.ana.id, len(mine)))
        self.assertEqual(entry.login, self.admin.login)

    def test_an_erased_punch_that_comes_again_is_receipted_and_not_kept(self):
        """Red when a removed key is forgotten: it would come back with the next upload."""
        self.erase()
        again = Lane("d" * 32)
        rows = [
            again.punch(
                pin=str(n % 5),
                wall=f"2026-03-{n + 1:02d} 08:00:00",
                received_at="2026-04-01T08:00:00.000Z",
            )
            for n in range(ENTRIES)
        ]
        erased = [row for row in rows if row["pin"] == "3"]
        head, verdicts = self.store(self.agent, again, *rows)
        self.assertEqual(set(verdicts), {"duplicate"})
        self.assertEqual(head, {"seq": len(rows), "hash": again.hash})
        self.assertFalse(self.env["biometric.punch"].search([("pin", "=", "3")]))
        self.assertEqual(self.traces(*(row["key"] for row in erased)), [])
        missing = self.env["biometric.confirm"]._missing_keys(
            self.agent, "SN1", [rows[3]["key"], rows[0]["key"], "0" * 64]
        )
        self.assertEqual(missing, ["0" * 64])

    def test_the_retention_period_holds_an_erasure_back(self):
        """P18. What the law keeps stays, the rest goes, and the night completes it."""
        self.company.biometric_retention_months = 12 * 200
        request = self.erase()
        self.assertEqual((request.state, request.removed_punches), ("waiting", 0))
        self.assertEqual(self.ana.name, "Ana Ximenes-Quist")
        self.assertTrue(self.env["biometric.punch"].search([("pin", "=", "3")]))
        self.company.biometric_retention_months = 0
        self.env["biometric.erasure"]._go_on(self.company)
        self.assertEqual(request.state, "done")
        self.assertEqual(self.traces("Ximenes"), [])

    def test_who_may_erase_and_how(self):
        with self.assertRaises(AccessError):
            self.erase(self.role("payroll_officer"))
        with self.assertRaises(UserError):
            self.erase(reason="gone")
        with self.assertRaises(UserError):
            self.erase(reason="Ximenes-Quist asked for it")
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "bio-elsewhere",
            groups="base.group_user,biometric_attendance.group_administrator",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        with self.assertRaises(AccessError):
            self.env["biometric.erasure"].with_user(stranger).with_context(
                allowed_company_ids=stranger.company_ids.ids
            )._request(self.ana.with_user(stranger), "asked for it in writing")
        self.ana.user_id = self.admin
        with self.assertRaises(UserError):
            self.erase()

    def test_nobody_erases_themselves(self):
        """A22. Turns red when an administrator can take out their own punches, by whatever of their
        employees, archived ones too."""
        self.ana.user_id = self.admin
        for active in (True, False):
            self.ana.active = active
            with self.assertRaisesRegex(UserError, "You cannot erase yourself"):
                self.erase()
        self.assertFalse(self.env["biometric.erasure"].search([]))
        self.ana.write({"user_id": False, "active": True})
        self.assertEqual(self.erase().state, "done")

    def test_nothing_is_removed_while_a_finding_is_open(self):
        """Red when erasing can wash a tampered row away."""
        self.attack("UPDATE biometric_audit SET reason = 'x' WHERE action = 'test.change'")
        self.assertTrue(self.inside())
        with self.assertRaises(UserError):
            self.erase()
        self.company.biometric_retention_months = 1
        with self.assertRaises(UserError):
            self.env["biometric.retention"]._purge(self.company)

    def test_purge_leaves_checkpoints_that_verify(self):
        """Retention. Red when the beginning of a lane goes without its checkpoint."""
        today = Date.today()
        self.company.biometric_retention_months = 2
        fresh = self.lane.punch(pin="1", wall=f"{today} 08:00:00", received_at=self.now_text())
        self.store(self.agent, self.lane, fresh)
        self.owner(
            "UPDATE biometric_punch SET stored_at = stored_at - interval '100 days' "
            f"WHERE wall_date < '{Date.subtract(today, days=90)}'",
        )
        self.env.cr.execute(
            "UPDATE biometric_audit_finding SET explained_at = now() AT TIME ZONE 'UTC'"
        )
        before = self.env["biometric.retention"]._preview(
            self.company, self.company._biometric_cutoff()
        )
        self.assertEqual(before["punches"], ENTRIES)
        self.assertEqual(self.env["biometric.retention"]._purge(self.company), ENTRIES)
        self.assertEqual(self.env["biometric.retention"]._purge(self.company), 0)
        lane = self.env["biometric.lane"].search([("lane", "=", self.lane.lane)])
        self.assertEqual(lane.checkpoint_seq, lane.head_seq - 1)
        left = self.env["biometric.sighting"].search([("lane_id", "=", lane.id)])
        self.assertEqual(left.mapped("kind"), ["punch"])
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.assertEqual(self.inside(), [])
        self.assertEqual(self.outside(), [])
        self.attack("UPDATE biometric_lane SET checkpoint_hash = repeat('0', 64)")
        self.assertIn("lane_checkpoint", self.inside())

    def test_a_dead_clock_loses_nothing_to_the_purge(self):
        """A terminal whose clock fell back records today what it calls the year 2000."""
        self.company.biometric_retention_months = 2
        row = self.lane.punch(pin="1", wall="2000-01-01 00:00:07", received_at=self.now_text())
        self.store(self.agent, self.lane, row)
        self.env["biometric.retention"]._purge(self.company)
        self.assertTrue(
            self.env["biometric.punch"].search([("wall_time", "=", "2000-01-01 00:00:07")])
        )
