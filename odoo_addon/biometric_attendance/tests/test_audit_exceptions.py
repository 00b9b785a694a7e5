"""Exceptions need their counter-entry: erased keys, purges, carried numbers, unsigned lanes.

Found in Odoo and on an export; and an explanation holds for the fact that was explained.
"""

import json
from unittest.mock import patch

from odoo.fields import Date
from odoo.tests import tagged

from ..contract.wire import parse_batch
from ..models.audit import biometric_audit_check
from ..verifier import exceptions, trail
from .common import Lane
from .test_audit_chain import ChainCase
from .test_audit_state import BornBefore
from .test_fleet_carried import GOOD


class ExceptionCase(ChainCase):
    def seal(self):
        while self.env["biometric.audit"]._seal(1000):
            pass

    def both(self):
        return set(self.inside()), set(self.outside())

    def assertFound(self, code, where=""):
        for found in self.both():
            self.assertIn(code, found, where)

    def assertClean(self):
        self.seal()
        self.assertEqual(self.both(), (set(), set()), self.texts())

    def texts(self):
        found = self.env["biometric.audit.finding"].search([("company_id", "=", self.company.id)])
        return [f"{one.code}: {one.place}: {one.text}" for one in found]

    def undone(self, *statements):
        """Context: an attack that is undone afterwards."""
        savepoint = self.env.cr.savepoint(flush=False)
        self.addCleanup(self.env.invalidate_all)
        self.attack(*statements)
        return savepoint

    def grow_old(self, days):
        """The punches of March and the nights, as if stored so many days ago."""
        self.owner(
            f"UPDATE biometric_punch SET stored_at = stored_at - interval '{days} days' "
            f"WHERE company_id = {self.company.id}"
        )

    def purge(self):
        self.env["biometric.audit.finding"].search(
            [("company_id", "=", self.company.id)]
        ).explained_at = "2026-01-01"
        return self.env["biometric.retention"]._purge(self.company)


class ErasedKeysCase(ExceptionCase):
    def setUp(self):
        super().setUp()
        self.company.biometric_retention_months = 2
        self.grow_old(100)
        self.key = self.lane.punch(pin="1", wall="2026-03-01 08:00:00")["key"]
        self.keys = self.env["biometric.punch"].search([]).mapped("key")

    def missing(self, keys):
        return self.env["biometric.confirm"]._missing_keys(self.agent, "SN1", keys)

    def plant(self, key, batch):
        digests = self.env["biometric.erased.key"]._digests(self.company, [key], make=True)
        batch = f"'{batch}'" if batch else "NULL"
        return (
            "INSERT INTO biometric_erased_key (company_id, digest, batch) VALUES "
            f"({self.company.id}, '{next(iter(digests))}', {batch})"
        )


@tagged("post_install", "-at_install")
class TestErasedKeys(ErasedKeysCase):
    def test_what_a_purge_removed_is_held_and_counted(self):
        """A35. Red when a removal does not say which digests it brought."""
        self.assertGreater(self.purge(), 10)
        self.assertEqual(self.missing(self.keys), [])
        entry = self.env["biometric.audit"].search([("action", "=", "retention.purge")])
        ((batch, (count, _digest)),) = json.loads(entry.after)["erased_keys"].items()
        self.assertEqual(count, len(self.keys))
        rows = self.env["biometric.erased.key"].search([("company_id", "=", self.company.id)])
        self.assertEqual(set(rows.mapped("batch")), {batch})
        self.assertClean()

    def test_a_planted_digest_makes_nothing_held(self):
        """A35. Red when `confirm` believes a digest that no removal counted: the terminal would be
        cleared of punches that nobody has; or when ingest drops the punch for it."""
        self.purge()
        self.seal()
        batch = self.env["biometric.erased.key"].search([], limit=1).batch
        fresh = self.lane.punch(pin="1", wall="2026-11-02 08:00:00")
        for name, planted in (("none", None), ("forged", "f" * 32), ("a real one", batch)):
            with self.subTest(name):
                savepoint = self.undone(self.plant(fresh["key"], planted))
                self.assertEqual(self.missing([fresh["key"]]), [fresh["key"]])
                other = Lane("c" * 32)
                self.store(self.agent, other, other.punch(pin="1", wall="2026-11-02 08:00:00"))
                kept = self.env["biometric.punch"].search([("key", "=", fresh["key"])])
                self.assertEqual(len(kept), 1)
                self.assertFound("erased_key", name)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_a_digest_taken_out_is_a_finding(self):
        """A35. Red when only digests too many are seen: the purged punch would come again."""
        self.purge()
        self.seal()
        table = "biometric_erased_key"
        for statement in (
            f"DELETE FROM {table} WHERE id = (SELECT min(id) FROM {table})",
            f"DELETE FROM {table} WHERE company_id = {self.company.id}",
        ):
            savepoint = self.undone(statement)
            self.assertFound("erased_key", statement)
            savepoint.close(rollback=True)
            self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestErasedKeysOfBefore(BornBefore, ErasedKeysCase):
    def test_digests_of_before_are_taken_up(self):
        """A33. Red when what was erased before the upgrade is asked for again after it."""
        self.purge()
        self.attack(
            "UPDATE biometric_erased_key SET batch = NULL",
            "UPDATE biometric_audit SET after = '{}' WHERE action = 'retention.purge'",
        )
        self.assertEqual(self.missing(self.keys), self.keys)
        reason = "taken up at the upgrade to 1.0, unproven before"
        self.assertTrue(self.env["biometric.state"]._begin(self.company, reason))
        self.env["biometric.erased.key"]._take_up(self.company, reason)
        self.seal()
        self.assertEqual(self.missing(self.keys), [])
        self.assertNotIn("erased_key", self.inside())


@tagged("post_install", "-at_install")
class TestPurges(ExceptionCase):
    def forge(self, **after):
        """A purge that somebody wrote whole, in the right form; the sealer cannot know."""
        self.env["biometric.audit"]._record(
            "retention.purge", self.company, None, after, company=self.company
        )
        self.seal()

    def test_a_purge_keeps_to_the_policy_of_its_day(self):
        """A36. Red when the months in force then are not looked up, or compared with the wrong day:
        later changes of the policy make no earlier purge wrong."""
        today = Date.today()
        self.company.biometric_retention_months = 2
        self.forge(before=str(Date.subtract(today, months=2)), punches=0)
        self.company.biometric_retention_months = 24
        self.assertClean()
        cases = {
            "later than allowed": {"before": str(Date.subtract(today, months=23))},
            "says no day": {"punches": 3},
        }
        for name, after in cases.items():
            savepoint = self.env.cr.savepoint(flush=False)
            self.forge(**after)
            self.assertFound("purge_policy", name)
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        self.company.biometric_retention_months = 0
        self.forge(before=str(Date.subtract(today, months=120)), punches=0)
        self.assertFound("purge_policy", "no retention is in force")

    def test_an_erasure_keeps_to_the_policy_too(self):
        """A36. Red when only purges are judged: an erasure would reach what the law keeps."""
        self.company.biometric_retention_months = 24
        self.env["biometric.audit"]._record(
            "person.erase", self.company, None, {"person": 7, "punches": 2}, company=self.company
        )
        self.seal()
        self.assertFound("purge_policy")

    def test_a_policy_lowered_beside_the_trail_licenses_nothing(self):
        """A36. Red when the policy is read from the company instead of the trail."""
        self.company.biometric_retention_months = 24
        self.attack(
            f"UPDATE res_company SET biometric_retention_months = 2 WHERE id = {self.company.id}"
        )
        self.grow_old(100)
        self.assertGreater(self.purge(), 10)
        self.seal()
        self.assertFound("purge_policy")
        self.assertFound("state_differs")

    def test_young_punches_cannot_be_purged_as_old_ones(self):
        """A36. Red when a purge may name any day: punches that a night took up after it are
        younger, whatever the purge says."""
        night = {"lanes": {}, "punches": [{"from": 1, "to": 9}], "protection": {}}
        first = {**night, "number": 1, "at": "2026-06-01T00:00:00.000Z"}
        second = {**night, "number": 2, "at": "2026-06-02T00:00:00.000Z"}
        second["punches"] = [{"from": 10, "to": 19}]
        for removed, expected in ((["1"], 0), (["10"], 1)):
            known, findings = trail.Trail(), trail.Findings()
            known.nights = [first, second]
            known.removals = [
                {
                    "number": 5,
                    "at": "2026-06-03T00:00:00.000Z",
                    "action": "retention.purge",
                    "months": 1,
                    "after": {"before": "2026-04-30", "restated": dict.fromkeys(removed, [0, ""])},
                }
            ]
            exceptions.check_removals(known, findings)
            self.assertEqual(findings.counts.get("purge_policy", 0), expected)

    def test_months_are_counted_as_the_policy_counts_them(self):
        """Red at the ends of months: 31 March less one month is the last of February."""
        for day, months in (("2026-03-31", 1), ("2024-03-31", 1), ("2026-01-15", 13)):
            day = Date.to_date(day)
            self.assertEqual(
                exceptions.months_before(day, months), Date.subtract(day, months=months)
            )


@tagged("post_install", "-at_install")
class TestAbsence(ExceptionCase):
    def carry(self, data=GOOD):
        self.env["biometric.carried"]._store(self.device, "attlog.dat", data)
        self.seal()
        return self.env["biometric.lane"].search([("carrier_id", "=", self.env.uid)])

    def test_a_carried_lane_needs_its_uploads(self):
        """A37. Red when numbers of a carried lane are judged by their chain alone: whoever holds
        the database makes that chain himself."""
        self.env.user.group_ids |= self.env.ref("biometric_attendance.group_hr_officer")
        lane = self.carry()
        self.carry(GOOD + b"8\t2026-03-03 08:00:00\t1\t0\t1\t0\n")
        self.assertClean()
        upload = self.env["biometric.audit"].search([("action", "=", "file.upload")], limit=1)
        self.assertEqual(json.loads(upload.after)["numbers"], [[3, 3]])
        self.env["biometric.carried"].sudo()._ingest(
            self.device,
            self.env["biometric.carried"]._lines(
                self.device, "attlog.dat", b"9\t2026-03-04 08:00:00\t1\t0\t1\t0\n"
            ),
        )
        self.assertFound("lane_upload")
        self.assertIn(f"lane {lane.lane} number 4", self.texts()[0])
        self.env["biometric.carried"]._take_up(self.company, "taken up, unproven before")
        self.assertClean()

    def test_a_lane_that_its_agent_never_signed(self):
        """A37. Red when a lane without a signed head passes: a stolen token delivers, only the key
        signs. An agent that has not been heard for long, or just began, is no finding."""
        other = Lane("e" * 32)
        self.store(self.agent, other, other.punch(pin="1", wall="2026-04-01 08:00:00"))
        self.assertClean()
        lane = self.env["biometric.lane"].search([("lane", "=", other.lane)])
        for hours, expected in ((2, False), (30, True)):
            self.agent.last_seen_at = f"2030-01-0{1 + hours // 24} {hours % 24:02d}:00:00"
            lane.started_at = "2030-01-01 00:00:00"
            self.env.flush_all()
            inside, outside = self.both()
            self.assertEqual("lane_unsigned" in inside, expected, hours)
            self.assertEqual("lane_unsigned" in outside, expected, hours)


@tagged("post_install", "-at_install")
class TestBareLeaves(ExceptionCase):
    def store_signed(self, lane, *rows, signed=True):
        body = json.loads(json.dumps(lane.batch(*rows)))
        _batch, name, sightings = parse_batch(body)
        self.env["biometric.ingest"]._store_batch(self.agent, name, sightings, signed)

    def punches(self, lane, count=4):
        return [lane.punch(pin="1", wall=f"2026-05-0{n + 1} 08:00:00") for n in range(count)]

    def test_of_a_lane_that_signs_each_bare_leaf_is_named(self):
        """A36. Red when a bare leaf that nobody named passes, or one that the agent named does
        not."""
        lane = Lane("a1" * 16)
        one, two, three, _four = self.punches(lane)
        named = self.witness.name(lane, two, "odoo_cannot_take_it")
        self.store_signed(lane, one, named)
        self.assertClean()
        self.store_signed(lane, Lane.bare(three))
        self.assertFound("lane_bare")
        self.assertIn("number 3: nobody named it", self.texts()[0])

    def test_a_program_that_does_not_sign_names_nothing(self):
        """A36. Red when an agent of the version before is called a liar, or stays excused for what
        comes after it signs."""
        lane = Lane("a2" * 16)
        one, two, three, four = self.punches(lane)
        self.store_signed(lane, one, Lane.bare(two), signed=False)
        self.assertClean()
        self.store_signed(lane, three)
        self.env["biometric.audit.night"]._night(self.company, "-1 second")
        self.countersign()
        self.assertClean()
        self.store_signed(lane, Lane.bare(four))
        self.assertFound("lane_bare")

    def test_a_punch_called_erased_needs_an_erasure(self):
        """A36. Red when Odoo's own word for an erased punch needs no removal behind it."""
        lane = Lane("a3" * 16)
        one, two, *_rest = self.punches(lane)
        self.store_signed(lane, one, two)
        content = ["punch_id", "device_id", "raw", "verify", "work_code", "extra", "channel"]
        content += ["received_at", "clock", "skew_seconds", "salt"]
        bare = ", ".join(f"{name} = NULL" for name in content)
        self.attack(
            "CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT s.id, s.punch_id FROM "
            "biometric_sighting s JOIN biometric_lane l ON l.id = s.lane_id "
            f"WHERE l.lane = '{lane.lane}' AND s.seq = 2",
            f"UPDATE biometric_sighting SET kind = 'leaf', named_reason = 'odoo:erased', {bare} "
            "WHERE id IN (SELECT id FROM gone)",
            "DELETE FROM biometric_punch WHERE id IN (SELECT punch_id FROM gone)",
        )
        self.assertFound("lane_bare")


@tagged("post_install", "-at_install")
class TestExplanations(ExceptionCase):
    def verify(self):
        check = self.env["biometric.audit.check"]._begin(self.company, "test")
        while check._step():
            pass
        return check

    def finding(self, code="state_differs"):
        return self.env["biometric.audit.finding"].search(
            [("company_id", "=", self.company.id), ("code", "=", code)]
        )

    def set_zone(self, zone):
        self.attack(
            f"UPDATE biometric_device_zone SET tz = '{zone}' WHERE device_id = {self.device.id}"
        )

    def test_an_explanation_holds_for_what_was_explained(self):
        """A38. Red when an explanation silences a place for ever: found again it stays explained,
        as another fact or after it was gone it is open again, and the trail keeps the words."""
        was = self.device.zone_ids[:1].tz
        self.set_zone("Asia/Manila")
        self.verify()
        finding = self.finding()
        self.assertTrue(finding.fact)
        finding.action_explain("a colleague tried something out")
        self.verify()
        self.assertTrue(finding.explained_at, "the same fact")
        self.set_zone("Asia/Tokyo")
        self.verify()
        self.assertFalse(finding.explained_at, "another fact at the same place")
        finding.action_explain("a colleague tried something else")
        self.set_zone(was)
        self.verify()
        self.assertTrue(finding.explained_at and finding.gone_at)
        self.set_zone("Asia/Tokyo")
        self.verify()
        self.assertFalse(finding.explained_at or finding.gone_at, "back again after it was gone")
        entries = self.env["biometric.audit"].search([("action", "=", "finding.explain")])
        self.assertEqual(len(entries), 2)
        self.assertTrue(all(len(json.loads(one.after)["fact"]) == 64 for one in entries))

    def test_what_an_agent_said_is_not_gone_because_a_run_does_not_say_it(self):
        """A38. Red when a whole run lets findings go that no run can find."""
        findings = self.env["biometric.audit.finding"]
        said = [{"code": "audit_tamper", "place": "agent 1", "text": "another hash"}]
        findings._found(self.company.id, said)
        self.finding("audit_tamper").action_explain("the branch runs a restored copy")
        self.verify()
        findings._found(self.company.id, said)
        self.assertTrue(self.finding("audit_tamper").explained_at)
        self.assertFalse(self.finding("audit_tamper").gone_at)


@tagged("post_install", "-at_install")
class TestNights(ExceptionCase):
    def nightly(self):
        return self.env["biometric.audit.check"].search(
            [("company_id", "=", self.company.id), ("asked_by", "=", "nightly")], order="id"
        )

    def test_an_interrupted_night_goes_on_where_it_stopped(self):
        """A39. Red when each night begins anew and the end of the ledgers is never reached, or
        when nobody is told how much is not verified."""
        check = self.nightly()
        for _part in range(3):
            check._step()
        position = check.position
        self.assertEqual(position, 3)
        self.assertIn(f"{len(check.pieces) - 3} of {len(check.pieces)} parts", check.unproven)
        self.assertEqual(self.env["biometric.audit.night"]._night(self.company), check)
        self.assertEqual((len(self.nightly()), check.position), (1, position))
        self.assertIn("not verified yet", check.notes)
        while check._step():
            pass
        self.assertEqual((check.state, check.unproven), ("ok", False))
        self.assertNotEqual(self.env["biometric.audit.night"]._night(self.company), check)
        self.assertEqual(len(self.nightly()), 2)

    def test_pieces_of_the_trail_find_what_the_whole_finds(self):
        """A39. Red when a piece begins with another hash than the one before ended with, or knows
        less than all of the trail."""
        attacks = {
            "audit_link": "UPDATE biometric_audit SET previous_hash = hash WHERE seq = 6",
            "audit_content": "UPDATE biometric_audit SET reason = 'x' WHERE seq = 11",
            "audit_number": "DELETE FROM biometric_audit WHERE seq = 10",
            "audit_erased": "UPDATE biometric_audit SET before = NULL, after = NULL, "
            "reason = NULL, "
            "record_name = NULL, content_salt = NULL WHERE seq = 12",
        }
        with patch.object(biometric_audit_check, "PIECE", 5):
            self.assertEqual(self.inside(), [])
            check = self.env["biometric.audit.check"].search([], limit=1)
            self.assertGreater(len([one for one in check.pieces if one[0] == "audit"]), 3)
            for code, statement in attacks.items():
                mine = f"{statement} AND company_id = {self.company.id}"
                savepoint = self.undone(mine)
                self.assertIn(code, self.inside())
                savepoint.close(rollback=True)
                self.env.invalidate_all()
