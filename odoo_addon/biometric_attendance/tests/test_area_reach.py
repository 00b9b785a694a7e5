"""PINs that are the same on all terminals of an area: what follows from that statement, on which
days, whose act it is, and what is shown and left alone."""

from datetime import timedelta

from odoo.fields import Date
from odoo.tests import new_test_user, tagged

from .area_case import AreaCase
from .test_fleet_device import GROUP


@tagged("post_install", "-at_install", "biometric_fleet")
class TestAreaReach(AreaCase):
    def map_at_gate(self, pin="7", person=None, first=False):
        values = {"device_id": self.device.id, "pin": pin, "employee_id": (person or self.ann).id}
        return self.users.create(values | {"valid_from": first})

    def waits(self):
        """Whether the job was asked to look."""
        cron = self.env.ref("biometric_attendance.ir_cron_biometric_area")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        triggers.unlink()
        return bool(triggers)

    # ------------------------------------------------------------------ what follows

    def test_a_pin_that_turns_up_later_is_mapped_by_the_statement(self):
        """Red when a PIN of a member that another terminal of the area tells stays unmapped, is
        mapped without a reason that names whose statement it was, or its days are not computed."""
        self.belongs(self.ann)
        self.map_at_gate()
        self.state()
        self.waits()
        self.punches("7", "2026-03-02", "2026-03-03")
        self.assertTrue(self.waits(), "a new PIN wakes the job")
        self.env["biometric.stale.day"].search([]).unlink()
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [("Ann Öberg", "2026-01-01", None)])
        self.assertFalse(self.row("7", self.yard), "no row where the PIN was never seen")
        entry = self.last_entry(self.row("7", self.hall))
        self.assertEqual(entry.action, "mapping.change")
        self.assertIn("Area Plant North: PINs are the same on all its terminals", entry.reason)
        self.assertIn(f"stated by {self.hr_officer.name}", entry.reason)
        self.assertNotEqual(entry.user_id, self.hr_officer.id)
        marked = self.env["biometric.stale.day"].search([("employee_id", "=", self.ann.id)])
        dates = {Date.to_string(one.date) for one in marked}
        self.assertLessEqual({"2026-03-02", "2026-03-03"}, dates)
        self.waits()
        self.punches("7", "2026-03-04")
        self.assertFalse(self.waits(), "a PIN that is known wakes nobody")

    def test_without_a_statement_or_membership_nothing_follows(self):
        """Red when a PIN is guessed: of an area that says nothing, of a person who does not belong
        to it, of an archived area, of a terminal that was moved away."""
        self.seen("7", self.hall)
        self.map_at_gate()
        self.follow()
        self.belongs(self.ann)
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [(False, None, None)])
        self.state()
        self.area.active = False
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [(False, None, None)])
        self.area.active = True
        self.hall.sudo().state = "moved"
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [(False, None, None)])
        self.hall.sudo().state = "active"
        self.area.member_ids.unlink()
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [(False, None, None)])
        self.belongs(self.ann)
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [("Ann Öberg", "2026-01-01", None)])

    def test_only_on_the_days_of_the_membership_and_of_the_mapping(self):
        """Red when a PIN counts before somebody belonged to the area, after, or on days on which
        the mapping it follows does not stand."""
        self.belongs(self.ann, first="2026-02-01", last="2026-04-30")
        self.map_at_gate(first="2026-03-01")
        self.seen("7", self.hall)
        self.state()
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [("Ann Öberg", "2026-03-01", "2026-04-30")])

    def test_a_mapping_since_the_service_began_says_nothing_about_its_beginning(self):
        """Red when the first day of one terminal's service cuts days off an older one, or a PIN
        counts at a terminal before its own service."""
        self.device.sudo().in_service_from = "2026-03-01 00:00:00"
        self.hall.sudo().in_service_from = "2026-02-01 00:00:00"
        self.belongs(self.ann, first="2026-01-01")
        self.map_at_gate()
        self.assertEqual(self.spans("7", self.device), [("Ann Öberg", "2026-03-01", None)])
        self.seen("7", self.hall)
        self.state()
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [("Ann Öberg", "2026-02-01", None)])

    def test_a_pin_given_to_another_person_is_followed_person_by_person(self):
        """Red when a PIN that went from one to another means one of them for all days."""
        self.belongs(self.ann, self.bo)
        self.map_at_gate().valid_to = "2026-02-28"
        self.map_at_gate(person=self.bo, first="2026-03-01")
        self.seen("7", self.hall)
        self.state()
        self.follow()
        self.assertEqual(
            self.spans("7", self.hall),
            [("Ann Öberg", "2026-01-01", "2026-02-28"), ("Bo Cruz", "2026-03-01", None)],
        )

    def test_a_terminal_and_a_person_that_join_later_follow(self):
        """Red when the statement holds for what was there when it was made alone."""
        self.area.device_ids = self.device
        self.state()
        self.map_at_gate()
        self.seen("7", self.hall)
        self.waits()
        self.area.with_user(self.hr_officer).device_ids |= self.hall
        self.assertTrue(self.waits())
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [(False, None, None)])
        self.belongs(self.ann)
        self.assertTrue(self.waits())
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [("Ann Öberg", "2026-01-01", None)])

    def test_switching_it_off_changes_nothing_that_is_mapped(self):
        """Red when a mapping goes with the statement, the membership or the terminal's place."""
        self.belongs(self.ann)
        self.map_at_gate()
        self.seen("7", self.hall)
        self.state()
        self.follow()
        self.area.same_pins = False
        self.area.member_ids.valid_to = "2026-01-31"
        self.area.device_ids = self.yard
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [("Ann Öberg", "2026-01-01", None)])
        self.seen("7", self.yard)
        self.follow()
        self.assertEqual(self.spans("7", self.yard), [(False, None, None)])

    # ------------------------------------------------------------------ what is left alone

    def conflicts(self, area=None):
        area = (area or self.area).with_user(self.hr_officer)
        area.invalidate_recordset()
        rows = self.users.search(area.action_open_conflicts()["domain"])
        self.assertEqual(area.conflict_count, len(rows))
        return rows

    def test_a_pin_that_is_somebody_elses_there_is_shown_and_left_alone(self):
        """Red when a mapping that a person made is written over, or a conflict is not shown."""
        self.belongs(self.ann)
        self.map_at_gate()
        self.users.map_pins(self.hall.ids, [["7", self.bo.id]])
        self.seen("7", self.yard)
        self.state()
        self.assertEqual(self.conflicts(), self.row("7", self.hall))
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [("Bo Cruz", None, None)])
        self.assertEqual(self.spans("7", self.yard), [("Ann Öberg", "2026-01-01", None)])

    def test_two_that_say_different_people_map_nobody(self):
        """Red when one of two terminals, or of two areas, wins over the other."""
        self.belongs(self.ann, self.bo)
        self.map_at_gate()
        self.users.map_pins(self.hall.ids, [["7", self.bo.id]])
        yard = self.seen("7", self.yard)
        self.state()
        self.follow()
        self.assertFalse(yard.employee_id)
        self.assertIn(yard, self.conflicts())
        self.area.device_ids = self.device | self.yard
        south = self.make_area("South", self.hall | self.yard, same_pins=True)
        self.belongs(self.bo, area=south)
        self.follow()
        self.assertFalse(yard.employee_id, "two areas of one terminal")

    def test_a_span_that_overlaps_is_left_alone(self):
        """Red when a mapping of other days by hand is widened, or passes without being shown."""
        self.belongs(self.ann)
        self.map_at_gate()
        row = self.users.create(
            {"device_id": self.hall.id, "pin": "7", "employee_id": self.ann.id}
            | {"valid_from": "2026-03-01", "valid_to": "2026-03-31"}
        )
        self.state()
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [("Ann Öberg", "2026-03-01", "2026-03-31")])
        self.assertEqual(self.conflicts(), row)

    def test_zeros_before_a_pin_make_it_another(self):
        """Red when 007 is taken for 7."""
        self.belongs(self.ann)
        self.map_at_gate("7")
        self.seen("007", self.hall)
        self.state()
        self.follow()
        self.assertEqual(self.spans("007", self.hall), [(False, None, None)])

    def test_nobodys_own_word_maps_their_own_pin(self):
        """Red when HR's statement, or a membership that they gave themselves, maps their own PIN at
        further terminals: a mapping of one's own is for somebody else."""
        second = new_test_user(self.env, "second-officer", groups=GROUP + "hr_officer")
        self.ann.user_id = self.hr_officer
        self.bo.user_id = second
        self.belongs(self.ann, self.bo)
        self.members.search([("employee_id", "=", self.bo.id)]).with_user(second).write(
            {"valid_from": "2026-02-01"}
        )
        self.map_at_gate("7", self.ann)
        self.map_at_gate("8", self.bo)
        self.seen("7", self.hall)
        self.seen("8", self.hall)
        self.state()
        self.follow()
        self.assertEqual(self.spans("7", self.hall), [(False, None, None)], "stated by herself")
        self.assertEqual(self.spans("8", self.hall), [(False, None, None)], "joined by himself")
        self.members.with_user(self.hr_officer).search([("employee_id", "=", self.bo.id)]).write(
            {"valid_from": "2026-01-15"}
        )
        self.env.cr.execute("UPDATE biometric_area_member SET create_uid = 1")
        self.follow()
        self.assertEqual(self.spans("8", self.hall), [("Bo Cruz", "2026-01-15", None)])

    def test_each_own_word_alone_is_enough_to_map_nobody(self):
        """Red when whose statement it is, who gave the membership or who changed it last is not
        asked where neither of the other two is the person."""
        second, third = (
            new_test_user(self.env, f"{name}-officer", groups=GROUP + "hr_officer")
            for name in ("second", "third")
        )
        somebody, people = self.env.uid, (self.ann, self.bo, self.cid)
        self.ann.user_id, self.bo.user_id, self.cid.user_id = self.hr_officer, second, third
        self.belongs(*people)
        for pin, one in zip("789", people, strict=True):
            self.map_at_gate(pin, one)
            self.seen(pin, self.hall)
        self.state()
        self.env.flush_all()
        words = ((somebody, somebody), (second.id, somebody), (somebody, third.id))
        for one, (gave, changed) in zip(people, words, strict=True):
            self.env.cr.execute(
                "UPDATE biometric_area_member SET create_uid = %s, write_uid = %s"
                " WHERE employee_id = %s",
                (gave, changed, one.id),
            )
        self.follow()
        for pin, word in zip("789", ("stated", "joined", "changed"), strict=True):
            self.assertEqual(self.spans(pin, self.hall), [(False, None, None)], f"{word} alone")
        area = self.env["biometric.area"].browse(self.area.id)
        area.same_pins = False
        area.same_pins = True
        self.env.cr.execute("UPDATE biometric_area_member SET create_uid = 1, write_uid = 1")
        self.follow()
        mapped = [self.spans(pin, self.hall)[0][0] for pin in "789"]
        self.assertEqual(mapped, [one.name for one in people], "by somebody else's words")

    def test_one_pin_that_cannot_be_mapped_does_not_stop_the_others(self):
        """R57. Red when the job ends at the first refusal."""
        self.belongs(self.ann, self.bo)
        self.map_at_gate("7", self.ann)
        self.map_at_gate("8", self.bo)
        bad, good = self.seen("7", self.hall), self.seen("8", self.hall)
        self.state()
        self.env.flush_all()
        self.env.cr.execute(
            """CREATE FUNCTION refuse_seven() RETURNS trigger AS $$ BEGIN
                   IF NEW.employee_id IS NOT NULL AND NEW.pin = '7' THEN
                       RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql;
               CREATE TRIGGER refuse_seven BEFORE UPDATE ON biometric_device_user
                   FOR EACH ROW EXECUTE FUNCTION refuse_seven()"""
        )
        with self.assertLogs("odoo.addons.biometric_attendance", "WARNING"):
            self.follow()
        self.assertEqual((bad.employee_id, good.employee_id.ids), (bad.employee_id, self.bo.ids))
        self.assertFalse(bad.employee_id)
        incident = self.env["biometric.incident"].search([("job", "=", "areas")])
        self.assertEqual(incident.subject_id, bad.id)

    # ------------------------------------------------------------------ shown before

    def test_the_form_says_the_effect_before_it_is_saved(self):
        """Red when ticking the statement, or choosing a terminal, does not say what follows."""
        self.belongs(self.ann)
        self.map_at_gate()
        self.seen("7", self.hall, self.yard)
        self.punches("7", "2026-03-02", "2026-03-03", "2026-03-04")
        self.area.device_ids = self.device
        officer = self.area.with_user(self.hr_officer)
        self.assertFalse(officer.reach_text)
        spec = {"reach_text": {}, "conflict_count": {}, "same_pins": {}, "device_ids": {}}
        tick = officer.onchange({"same_pins": True}, ["same_pins"], spec)["value"]
        self.assertFalse(tick.get("reach_text"))
        both = [[6, 0, self.terminals.ids]]
        told = officer.onchange({"same_pins": True, "device_ids": both}, ["device_ids"], spec)[
            "value"
        ]
        self.assertEqual(
            told["reach_text"],
            "Maps PINs by the statement of the area: 2; terminals: 2; people: 1; "
            "days with punches that are recomputed: 3.",
        )
        self.assertEqual(self.spans("7", self.hall), [(False, None, None)])

    def test_the_form_counts_no_pin_of_whoever_asks(self):
        """Red when the form promises a mapping that the statement of whoever ticks it never makes,
        although others gave the membership."""
        self.ann.user_id = self.hr_officer
        self.belongs(self.ann, self.bo)
        for pin, one in (("7", self.ann), ("8", self.bo)):
            self.map_at_gate(pin, one)
            self.seen(pin, self.hall)
        self.env.flush_all()
        self.env.cr.execute("UPDATE biometric_area_member SET create_uid = 1, write_uid = 1")
        officer = self.area.with_user(self.hr_officer)
        told = officer.onchange({"same_pins": True}, ["same_pins"], {"reach_text": {}})["value"]
        said = "Maps PINs by the statement of the area: 1; terminals: 1; people: 1;"
        self.assertIn(said, told["reach_text"])

    def test_adding_people_says_what_the_statement_makes_of_it(self):
        """Red when a department is added and PINs are mapped that nobody was shown."""
        self.state()
        self.map_at_gate()
        self.seen("7", self.hall)
        self.punches("7", "2026-03-02")
        dialog = (
            self.env["biometric.area.join"]
            .with_user(self.hr_officer)
            .create(
                {"area_id": self.area.id, "employee_ids": [(6, 0, self.ann.ids)]}
                | {"valid_from": "2026-03-01"}
            )
        )
        self.assertIn("Maps PINs by the statement of the area: 1;", dialog.effect_text)
        self.assertIn("recomputed: 1.", dialog.effect_text)
        dialog.valid_from = self.today + timedelta(days=1)
        self.assertIn("recomputed: 0.", dialog.effect_text)


@tagged("post_install", "-at_install", "biometric_fleet")
class TestAreaMapper(AreaCase):
    """The same in *Whose PIN is it?*: said before, done in one act."""

    def door(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["biometric.registry.map"].with_user(self.hr_officer)

    def test_one_choice_maps_the_pin_on_the_other_terminals(self):
        """Red when the screen maps less or more than it said, counts other days, or somebody has to
        map each terminal's PIN alone."""
        self.belongs(self.ann)
        self.state()
        at_gate, at_hall, at_yard = self.seen("7", *self.terminals)
        self.punches("7", "2026-03-02", serial="SN1")
        self.punches("7", "2026-03-10")
        trail = self.env["biometric.audit"].search_count([])
        choices = [[at_gate.id, self.ann.id, "2026-03-01"]]
        told = self.door().preview(choices)
        (row,) = told["rows"]
        self.assertEqual(row["also"], ["also on 2 other terminals of Plant North"])
        self.assertEqual((row["problem"], row["notes"], told["days"]), ("", [], 6))
        self.assertFalse(at_hall.employee_id)
        self.assertEqual(self.env["biometric.audit"].search_count([]), trail)
        done = self.door().confirm(choices)
        self.assertEqual({one["id"] for one in done["rows"]}, {at_gate.id, at_hall.id, at_yard.id})
        self.assertEqual(done["days"], told["days"])
        self.assertEqual(self.spans("7", self.yard), [("Ann Öberg", "2026-03-01", None)])
        entry = self.last_entry(at_hall)
        self.assertEqual(entry.user_id, self.hr_officer.id)
        self.assertIn("Area Plant North", entry.reason)
        self.assertFalse(self.last_entry(at_gate).reason)

    def test_what_stands_against_it_is_said_and_not_touched(self):
        """Red when a conflict of another terminal keeps the choice from being done, or is
        written over."""
        self.belongs(self.ann)
        self.state()
        (at_gate,) = self.seen("7", self.device)
        self.users.map_pins(self.hall.ids, [["7", self.bo.id]])
        self.seen("7", self.yard)
        choices = [[at_gate.id, self.ann.id, False]]
        (row,) = self.door().preview(choices)["rows"]
        self.assertEqual(row["also"], ["also on Yard of Plant North"])
        self.assertEqual(row["notes"], ["not changed on Hall: PIN 7 means Bo Cruz there"])
        self.door().confirm(choices)
        self.assertEqual(self.spans("7", self.hall), [("Bo Cruz", None, None)])

    def test_a_choice_maps_nobody_else_of_the_same_pin(self):
        """Red when whoever says who a PIN is maps with it somebody else whom another terminal names
        for later days: that is the statement's own, and the job's."""
        self.belongs(self.ann, last="2026-05-31")
        self.belongs(self.bo, first="2026-06-01")
        at_gate, _at_hall = self.seen("7", self.device, self.hall)
        later = {"device_id": self.yard.id, "pin": "7", "valid_from": "2026-06-01"}
        self.users.create(later | {"employee_id": self.bo.id})
        self.state()
        self.door().confirm([[at_gate.id, self.ann.id, False]])
        self.assertEqual(self.spans("7", self.hall), [(False, None, None)])
        self.follow()
        names = [name for name, _first, _last in self.spans("7", self.hall)]
        self.assertEqual(names, ["Ann Öberg", "Bo Cruz"])

    def test_who_does_not_belong_is_mapped_there_alone_and_it_says_so(self):
        """Red when a person outside the area is mapped on all its terminals."""
        self.state()
        at_gate, at_hall = self.seen("7", self.device, self.hall)
        choices = [[at_gate.id, self.ann.id, False]]
        (row,) = self.door().preview(choices)["rows"]
        self.assertEqual(
            row["also"],
            ["Ann Öberg does not belong to Plant North: mapped on this terminal only"],
        )
        self.door().confirm(choices)
        self.assertEqual((at_gate.employee_id, at_hall.employee_id.ids), (self.ann, []))
