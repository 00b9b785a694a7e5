"""A79 to A83: what is planted by SQL so that a check looks away: nights that reach beyond all rows
or speak of what an earlier one knew, columns of a lane, rows of no company, days that never settle,
and days that leave the list of a payroll file.
"""

import hashlib

from odoo.fields import Command, Datetime
from odoo.tests import tagged

from ..verifier import files, trail
from .test_audit_licence import LicenceCase
from .test_second_script import SecondScriptCase

BEYOND = 2**31 - 1
NOTHING = {"count": 0, "digest": hashlib.sha256().hexdigest()}
# What a bare leaf keeps nothing of.
CONTENT = (
    "salt",
    "raw",
    "verify",
    "work_code",
    "extra",
    "reason",
    "received_at",
    "clock",
    "channel",
    "skew_seconds",
    "device_id",
    "punch_id",
)


class PlantedCase(LicenceCase):
    def night(self):
        self.env["biometric.audit.night"]._night(self.company, "-1 second")
        self.seal()
        self.countersign()

    def plant_night(self, **other):
        """A night as the last one was, with nothing new in it."""
        last = self.env["biometric.audit.night"]._last_night(self.company)
        lanes = {number: {**said, "bare": []} for number, said in last["lanes"].items()}
        after = {**last, "lanes": lanes, "punches": [], "rows": {}}
        self.plant("audit.night", after={**after, **other})

    def own_lane(self):
        return self.env["biometric.lane"].search([("agent_id", "=", self.agent.id)])

    def emptied(self, kind):
        """(number, statement) that takes the content of the last line of a kind."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, seq FROM biometric_sighting WHERE lane_id = %s AND kind = %s "
            "ORDER BY seq DESC LIMIT 1",
            (self.own_lane().id, kind),
        )
        row_id, seq = self.env.cr.fetchone()
        nothing = ", ".join(f"{name} = NULL" for name in CONTENT)
        return seq, f"UPDATE biometric_sighting SET kind = 'leaf', {nothing} WHERE id = {row_id}"


@tagged("post_install", "-at_install")
class TestPlantedNights(PlantedCase):
    def test_a79_a_night_ends_no_witnessing(self):
        """A79. Turns red when a range that reaches beyond all rows, or begins elsewhere than the
        one before ended, is believed: no later night would witness flags or punches."""
        self.night()
        self.assertAll()
        self.assertEqual(self.said()[0], set())
        far = [{"from": 2_000_000_000, "to": BEYOND, **NOTHING}]
        nights = [*self.env["biometric.audit.night"]._said(self.company)]
        following = max(said["to"] for night in nights for said in night["punches"]) + 1
        back = [{"from": following, "to": following - 1, **NOTHING}]
        for name, planted in {
            "flags": {"rows": {"biometric.flag": far}},
            "concerns": {"rows": {"biometric.audit.concern": far}},
            "punches": {"punches": far},
            "backwards": {"punches": back},
        }.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                self.plant_night(**planted)
                self.assertAll("night_range")
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_a79_a_night_speaks_of_the_numbers_behind_the_one_before(self):
        """A79. Turns red when a planted night, or an honest one behind a planted one that names no
        lane, calls bare what an earlier night knew whole; or names numbers of tomorrow."""
        seq, statement = self.emptied("reject")
        lane = str(self.own_lane().id)
        last = self.env["biometric.audit.night"]._last_night(self.company)["lanes"][lane]

        def calls_it_bare():
            self.plant_night(lanes={lane: {**last, "bare": [[seq, seq]]}})

        def calls_it_bare_with_a_new_head():
            self.store(self.agent, self.lane, self.lane.reject(raw="one more"))
            head = self.own_lane()
            said = {"lane": head.lane, "seq": head.head_seq, "hash": head.head_hash}
            self.plant_night(lanes={lane: {**said, "bare": [[seq, seq]]}})

        def names_no_lane():
            self.plant_night(lanes={})
            self.night()

        attacks = {
            "itself": calls_it_bare,
            "with a new head": calls_it_bare_with_a_new_head,
            "the next": names_no_lane,
        }
        for name, plant in attacks.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                self.attack(statement)
                plant()
                self.assertAll("lane_bare")
                savepoint.close(rollback=True)
                self.env.invalidate_all()
                self.lane.seq, self.lane.hash = self.own_lane().head_seq, self.own_lane().head_hash
        self.store(self.agent, self.lane, self.lane.reject(raw="one more"))
        head = self.own_lane()
        said = {"lane": head.lane, "seq": head.head_seq, "hash": head.head_hash}
        self.plant_night(lanes={lane: {**said, "bare": [[head.head_seq + 1, BEYOND]]}})
        self.store(self.agent, self.lane, self.lane.reject(raw="tomorrow"))
        self.sign_lane_head()
        self.night()
        self.assertEqual(self.both(), (set(), set()))
        self.attack(self.emptied("reject")[1])
        self.assertAll("lane_bare")


@tagged("post_install", "-at_install")
class TestPlantedColumns(PlantedCase):
    def test_a80_the_trail_says_since_when_an_agent_signs(self):
        """A80. Turns red when a column of a lane alone excuses a bare leaf that nobody named,
        though its agent was bound to sign."""
        for lane in self.own_lane():
            lane.started_at = "2026-01-02 00:00:00"
        self.agent.sudo().batches_signed_since = Datetime.now()
        self.env.flush_all()
        self.seal()
        self.night()
        self.assertEqual(self.both(), (set(), set()))
        for name, column in {
            "it signs": "signed_at = now() AT TIME ZONE 'UTC'",
            "it never signed": "signed_at = NULL",
            "since now": "signed_at = now() AT TIME ZONE 'UTC' + interval '1 day', "
            "unsigned_at = now() AT TIME ZONE 'UTC'",
            "an old lane": "started_at = '2001-01-01', signed_at = NULL",
        }.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                self.store(self.agent, self.lane, self.lane.reject(raw=f"fresh {name}"))
                self.attack(
                    self.emptied("reject")[1],
                    f"UPDATE biometric_lane SET {column} WHERE id = {self.own_lane().id}",
                )
                self.sign_lane_head()
                self.night()
                self.assertAll("lane_bare")
                savepoint.close(rollback=True)
                self.env.invalidate_all()
                self.lane.seq, self.lane.hash = self.own_lane().head_seq, self.own_lane().head_hash

    def test_a81_a_row_of_no_company_is_judged(self):
        """A81. Turns red when a row that bears no company belongs to no trail."""
        person, shift = self.employee.id, self.shift.id
        for statement in (
            "INSERT INTO biometric_roster (employee_id, date, shift_id) "
            f"VALUES ({person}, '2026-03-09', {shift})",
            "INSERT INTO biometric_employment_break (employee_id, date_from, date_to) "
            f"VALUES ({person}, '2026-03-09', '2026-03-10')",
            'INSERT INTO biometric_payroll_profile_code (profile_id, pay_code, text, "column") '
            "SELECT profile_id, 'OT', '9', \"column\" FROM biometric_payroll_profile_code LIMIT 1",
        ):
            with self.subTest(statement):
                savepoint = self.env.cr.savepoint(flush=False)
                self.attack(statement)
                self.assertAll("state_birth")
                savepoint.close(rollback=True)
                self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestPlantedPay(SecondScriptCase, PlantedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["biometric.payroll.number"].create(
            [
                {"employee_id": person.id, "number": number}
                for person, number in ((cls.ana, "7"), (cls.ben, "8"))
            ]
        )
        cls.env.user.group_ids = [
            Command.link(cls.env.ref("biometric_attendance.group_payroll_officer").id)
        ]

    def test_a82_a_day_that_says_it_settles_later_is_compared(self):
        """A82. Turns red when an unsettled day is taken for one that waits, whatever time it says:
        with its digest made anew nobody would ever be paid for it. One whose time has come is
        computed again by itself."""
        later = Datetime.to_string(Datetime.add(Datetime.now(), days=1)).replace(" ", "T")
        just = Datetime.to_string(Datetime.add(Datetime.now(), seconds=-9)).replace(" ", "T")
        for settles_at, expected in ((later, True), (just, False)):
            with self.subTest(settles_at):
                savepoint = self.env.cr.savepoint(flush=False)
                self.attack(self.resealed(status="incomplete", settles_at=settles_at))
                for found in (self.inside(), self.outside()):
                    self.assertEqual("day_result" in found, expected, found)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_a83_no_day_leaves_the_list_of_a_file(self):
        """A83. Turns red when state, number or sums of the days of a payroll file are believed:
        what is not on the list is paid once more by the next file."""
        self.assertEqual(self.both(), (set(), set()))
        rows, first = "biometric_export_day", "(SELECT min(id) FROM biometric_export_day)"
        columns = [name for name, _kind in self.columns(rows) if name != "id"]
        other = {"date": "'2026-03-29'", "minutes": "'{}'::jsonb", "total_minutes": "0"}
        copied = ", ".join(other.get(name, f'"{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        beside = copied.replace('"state"', "'left_out'")
        for statement in (
            f"UPDATE {rows} SET state = 'left_out' WHERE id = {first}",
            f"UPDATE {rows} SET state = 'elsewhere' WHERE id = {first}",
            f"UPDATE {rows} SET total_minutes = total_minutes + 60 WHERE id = {first}",
            f"UPDATE {rows} SET total_minutes = total_minutes + "
            f"CASE WHEN id = {first} THEN 60 ELSE -60 END WHERE id - {first} < 2",
            f"INSERT INTO {rows} ({names}) SELECT {copied} FROM {rows} WHERE id = {first}",
            f"INSERT INTO {rows} ({names}) SELECT {beside} FROM {rows} WHERE id = {first}",
        ):
            with self.subTest(statement):
                savepoint = self.env.cr.savepoint(flush=False)
                self.attack(statement)
                self.assertAll("file_day")
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_a83_a_day_beside_a_file_has_no_minutes_there(self):
        """A83. Turns red when of a file of before the list was kept nothing at all is compared."""
        day = {"employee_id": 1, "date": "2026-03-02", "minutes": {"REG|regular": 60}}
        for state, expected in (("paid", 0), ("left_out", 1), ("elsewhere", 1)):
            found, entries = trail.Findings(), files.Entries()
            entries.taken.add(3)
            row = {"id": 3, "complete_days": 0, "blocked_days": 0, "total_minutes": 0}
            check = files.FileCheck(found, entries)
            check._list("payroll file", row, [{**day, "state": state, "total_minutes": 60}])
            self.assertEqual(found.counts.get("file_day", 0), expected, state)
