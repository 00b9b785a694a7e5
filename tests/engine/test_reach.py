"""How far a punch matters: days are the same from any sufficient start, and only marked dates
change. Without this a day would depend on where somebody began to read."""

import unittest
from dataclasses import replace
from datetime import timedelta

from engine.day import build_days
from engine.reach import Known, certain_from, needed_from, runs, touched_between
from engine.rules import RuleSet
from engine.values import Punch
from plain_day import day_text

from .world import random_rules, worlds


def known(punches, facts, rules, loaded_from=None):
    instants = [punch.at for punch in punches]
    return Known(instants, facts.shifts, rules, facts.zone, loaded_from)


def texts(facts, days, rules):
    return {day.work_date: day_text(day) for day in build_days(facts, days, lambda _day: rules)}


class ReachTest(unittest.TestCase):
    def test_a_day_is_the_same_from_every_certain_start(self):
        """Red if a run may begin while an earlier punch could still be closed."""
        compared = 0
        for rng, facts, days in worlds(80, 21, dates=12):
            rules = random_rules(rng, min_daily_rest_minutes=None)
            whole = texts(facts, days, rules)
            for _try in range(4):
                loaded_from = facts.zone.on(rng.choice(days[:6]), rng.randrange(1440))
                loaded = [p for p in facts.punches if p.at >= loaded_from]
                start = certain_from(known(loaded, facts, rules, loaded_from))
                if start is None:
                    continue
                part = texts(
                    replace(facts, punches=tuple(p for p in loaded if p.at >= start)), days, rules
                )
                for day in days:
                    if needed_from(day, facts.shifts, rules, facts.zone) >= start:
                        self.assertEqual(part[day], whole[day])
                        compared += 1
        self.assertGreater(compared, 500)

    def test_a_punch_changes_only_the_dates_of_its_run(self):
        """Red if the run is cut by the calendar instead of by what can be open."""
        for rng, facts, days in worlds(120, 22, dates=10):
            rules = random_rules(rng)
            before = texts(facts, days, rules)
            on = rng.choice(days)
            at = facts.zone.on(on, rng.randrange(1440))
            extra = Punch(at, "A", "new", rng.choice(("in", "out", None)))
            more = (*facts.punches, extra)
            after = texts(replace(facts, punches=more), days, rules)
            touched = touched_between(on, on, known(more, facts, rules))
            changed = {day for day in days if before[day] != after[day]}
            self.assertLessEqual(changed, set(touched.dates))

    def test_whatever_changes_on_some_dates_changes_only_what_they_can_reach(self):
        """Punches and shifts of two dates vanish. Red if only runs that are there now count: the
        punch that is gone may have kept a run open."""
        for rng, facts, days in worlds(150, 24, dates=12):
            rules = random_rules(rng)
            first = rng.choice(days[2:-3])
            last = first + timedelta(days=rng.randrange(2))
            begin, end = facts.zone.on(first, 0), facts.zone.on(last, 1440)
            gone = replace(
                facts,
                punches=tuple(p for p in facts.punches if not begin <= p.at < end),
                # a shift of the dates reaches over their edges by its windows
                shifts=tuple(
                    shift for shift in facts.shifts if not begin <= shift.start < shift.end <= end
                ),
            )
            before, after = texts(facts, days, rules), texts(gone, days, rules)
            wide = [first - timedelta(days=2), last + timedelta(days=2)]
            touched = touched_between(*wide, known(gone.punches, gone, rules))
            changed = {day for day in days if before[day] != after[day]}
            self.assertLessEqual(changed, set(touched.dates))

    def test_scheduled_work_reaches_a_day_unscheduled_work_until_a_long_pause(self):
        for _rng, facts, days in worlds(1, 23, zone_name="Asia/Manila"):
            zone, rules = facts.zone, RuleSet()
            instants = [zone.on(day, minute) for day in days for minute in (480, 1020)]
            everything = Known(instants, (), rules, zone)
            self.assertEqual(len(runs(everything)), 1)
            touched = touched_between(days[2], days[2], everything)
            self.assertEqual(
                (touched.first, touched.complete), (days[0] - (days[1] - days[0]), True)
            )
            limited = Known(instants, (), rules, zone, instants[0] - 1, instants[-1])
            self.assertFalse(touched_between(days[2], days[2], limited).complete)

    def test_certain_start_is_none_where_more_must_be_loaded(self):
        for _rng, facts, days in worlds(1, 24, zone_name="Asia/Manila"):
            zone, rules = facts.zone, RuleSet()
            instants = [zone.on(day, minute) for day in days for minute in (480, 1020)]
            self.assertIsNone(certain_from(Known(instants, (), rules, zone, instants[0])))
            pause = [at for at in instants if not instants[5] < at < instants[8]]
            found = certain_from(Known(pause, (), rules, zone, instants[0]))
            self.assertEqual(found, instants[8])


if __name__ == "__main__":
    unittest.main()
