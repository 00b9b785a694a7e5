"""A day whose inputs did not change is not computed again; whoever proves days always does.

Each test says which change turns it red.
"""

import threading
from datetime import date
from functools import partial
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import tagged

from ..engine import Case
from ..models.day.biometric_day_case import sealed
from .test_day_proof import WEEK, ProofCase


@tagged("post_install", "-at_install", "biometric_day")
class TestUnchanged(ProofCase):
    def computed(self, act=None):
        """Dates that the engine computes of Ana when her week is asked for again, `act` done and
        the transaction's marks left aside."""
        if act:
            act()
            self.env.flush_all()
        dates, days = set(), Case.days

        def counted(case):
            found = days(case)
            dates.update(str(day) for day in found)
            return found

        pairs = [(self.ana.id, date.fromisoformat(day)) for day in WEEK]
        with patch.object(Case, "days", counted):
            self.env["biometric.day.rebuild"].sudo()._rebuild(pairs)
        self.env.invalidate_all()
        return sorted(dates)

    def only(self, act, dates=None):
        """These dates are computed after `act` (without any: Wednesday at least), and none when
        they are asked for once more."""
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            found = self.computed(act)
            self.assertEqual(found if dates else found[2:3], list(dates or WEEK[2:3]))
            self.assertEqual(self.computed(), [])
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def test_nothing_changed(self):
        """Red when unchanged days are computed, written, or lost to what follows from days."""
        rebuild = type(self.env["biometric.day.rebuild"])
        seen = []
        with patch.object(
            rebuild,
            "_after_slice",
            lambda _self, rows, _book: seen.extend(row["date"] for row in rows),
        ):
            before = self.day().read()
            self.assertEqual(self.computed(), [])
            self.assertEqual(self.day().read(), before)
        self.assertEqual(sorted(map(str, seen)), list(WEEK))

    def test_days_that_stand_are_looked_up_one_by_one(self):
        """Red when the planner may read all days of the database to find those of some people: each
        slice of a large company would do so, however few of them it asks for."""
        asked, days = [], [date.fromordinal(733_000 + number) for number in range(5_000)]
        one = SimpleNamespace(employee_id=self.ana.id, targets=days, digest=lambda _day: "none")
        hooks = [lambda _cr, query, params, *_times: asked.append((query, params))]
        with patch.object(threading.current_thread(), "query_hooks", hooks, create=True):
            self.assertEqual(self.env["biometric.day.rebuild"]._standing([one]), {})
        ((query, params),) = asked
        # of a small table the plan would be to read it all
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(f"EXPLAIN {query}", params)
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertRegex(plan, r"Index Cond: .*employee_id = k\.employee_id\)")
        self.assertRegex(plan, r"[( ]date = k\.date\)")
        self.assertNotIn("Hash", plan)

    def test_each_input_computes_its_dates(self):
        """Red when the digest leaves out something that a stored day comes from: each is changed in
        turn, on the records."""
        later = {"valid_from": "2026-03-04"}
        one = self.day()
        leave = {
            "name": "Off",
            "resource_id": self.ana.resource_id.id,
            "calendar_id": self.ana.resource_calendar_id.id,
            "date_from": "2026-03-04 00:00:00",
            "date_to": "2026-03-04 23:00:00",
        }
        department = self.env["hr.department"].create({"name": "Other"})
        rule = {"name": "Other", "company_id": self.company.id, **later}
        late = self.lane.punch(pin="77", wall=f"{WEEK[0]} 18:30:00")
        whole = list(WEEK)
        users = self.env["biometric.device.user"].search([("employee_id", "=", self.ana.id)])
        acts = {
            "a rule set": (lambda: self.env["biometric.rule"].create(rule), whole[2:]),
            "its parameters": (
                lambda: self.set_sql(
                    "biometric_rule", self.rule.id, parameters='{"late_grace_minutes": 9}'
                ),
                whole,
            ),
            "its name": (lambda: self.set_sql("biometric_rule", self.rule.id, name="New"), whole),
            "a punch": (lambda: self.store(self.agent, self.lane, late), whole[:3]),
            "whose PIN": (lambda: users.write({"valid_to": "2026-03-05"}), whole[3:]),
            "a leave": (lambda: self.env["resource.calendar.leaves"].create(leave), None),
            "the department": (
                lambda: self.ana.write({"department_id": department.id}),
                whole,
            ),
            "terminal's zone": (
                lambda: self.env["biometric.device.zone"].create(
                    {
                        "device_id": self.device.id,
                        "tz": "Asia/Tokyo",
                        "valid_from": f"{WEEK[2]} 00:00:00",
                    }
                ),
                None,
            ),
            "the company": (
                lambda: self.set_sql("biometric_day", one.id, department_id=department.id),
                whole[:1],
            ),
        }
        for name, (act, dates) in acts.items():
            with self.subTest(name):
                self.only(act, dates)

    def test_any_text_is_kept_as_it_is(self):
        """Red when a text that means something to PostgreSQL is another in the row that is kept."""
        for name in ('NULL, {"a"} \\ b\\\\c', "NULL", "'%s' \n\t ü ☃", ' "quoted" ', "{}"):
            with self.subTest(name):
                self.set_sql("biometric_rule", self.rule.id, name=name)
                self.assertEqual(self.computed(), list(WEEK))
                self.assertTrue(self.day().rule_name.startswith(f"{name} ("), self.day().rule_name)
                self.assertEqual(self.computed(), [])

    def set_sql(self, table, row_id, **values):
        self.env.flush_all()
        for name, value in values.items():
            self.env.cr.execute(f"UPDATE {table} SET {name} = %s WHERE id = %s", (value, row_id))
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def test_another_engine_computes_everything(self):
        """Red when a new version of the engine leaves days of the one before."""
        with patch("odoo.addons.biometric_attendance.engine.inputs.ENGINE_VERSION", 999):
            self.assertEqual(self.computed(), list(WEEK))

    def test_a_result_that_does_not_fit_its_digest_is_computed(self):
        """Red when a row is spared by its inputs alone though somebody wrote into it."""
        day = f"WHERE id = {self.day().id}"
        for change in (
            "worked_minutes = 540",
            "status = 'absent'",
            "exceptions = 'clock_drift'",
            "rule_name = 'Other'",
            "shift_reason = 'Other'",
            "derivation = derivation || '{\"x\": 1}'",
            "first_in_at = NULL",
            "digest = 'x'",
        ):
            with self.subTest(change):
                written = f"UPDATE biometric_day SET {change} {day}"
                self.only(partial(self.attack, written), WEEK[:1])

    def with_its_inputs(self):
        """SQL that gives Ana's Monday the digest of its inputs and of what now stands there."""
        rebuild = self.env["biometric.day.rebuild"].sudo()
        ((_ana, (result,)),) = rebuild._recomputed([(self.ana.id, date.fromisoformat(WEEK[0]))])
        inputs = f"'{result.prepared.digest(result.day.work_date)}'"
        seal = sealed(inputs, "d.digest", "d")
        return f"UPDATE biometric_day d SET inputs_digest = {seal} WHERE id = {self.day().id}"

    def test_a_result_that_fits_its_own_digest_alone_is_computed(self):
        """Red when whoever writes a digest beside a figure has it spared: what a day comes from
        is kept together with what came out."""
        self.attack(self.resealed(worked_minutes=600))
        self.assertEqual(self.computed(), list(WEEK[:1]))
        self.assertEqual(self.day().worked_minutes, 480)

    def test_a_falsified_result_with_its_digest_is_found_and_put_right(self):
        """Red when the nightly proof or the proof before a payroll file trusts a digest, or when
        what they found is spared afterwards."""
        self.attack(self.resealed(worked_minutes=600), self.with_its_inputs())
        self.assertEqual(self.computed(), [], "digests that fit spare it until it is proved")
        verdict = self.env["biometric.day.check"]._verify(
            self.company, [self.ana.id], date(2026, 3, 1), date(2026, 3, 7)
        )
        self.assertEqual([wrong.code for wrong in verdict.wrong], ["day_result"])
        self.assertEqual(self.inside(), ["day_result"])
        self.assertEqual(self.computed(), [WEEK[0]])
        self.assertEqual(self.day().worked_minutes, 480)
        self.assertEqual(self.found(), ([], []))
