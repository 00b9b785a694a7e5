"""Ingest through its service: verdicts, order, chain, quarantine, marking of days."""

import random
from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .common import AddonCase, Lane


@tagged("post_install", "-at_install")
class TestIngest(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, _token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)
        cls.employee = cls.env["hr.employee"].create({"name": "Ana"})

    def punches(self):
        return self.env["biometric.punch"].search([("company_id", "=", self.env.company.id)])

    def lane_row(self):
        return self.env["biometric.lane"].search([("agent_id", "=", self.agent.id)])

    def test_one_punch_costs_few_statements(self):
        """A branch delivers punches one by one. Red when a batch of one reads what it does not need
        or asks again for what it knows."""
        lane = Lane()
        self.store(self.agent, lane, lane.punch())
        row = lane.punch(wall="2026-03-02 09:00:00")
        self.env.flush_all()
        self.env.invalidate_all()
        self.agent.fetch(["state", "company_id", "public_key", "batches_signed_since"])
        with self.assertQueryCount(7):
            self.store(self.agent, lane, row)

    def test_one_punch_of_a_known_person_costs_few_statements(self):
        """The same with what follows: its days are marked, their job is woken. Red when waking it
        reads the whole job."""
        lane = Lane()
        self.store(self.agent, lane, lane.punch())
        self.env["biometric.device.user"].map_pins(self.device.ids, [["7", self.employee.id]])
        self.env["biometric.stale.day"].search([]).unlink()
        row = lane.punch(wall="2026-03-02 09:00:00")
        self.env.flush_all()
        self.env.invalidate_all()
        self.agent.fetch(["state", "company_id", "public_key", "batches_signed_since"])
        with self.assertQueryCount(8):
            self.store(self.agent, lane, row)
        marked = self.env["biometric.stale.day"].search([("employee_id", "=", self.employee.id)])
        self.assertIn("2026-03-02", [str(one.date) for one in marked])

    def test_same_punch_on_two_channels_is_one_punch(self):
        """Red when verify, work code or channel get into the key."""
        lane = Lane()
        _head, verdicts = self.store(
            self.agent, lane, lane.punch(), lane.punch(channel="poll", verify="15", work_code="3")
        )
        self.assertEqual(verdicts, ["stored", "duplicate"])
        self.assertEqual(len(self.punches()), 1)
        self.assertEqual(self.punches().channels, "poll, push")

    def test_a_batch_sent_again_changes_nothing(self):
        """R29. Red when a repeated sighting is inserted, refused or moves the head."""
        lane = Lane()
        rows = [lane.punch(), lane.reject(), lane.punch(wall="2026-03-02 17:00:00")]
        first, _verdicts = self.store(self.agent, lane, *rows)
        again, verdicts = self.store(self.agent, lane, *rows)
        self.assertEqual(first, again)
        self.assertEqual(verdicts, ["duplicate"] * 3)
        self.assertEqual(self.env["biometric.sighting"].search_count([]), 3)

    def test_any_order_gives_the_same_head(self):
        """R23. Red when the head is taken from the last batch instead of the chain."""
        lane = Lane()
        rows = [lane.punch(wall=f"2026-03-02 08:{minute:02d}:00") for minute in range(40)]
        random.Random(7).shuffle(rows)
        for start in range(0, 40, 7):
            head, _verdicts = self.store(self.agent, lane, *rows[start : start + 7])
        self.assertEqual(head, {"seq": 40, "hash": lane.hash})
        self.assertEqual(self.lane_row().max_seq, 40)

    def test_head_stops_at_a_hole_and_jumps_when_it_closes(self):
        """Live goes before backlog. Red when _followers does not read what is on disk."""
        lane = Lane()
        one, two, three, four = (lane.punch(wall=f"2026-03-02 08:0{n}:00") for n in range(4))
        head, _verdicts = self.store(self.agent, lane, one, three, four)
        self.assertEqual(head["seq"], 1)
        head, _verdicts = self.store(self.agent, lane, two)
        self.assertEqual(head, {"seq": 4, "hash": lane.hash})

    def test_a_hash_that_does_not_follow_stops_the_head_and_alarms(self):
        """Red when _move_head trusts the hash it is given."""
        lane = Lane()
        rows = [lane.punch(wall=f"2026-03-02 08:0{n}:00") for n in range(3)]
        rows[1]["hash"] = "0" * 64
        head, verdicts = self.store(self.agent, lane, *rows)
        self.assertEqual(verdicts, ["stored"] * 3)
        self.assertEqual(head["seq"], 1)
        self.assertEqual(self.agent.alarm_ids.kind, "chain_broken")
        self.assertEqual(self.lane_row().broken_seq, 2)

    def test_a_number_used_twice_is_refused_and_alarms(self):
        """S42. Red when the leaf of a known number is not compared."""
        lane, clone = Lane(), Lane()
        self.store(self.agent, lane, lane.punch())
        head, verdicts = self.store(self.agent, clone, clone.punch(pin="8"))
        self.assertEqual(verdicts, ["seq_conflict"])
        self.assertEqual(head["hash"], lane.hash)
        self.assertEqual(self.agent.alarm_ids.kind, "seq_conflict")
        self.assertEqual(self.punches().pin, "7")

    def test_a_punch_that_is_held_already_is_a_duplicate_under_another_number(self):
        """I2. Red when the verdict looks at the batch alone: a punch told again later, in another
        lane, would be counted as one more by whoever reads the receipts."""
        first, second = Lane(), Lane("d" * 32)
        self.store(self.agent, first, first.punch())
        _head, verdicts = self.store(self.agent, second, second.punch())
        self.assertEqual(verdicts, ["duplicate"])
        _head, verdicts = self.store(self.agent, first, first.punch())
        self.assertEqual(verdicts, ["duplicate"])
        self.assertEqual(len(self.punches()), 1)

    def test_a_parked_sighting_comes_after_its_bare_leaf(self):
        """R36. Red when a bare leaf blocks the full sighting, or when it moves no head."""
        lane = Lane()
        row, after = lane.punch(), lane.punch(wall="2026-03-02 17:00:00")
        head, verdicts = self.store(self.agent, lane, lane.bare(row), after)
        self.assertEqual((head["seq"], verdicts), (2, ["stored", "stored"]))
        _head, verdicts = self.store(self.agent, lane, row)
        self.assertEqual(verdicts, ["stored"])
        self.assertEqual(len(self.punches()), 2)
        _head, verdicts = self.store(self.agent, lane, row, lane.bare(row))
        self.assertEqual(verdicts, ["duplicate", "duplicate"])

    def test_forged_key_and_leaf_are_refused_alone(self):
        """R36. Red when keys or leaves are taken as sent."""
        lane = Lane()
        good, forged, changed = (lane.punch(wall=f"2026-03-02 08:0{n}:00") for n in range(3))
        forged["key"] = "1" * 64
        changed["verify"] = "99"
        head, verdicts = self.store(self.agent, lane, good, forged, changed)
        self.assertEqual(verdicts, ["stored", "key_mismatch", "leaf_mismatch"])
        self.assertEqual(head["seq"], 1)

    def test_one_bad_sighting_among_good_ones(self):
        """R24. Red when a bad field refuses its neighbours or gets into a table."""
        bad = [
            {"pin": ""},
            {"pin": "x" * 65},
            {"pin": "a\nb"},
            {"pin": "a\0b"},
            {"pin": 7},
            {"wall_time": "2026-02-30 08:00:00"},
            {"wall_time": "2026-03-02T08:00:00"},
            {"status": "x" * 9},
            {"status": None},
            {"channel": "mail"},
            {"clock": "maybe"},
            {"salt": "A" * 32},
            {"serial": "'; DROP TABLE x"},
            {"serial": "../../etc/passwd"},
            {"extra": "x" * 513},
            {"received_at": "2026-03-02 08:00:00"},
            {"pin": "\ud800"},
            {"kind": "shell"},
        ]
        lane = Lane()
        rows = [{**lane.punch(), **change} for change in bad]
        rows.append(lane.punch(wall="2026-03-02 18:00:00"))
        _head, verdicts = self.store(self.agent, lane, *rows)
        self.assertEqual(verdicts, ["bad_field"] * len(bad) + ["stored"])
        self.assertEqual(len(self.punches()), 1)

    def test_hostile_text_is_kept_as_text(self):
        """S14. Red when a value is formatted into SQL."""
        lane = Lane()
        texts = [
            "{{7*7}}",
            "${x}",
            "%s",
            "%(a)s",
            "'; DROP TABLE biometric_punch; --",
            "<img src=x>",
        ]
        _head, verdicts = self.store(self.agent, lane, *(lane.punch(pin=text) for text in texts))
        self.assertEqual(verdicts, ["stored"] * len(texts))
        self.assertEqual(set(self.punches().mapped("pin")), set(texts))

    def test_unknown_serial_waits_and_counts_after_approval(self):
        """Nothing of a new device is lost. Red when its sightings are refused."""
        lane = Lane()
        row = lane.punch(serial="NEW-1")
        _head, verdicts = self.store(self.agent, lane, row)
        self.assertEqual(verdicts, ["device_waiting"])
        device = self.env["biometric.device"].search([("serial", "=", "NEW-1")])
        self.assertEqual((device.state, device.agent_id), ("waiting", self.agent))
        self.env["biometric.device.user"].map_pins(device.ids, [["7", self.employee.id]])
        usable = self.env["biometric.punch"]._usable
        self.assertFalse(usable(self.employee.ids, "2026-03-02", "2026-03-02"))
        device.action_approve()
        self.assertEqual(len(usable(self.employee.ids, "2026-03-02", "2026-03-02")), 1)
        _head, verdicts = self.store(self.agent, lane, row)
        self.assertEqual(verdicts, ["duplicate"])

    def test_refused_device_is_quarantined(self):
        self.device.action_refuse()
        lane = Lane()
        _head, verdicts = self.store(self.agent, lane, lane.punch())
        self.assertEqual(verdicts, ["device_refused"])

    def test_pins_are_text_and_unknown_ones_are_work_to_do(self):
        """S11, R37. Red when a PIN is read as a number or an unknown one is dropped."""
        lane = Lane()
        self.store(self.agent, lane, *(lane.punch(pin=pin) for pin in ("7", "07", "007")))
        rows = self.env["biometric.device.user"].search([("device_id", "=", self.device.id)])
        self.assertEqual(set(rows.mapped("pin")), {"7", "07", "007"})
        self.assertFalse(rows.employee_id)
        quarantine = self.env["biometric.quarantine"].search([("reason", "=", "unmapped")])
        self.assertEqual(len(quarantine), 3)
        self.env["biometric.stale.day"]._pop(1000)
        rows.filtered(lambda row: row.pin == "007").employee_id = self.employee
        marked = {str(day) for _employee, day in self.env["biometric.stale.day"]._pop(1000)}
        self.assertEqual(marked, {"2026-03-01", "2026-03-02", "2026-03-03"})
        self.assertEqual(len(self.punches().filtered("employee_id")), 1)

    def test_archived_employee_keeps_their_punches(self):
        """R37. Red when archiving hides a mapping."""
        self.env["biometric.device.user"].map_pins(self.device.ids, [["7", self.employee.id]])
        self.employee.active = False
        lane = Lane()
        _head, verdicts = self.store(self.agent, lane, lane.punch())
        self.assertEqual(verdicts, ["stored"])
        self.assertEqual(self.punches().employee_id, self.employee)
        self.assertEqual(
            len(self.env["biometric.punch"]._usable(self.employee.ids, "2026-03-02", "2026-03-02")),
            1,
        )

    def test_impossible_clocks_are_quarantined_and_never_corrected(self):
        """Red when FIRST_SANE_YEAR or FUTURE_LIMIT are not applied."""
        lane = Lane()
        walls = ["2000-01-01 00:00:10", "2099-01-01 08:00:00", "2026-03-03 07:59:00"]
        _head, verdicts = self.store(self.agent, lane, *(lane.punch(wall=wall) for wall in walls))
        self.assertEqual(verdicts, ["clock", "clock", "stored"])
        self.assertEqual(sorted(self.punches().mapped("wall_time")), sorted(walls))
        rows = self.env["biometric.quarantine"].search([("reason", "=", "clock")])
        self.assertEqual(sorted(rows.mapped("wall_time")), sorted(walls[:2]))

    def test_a_clock_is_judged_in_the_zone_of_its_device(self):
        """Red when MOST_BEHIND is taken for the zone of every device, or a year of the calendar's
        ends is added to."""
        days = ("2026-03-02 20:00:00", "2026-03-02 20:30:00", "2026-03-03 20:30:00")
        walls = [*days, "9999-12-31 23:59:59"]
        expected = {"Etc/GMT+12": ["stored", "clock", "clock", "clock"]}
        expected["Pacific/Kiritimati"] = ["stored", "stored", "stored", "clock"]
        for number, (tz, wanted) in enumerate(expected.items()):
            serial = f"Z{number}"
            self.make_device(self.agent, serial, tz=tz)
            lane = Lane(f"{number:032x}")
            rows = [lane.punch(serial=serial, wall=wall) for wall in walls]
            _head, verdicts = self.store(self.agent, lane, *rows)
            self.assertEqual(verdicts, wanted, tz)
        lane = Lane()
        late = lane.punch(wall="9999-12-31 23:59:59", received_at="9999-12-31T23:59:59.000Z")
        _head, verdicts = self.store(self.agent, lane, late)
        self.assertEqual(verdicts, ["bad_field"], "no clock of an agent shows that year")

    def test_marks_the_day_and_its_neighbours_once(self):
        self.env["biometric.device.user"].map_pins(self.device.ids, [["7", self.employee.id]])
        self.env["biometric.stale.day"]._pop(1000)
        lane = Lane()
        row = lane.punch()
        self.store(self.agent, lane, row)
        marked = self.env["biometric.stale.day"]._pop(1000)
        self.assertEqual(
            [str(day) for _employee, day in marked], ["2026-03-01", "2026-03-02", "2026-03-03"]
        )
        self.store(self.agent, lane, row)
        self.assertFalse(self.env["biometric.stale.day"]._pop(1000))

    def test_queries_do_not_grow_with_the_batch(self):
        """Set-based ingest. Red when a statement is run per sighting."""

        def queries(lane, count, hour):
            rows = [
                lane.punch(pin=str(n), wall=f"2026-03-02 {hour:02d}:00:00") for n in range(count)
            ]
            start = self.env.cr.sql_log_count
            self.store(self.agent, lane, *rows)
            return self.env.cr.sql_log_count - start

        lane = Lane()
        queries(lane, 5, 7)
        few, many = queries(lane, 10, 8), queries(lane, 500, 9)
        self.assertLessEqual(many, few + 1)
        self.assertLessEqual(many, 25)

    def test_one_bus_message_a_batch(self):
        """Red when the board is told per punch, or a device is left out."""
        lane = Lane()
        self.make_device(self.agent, "SN2")
        self.env.cr.precommit.data.pop("bus.bus.values", None)
        self.store(self.agent, lane, lane.punch(), lane.punch(pin="8"), lane.punch(serial="SN2"))
        messages = self.env.cr.precommit.data["bus.bus.values"]
        self.assertEqual(len(messages), 1, "one for the company")
        self.assertEqual(len({row["message"] for row in messages}), 1)

    def pins(self):
        """[(serial, PIN)] that are known, each as often as there is a row of it."""
        known = self.env["biometric.device.user"].search([], order="id")
        return sorted((one.device_id.serial, one.pin) for one in known)

    def test_a_pin_is_known_by_terminal_once(self):
        """Red when a PIN that another terminal has passes for known (its punches would be nobody's
        work to do), when one is noted twice, or when a known one gets a second row beside the one
        that says whose it is."""
        self.make_device(self.agent, "SN2")
        self.env["biometric.device.user"].map_pins(self.device.ids, [["7", self.employee.id]])
        lane = Lane()
        self.store(
            self.agent,
            lane,
            lane.punch(),
            lane.punch(serial="SN2"),
            lane.punch(pin="9"),
            lane.punch(pin="9", channel="poll"),
            lane.punch(pin="9", wall="2026-03-02 17:00:00"),
            lane.punch(pin="09"),
        )
        known = [("SN1", "09"), ("SN1", "7"), ("SN1", "9"), ("SN2", "7")]
        self.assertEqual(self.pins(), known)
        self.store(self.agent, lane, lane.punch(wall="2026-03-02 17:00:00", serial="SN2"))
        self.assertEqual(self.pins(), known)
        self.assertEqual(self.device.user_ids.employee_id, self.employee)

    def test_a_pin_that_was_removed_is_known_again_with_its_next_punch(self):
        """Red when what is known is remembered beside the database: a PIN mapped or removed by
        somebody else meanwhile would never come to the list."""
        lane = Lane()
        self.store(self.agent, lane, lane.punch())
        self.env.cr.execute(
            "DELETE FROM biometric_device_user WHERE device_id = %s", (self.device.id,)
        )
        self.store(self.agent, lane, lane.punch(channel="poll"))
        self.assertEqual(self.pins(), [], "no new punch")
        self.store(self.agent, lane, lane.punch(wall="2026-03-02 17:00:00"))
        self.assertEqual(self.pins(), [("SN1", "7")])

    def test_each_terminals_own_clock_is_weighed(self):
        """Red when one terminal's clock is asked of another, when what an agent said of a clock is
        forgotten on the way, or when a right clock's punches are flagged."""
        now = fields.Datetime.now()
        right, wrong = self.make_device(self.agent, "RIGHT"), self.make_device(self.agent, "WRONG")
        for device, ahead in ((self.device, False), (right, 60), (wrong, 4_000)):
            device.write(
                {"clock_offset_seconds": ahead, "unbroken_since": now - timedelta(hours=2)}
            )
        lane, wall = Lane(), fields.Datetime.to_string(now + timedelta(seconds=4_000))
        rows = [
            lane.punch(serial=serial, wall=wall, received_at=f"{now.isoformat()}.000Z")
            for serial in ("SN1", "RIGHT", "WRONG")
        ]
        self.store(self.agent, lane, *rows)
        flags = self.env["biometric.flag"].search([("kind", "=", "skew")])
        self.assertEqual(flags.punch_id.mapped("serial"), ["WRONG"])
        self.assertEqual(flags.offset_seconds, 4_000)
