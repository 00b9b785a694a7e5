"""USB exports: read strictly, stored as sightings of a person's lane, proving what they prove."""

import base64
import gzip
from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, new_test_user, tagged

from ..contract import attlog, chain, wire
from .common import Lane
from .test_fleet_device import FleetCase

T0 = datetime(2026, 3, 2, 8, 0)
GOOD = (
    b"        7\t2026-03-02 07:58:03\t1\t0\t1\t0\r\n      007\t2026-03-02 17:02:44\t1\t1\t15\t3\r\n"
)


@tagged("post_install", "-at_install", "biometric_fleet")
class TestAttlog(BaseCase):
    def test_columns(self):
        """Red when the device number is read as the status: another key than push gives."""
        first, second = attlog.parse(GOOD, "5a17")
        self.assertEqual(first, attlog.Line(1, "7", "2026-03-02 07:58:03", "0", "1", "0"))
        self.assertEqual((second.pin, second.status, second.verify), ("007", "1", "15"))

    def test_a_bad_line_is_a_reject_with_its_reason(self):
        """Red when a bad line is dropped, guessed or costs its neighbours."""
        bad = {
            b"7\t2026-02-30 08:00:00\t1\t0\t1\t0": "bad_time",
            b"7\t2000-00-00 00:00:00\t1\t0": "bad_time",
            b"\t2026-03-02 08:00:00\t1\t0": "empty_pin",
            b"7 8\t2026-03-02 08:00:00\t1\t0": "bad_pin",
            b"\xff7\t2026-03-02 08:00:00\t1\t0": "bad_pin",
            b"nothing": "too_few_columns",
            b"7\t2026-03-02 08:00:00\x01\t1\t0": "unreadable",
            b"7\t2026-03-02 08:00:00\t1\t123456789": "bad_field",
        }
        lines = attlog.parse(GOOD + b"\n".join(bad) + b"\n" + GOOD, "5a17")
        self.assertEqual([line.reason for line in lines], ["", "", *bad.values(), "", ""])
        self.assertEqual(lines[2].number, 3)

    def test_nothing_secret_stays_in_a_reject(self):
        """I9. Red when a template or a password is kept."""
        for text in ("Passwd=1234\tx", "TMP=" + "A" * 400, "x" + "Q" * 300):
            raw = attlog.parse(GOOD + text.encode(), "5a17")[-1].raw
            self.assertTrue(raw.startswith("withheld: it may hold personal data ("), raw)
            self.assertNotIn("1234", raw)

    def test_files_are_bounded(self):
        bomb = gzip.compress(b"\0" * (attlog.MAX_BYTES + 1))
        for data in (bomb, gzip.compress(GOOD)[:-9]):
            with self.assertRaises(attlog.Unreadable):
                attlog.inflate(data)
        self.assertEqual(attlog.inflate(gzip.compress(GOOD)), GOOD)
        with self.assertRaises(attlog.Unreadable):
            attlog.parse(b"%PDF-1.4\nsomething\n", "5a17")

    def test_names(self):
        self.assertEqual(attlog.serial_in_name("attlog.dat"), "")
        self.assertEqual(attlog.serial_in_name("attlog.dat.gz"), "")
        self.assertEqual(attlog.serial_in_name("CJDE204160022_attlog.dat"), "CJDE204160022")
        for name in ("1_attlog.dat", "user.dat", "", "../A1_attlog.dat", "march_attlog.dat"):
            self.assertEqual(attlog.serial_in_name(name), "", name)


@tagged("post_install", "-at_install", "biometric_fleet")
class TestCarried(FleetCase):
    def carry(self, data=GOOD, name="attlog.dat", user=None):
        dialog = (
            self.env["biometric.carry"]
            .with_user(user or self.hr_officer)
            .create(
                {
                    "device_id": self.device.id,
                    "file": base64.b64encode(data),
                    "file_name": name,
                }
            )
        )
        dialog.action_confirm()
        return dialog

    def sightings(self):
        return self.env["biometric.sighting"].search([("channel", "=", "file")], order="seq")

    def test_a_file_becomes_a_chained_lane_of_its_person(self):
        """Red when a number is left out, the chain does not follow, or the lane has an agent."""
        dialog = self.carry()
        self.assertEqual((dialog.read_count, dialog.new_count), (2, 2))
        self.carry(GOOD + b"8\t2026-03-03 08:00:00\t1\t0\t1\t0\n")
        sightings = self.sightings()
        self.assertEqual(sightings.mapped("seq"), [1, 2, 3], "known ones are only counted")
        lane = sightings.lane_id
        self.assertFalse(lane.agent_id)
        self.assertEqual((lane.carrier_id, lane.head_seq), (self.hr_officer, 3))
        digest = chain.lane_genesis(lane.lane)
        for sighting in sightings:
            self.env.cr.execute(
                'SELECT to_char(received_at, \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\') '
                "FROM biometric_sighting WHERE id = %s",
                (sighting.id,),
            )
            received_at = self.env.cr.fetchone()[0]
            canonical = wire.Sighting(
                "punch",
                sighting.seq,
                key=sighting.punch_id.key,
                verify=sighting.verify,
                work_code=sighting.work_code,
                extra=sighting.extra or "",
                channel="file",
                received_at=received_at,
                clock="ok",
                salt=sighting.salt,
            )
            leaf = chain.sighting_leaf(lane.lane, canonical)
            digest = chain.chain_hash(digest, leaf)
            self.assertEqual((sighting.leaf, sighting.hash), (leaf, digest))
        self.assertEqual(lane.head_hash, digest)
        second = new_test_user(self.env, "carries-too", "biometric_attendance.group_hr_officer")
        other = self.carry(b"9\t2026-03-03 08:00:00\t1\t0\t1\t0\n", user=second)
        self.assertEqual(other.new_count, 1)
        self.assertEqual(len(self.sightings().lane_id), 2)

    def test_same_key_as_push_and_marked_until_confirmed(self):
        """R21 by hand. Red when the file makes a second punch of one that was pushed."""
        lane = Lane()
        self.store(self.agent, lane, lane.punch(wall="2026-03-02 07:58:03", status="0"))
        dialog = self.carry()
        self.assertEqual((dialog.new_count, dialog.duplicate_count), (1, 1))
        for way, pin in (("new", "007"), ("known", "7")):
            action = getattr(dialog, f"action_open_{way}")()
            shown = self.env[action["res_model"]].with_user(self.hr_officer)
            self.assertEqual(shown.search(action["domain"]).pin, pin, way)
        punches = self.env["biometric.punch"].search([("device_id", "=", self.device.id)])
        self.assertEqual(len(punches), 2)
        carried = punches.search([("witness", "=", "carried")])
        self.assertEqual(carried.pin, "007")
        again = lane.punch(pin="007", wall="2026-03-02 17:02:44", status="1", channel="poll")
        self.store(self.agent, lane, again)
        self.assertFalse(punches.search([("witness", "=", "carried")]))

    def test_the_numbers_of_a_read_open_their_lists(self):
        """Red when New lists what another channel had brought, or Known what came later."""
        lane = Lane()
        walls = ("2026-03-02 08:00:00", "2026-03-02 12:00:00", "2026-03-02 13:00:00")
        seen = ("2026-03-02T12:00:01.000Z", "2026-03-02T17:00:30.000Z", "2026-03-02T18:00:01.000Z")
        pushed, read, later = (
            lane.punch(wall=wall, channel=channel, received_at=at)
            for wall, channel, at in zip(walls, ("push", "poll", "push"), seen, strict=True)
        )
        again = lane.punch(wall=walls[0], channel="poll", received_at=seen[1])
        self.store(self.agent, lane, pushed, read, later, again)
        run = self.env["biometric.run"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.device.id,
                "agent_id": self.agent.id,
                "uuid": "read",
                "channel": "poll",
                "window_to": "2026-03-02 12:30:00",
                "new_count": 1,
                "duplicate_count": 1,
                "started_at": "2026-03-02 17:00:00",
                "ended_at": "2026-03-02 17:01:00",
                "outcome": "complete",
            }
        )
        punches = self.env["biometric.punch"].with_user(self.approver)
        for way, wall in (("new", walls[1]), ("known", walls[0])):
            action = getattr(run.with_user(self.approver), f"action_open_{way}")()
            domain = [*action["domain"], ("wall_date", "=", "2026-03-02")]
            self.assertEqual(punches.sudo().search(domain).mapped("wall_time"), [wall], way)

    def test_twice_is_harmless_and_rejects_stay_visible(self):
        data = GOOD + b"7\t2026-13-02 08:00:00\t1\t0\n"
        first = self.carry(data)
        self.assertEqual(first.rejected_count, 1)
        shown = self.env["biometric.punch"].search(first.action_open_punches()["domain"])
        self.assertEqual(len(shown), first.new_count)
        again = self.carry(data)
        self.assertEqual((again.new_count, again.duplicate_count, again.rejected_count), (0, 2, 1))
        for dialog in (first, again):
            action = dialog.action_open_rejects()
            shown = self.env[action["res_model"]].with_user(self.hr_officer)
            self.assertEqual(shown.search_count(action["domain"]), dialog.rejected_count)
        rejects = self.sightings().filtered(lambda row: row.kind == "reject")
        self.assertEqual(rejects.mapped("raw"), ["7\t2026-13-02 08:00:00\t1\t0"])

    def test_it_closes_the_gaps_it_proves(self):
        """Red when a file that ends within a gap, or has an unreadable line, closes it."""
        gap = self.env["biometric.gap"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": T0.replace(hour=9),
                "window_to": T0.replace(hour=18),
            }
        )
        self.assertEqual(self.carry().gap_count, 0, "the file ends at 17:02")
        later = b"7\t2026-03-03 08:00:00\t1\t0\t1\t0\n"
        self.assertEqual(self.carry(GOOD + b"bad\n" + later).gap_count, 0)
        dialog = self.carry(GOOD + later)
        self.assertEqual((dialog.gap_count, gap.state), (1, "proven"))
        self.assertEqual(gap.run_id.channel, "file")
        shown = self.env["biometric.gap"].search(dialog.action_open_gaps()["domain"])
        self.assertEqual(shown, gap)

    def test_stamps_of_a_wrong_clock_are_no_bounds(self):
        """Turns red when a stamp that was impossible at the upload, stands out of the order of
        the file or far behind it, alone or with a second, stretches what the file proves. Records
        on both sides of a gap prove it only when no hole of more than seven days lies between."""
        gap = self.silence(datetime(2026, 3, 10, 1), datetime(2026, 3, 10, 9))
        self.device.proven_until = datetime(2026, 3, 12)
        self.env["biometric.completeness"]._update_devices(self.device)
        line = "      7\t{}\t1\t0\t1\t0\r\n"
        march = ["2026-03-02 07:58:03", "2026-03-02 17:02:44", "2026-03-03 07:58:00"]
        after = ["2026-03-10 09:30:00", "2026-03-11 08:00:00"]
        with freeze_time("2026-04-15 08:00:00"):
            for stamps in (
                ["2026-12-31 08:46:56", *march],
                [*march, "2131-01-01 00:00:00"],
                [*march, "2031-01-01 08:00:00", "2031-01-01 17:00:00"],
                [march[0], "2026-04-01 08:00:00", *march[1:]],
                [*march, "2026-04-01 08:00:00"],
                [*march, "2026-04-01 08:00:00", "2026-04-01 08:01:00"],
                [*march, *after],
                ["2000-01-01 00:00:00", *after],
                ["2025-03-01 08:00:00", *after],
            ):
                data = "".join(map(line.format, stamps)).encode()
                dialog = self.carry(data)
                self.assertEqual((dialog.gap_count, gap.state), (0, "open"), stamps)
                self.assertEqual(self.device.complete_until, gap.window_from)
            between = "2026-03-06 08:00:00"
            stamps = ["2026-12-31 08:46:56", *march, "2000-01-01 00:00:00", between, *after]
            dialog = self.carry("".join(map(line.format, stamps)).encode())
        self.assertEqual((dialog.gap_count, gap.state), (1, "proven"))
        self.assertEqual(
            (dialog.run_id.window_from, dialog.run_id.window_to), (march[0], after[-1])
        )

    def test_a_shop_that_closes_keeps_what_lies_on_both_sides(self):
        """Turns red when a file with a hole proves nothing before or behind it, or the run does
        not name the hole; the same for a file that was laid at the agent."""
        hole = ["2026-03-03 17:00:00", "2026-03-20 08:00:00"]
        stamps = ["2026-03-02 08:00:00", *hole, "2026-03-21 08:00:00"]
        data = "".join(map("      7\t{}\t1\t0\t1\t0\r\n".format, stamps)).encode()
        spans = [(2, 12, 3, 1), (20, 12, 20, 18), (10, 1, 10, 9), (3, 1, 20, 9)]
        gaps = [
            self.silence(datetime(2026, 3, day, hour), datetime(2026, 3, last, end))
            for day, hour, last, end in spans
        ]
        with freeze_time("2026-04-15 08:00:00"):
            run = self.carry(data).run_id
        states = [gap.state for gap in gaps]
        self.assertEqual(states, ["proven", "proven", "open", "open"])
        self.assertEqual((run.holes, run.holes_shown), ([hole], " – ".join(hole)))
        told = {
            "id": "00000000-0000-4000-8000-000000000002",
            "serial": "SN1",
            "channel": "file",
            "asked_by": "usb",
            "window_from": stamps[0],
            "window_to": stamps[-1],
            "holes": [dict(zip(("from", "to"), hole, strict=True))],
            "read": 4,
            "duplicate": 4,
            "started_at": "2026-04-15T08:00:00.000Z",
            "ended_at": "2026-04-15T08:00:01.000Z",
            "outcome": "complete",
        }
        again = [
            self.silence(datetime(2026, 3, day, hour), datetime(2026, 3, last, end))
            for day, hour, last, end in spans
        ]
        sync = self.env["biometric.sync"]
        sync._sync(self.agent, {"version": 1, "runs": [told]}, "10.0.0.1")
        self.assertEqual([gap.state for gap in again], states)
        for wrong in ([hole[1], hole[0]], ["2026-02-01 08:00:00", hole[1]]):
            told |= {"holes": [dict(zip(("from", "to"), wrong, strict=True))]}
            with self.assertRaisesRegex(wire.Malformed, "holes: not in order within the window"):
                sync._sync(self.agent, {"version": 1, "runs": [told]}, "10.0.0.1")

    def test_an_unreadable_line_by_usb_proves_once_a_person_decided(self):
        """Turns red when copies of one line are counted against the one that is stored, or when a
        file with a line that nobody decided about proves."""
        gap = self.silence(T0.replace(hour=9), T0.replace(hour=16))
        data = GOOD + b"ZZZZ\tZZZZ\r\n" * 329
        self.assertEqual((self.carry(data).gap_count, gap.state), (0, "open"))
        (reject,) = self.sightings().filtered(lambda row: row.kind == "reject")
        self.env["biometric.decision"].with_user(self.hr_officer)._decide(
            reject, "discard", "erased memory of the terminal"
        )
        self.assertEqual((self.carry(data).gap_count, gap.state), (1, "proven"))

    def silence(self, start, end):
        return self.env["biometric.gap"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": start,
                "window_to": end,
            }
        )

    def test_a_file_laid_at_the_agent_proves_as_much(self):
        """Red when it closes no gap, closes one it does not reach over, or its punches pass for
        witnessed before another channel told them."""
        gaps = self.env["biometric.gap"]
        inside, beyond = (
            gaps.create(
                {
                    "company_id": self.device.company_id.id,
                    "device_id": self.device.id,
                    "kind": "silence",
                    "window_from": T0.replace(hour=start),
                    "window_to": T0.replace(hour=end),
                }
            )
            for start, end in ((9, 12), (16, 23))
        )
        lane = Lane()
        rows = [
            lane.punch(wall=f"2026-03-02 {time}", channel="file")
            for time in ("07:58:03", "17:02:44")
        ]
        self.store(self.agent, lane, *rows)
        run = {
            "id": "00000000-0000-4000-8000-000000000001",
            "serial": "SN1",
            "channel": "file",
            "asked_by": "usb",
            "window_from": "2026-03-02 07:58:03",
            "window_to": "2026-03-02 17:02:44",
            "read": 2,
            "new": 2,
            "device_count": None,
            "started_at": "2026-03-03T08:00:00.000Z",
            "ended_at": "2026-03-03T08:00:01.000Z",
            "outcome": "complete",
            "message": "SN1_attlog.dat",
        }
        sync = self.env["biometric.sync"]
        sync._sync(self.agent, {"version": 1, "runs": [run]}, "10.0.0.1")
        self.assertEqual((inside.state, beyond.state), ("proven", "open"))
        self.assertEqual(inside.run_id.asked_by, "usb")
        carried = self.env["biometric.punch"].search([("witness", "=", "carried")])
        self.assertEqual(len(carried), 2)
        self.store(self.agent, lane, lane.punch(wall="2026-03-02 07:58:03", channel="poll"))
        carried.invalidate_recordset()
        self.assertEqual(
            self.env["biometric.punch"].search([("witness", "=", "carried")]).wall_time,
            "2026-03-02 17:02:44",
        )

    def test_any_name_where_the_person_named_the_terminal(self):
        """Red when the number that a terminal calls itself by, 1 from the factory, is taken for a
        serial number, or an editor's byte order mark for a piece of a PIN."""
        for name in ("1_attlog.dat", "march_attlog.dat", "AGL (2).txt"):
            run = self.carry(b"\xef\xbb\xbf" + GOOD, name)
            self.assertEqual((run.read_count, run.rejected_count), (2, 0), name)

    def test_wrong_terminal_wrong_file_wrong_person(self):
        for data, name in ((GOOD, "OTHER1_attlog.dat"), (b"%PDF", "attlog.dat"), (b"x", "x.csv")):
            with self.assertRaises(UserError):
                self.carry(data, name)
        with self.assertRaises(AccessError):
            self.env["biometric.carried"].with_user(self.approver)._store(
                self.device, "attlog.dat", GOOD
            )
        self.carry(name="SN1_attlog.dat")
        entry = self.env["biometric.audit"].search([("action", "=", "file.upload")], limit=1)
        self.assertEqual(entry.user_id, self.hr_officer.id)
