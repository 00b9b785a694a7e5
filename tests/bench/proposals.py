"""How good repair proposals are, on what real terminals recorded.

    python3 tests/bench/proposals.py FOLDER [SEED]

FOLDER holds USB exports of terminals (`*.dat` or `*.dat.gz`: PIN, wall time, device number, status,
verify mode, work code; TAB). Of 500 complete days of each file the last punch is hidden, and apart
from that a middle one; neither the day it is asked for nor which punch it was is told. Prints what
the proposals and three simpler guesses make of it. What a score is worth is learned from days of
the site that are not asked for (a fifth of the days at a time), and what is thought of it before
any is known from the other files alone: no day and no file is judged by itself. The scheduled end
is the half hour at which most people of the file leave, because an export knows no schedule.
"""

import gzip
import random
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "odoo_addon/biometric_attendance"))

from engine import Facts, Punch, RuleSet, Zone, build_days, dates_between, epoch, proposals  # noqa: E402

ASKED = 500
# A fifth of the days asked for is left out of what is learned from, in turn.
PARTS = 5
# As the addon learns: days of each kind.
TRIED = 200
BANDS = ((30, 50), (50, 70), (70, 80), (80, 90), (90, 101))


def read_days(path):
    """{person: {date: taps}} of the days that are complete by the engine's own pairing."""
    zone, rules, people = Zone.named("UTC"), RuleSet.from_dict({}), {}
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    for row in text.splitlines():
        pin, wall_time = row.split("\t")[:2]
        at = epoch(datetime.fromisoformat(wall_time).replace(tzinfo=UTC))
        people.setdefault(pin.strip(), []).append(at)
    whole = {}
    for pin, instants in people.items():
        punches = tuple(Punch(at, "T", f"{at}/{n}") for n, at in enumerate(sorted(instants)))
        first, last = (datetime.fromtimestamp(f(instants), UTC).date() for f in (min, max))
        days = build_days(
            Facts(zone=zone, punches=punches), dates_between(first, last), lambda _: rules
        )
        whole[pin] = {day.work_date: taps_of(day) for day in days if day.status == "present"}
    return whole


def taps_of(day):
    """Sessions of a day as minutes after its midnight; sessions of a complete day are closed."""
    midnight = epoch(
        datetime(day.work_date.year, day.work_date.month, day.work_date.day, tzinfo=UTC)
    )
    instants = [session[end] for session in day.derivation["sessions"] for end in ("in", "out")]
    return tuple((epoch(datetime.fromisoformat(at)) - midnight) // 60 for at in instants)


def measure(name, whole, cases, by_past, before):
    found = []
    for part in range(PARTS):
        some = cases[part::PARTS]
        learning = {pin: dict(days) for pin, days in whole.items()}
        for pin, day, _hidden in some:
            del learning[pin][day]
        trust = habits_of(learning).learn(TRIED, before)
        found += propose(whole, some, by_past, trust)
    report(name, found)


def propose(whole, cases, by_past, trust):
    site, found = habits_of(whole), []
    for pin, day, hidden in cases:
        taps = whole[pin][day]
        if by_past:
            past = {p: {d: t for d, t in days.items() if d < day} for p, days in whole.items()}
            for other in whole:
                if day in whole[other] and other != pin:
                    past[other][day] = whole[other][day]
            site = habits_of(past)
        asked = proposals.Asked(pin, day, (*taps[:hidden], *taps[hidden + 1 :]))
        found.append((site.propose(asked, trust), taps[hidden]))
    return found


def before_of(sites):
    """What a score was worth at other sites: `Trust.BEFORE` without the one that is measured."""
    steps = [score for score, _share in proposals.Trust.BEFORE]
    guesses = [guess for whole in sites for guess in habits_of(whole).guesses(1000)]
    if not guesses:
        return proposals.Trust.BEFORE
    found = []
    for low, high in zip(steps, (*steps[1:], 2), strict=True):
        rights = [is_right for score, _within, is_right in guesses if low <= score < high]
        found.append((low, (sum(rights) + 1) / (len(rights) + 2)))
    return tuple(found)


def habits_of(whole):
    return proposals.Habits(
        {pin: [proposals.KnownDay(*item) for item in days.items()] for pin, days in whole.items()}
    )


def report(name, found):
    made = [(p, abs(p.minute - truth)) for p, truth in found if p.minute is not None]
    likely = [error for p, error in made if p.level == "likely"]
    none = Counter(p.reasons[0][0] for p, _truth in found if p.minute is None)
    line(name, [error for _p, error in made], len(found))
    line("  of them likely", likely, len(found))
    for low, high in BANDS:
        band = [(p.percent, e) for p, e in made if low <= p.percent < high]
        if band:
            said = mean(percent for percent, _error in band)
            right = mean(error <= proposals.WITHIN for _percent, error in band)
            print(f"    said {said:3.0f} %: {right:4.0%} within 15 minutes   ({len(band)} days)")
    print("    none:", ", ".join(f"{code} {count}" for code, count in none.most_common()) or "0")


def line(name, errors, asked):
    if not errors:
        print(f"  {name:28} nothing proposed of {asked}")
        return
    errors = sorted(errors)
    right = mean(error <= proposals.WITHIN for error in errors)
    print(
        f"  {name:28} median {median(errors):5.0f}  p90 {errors[int(len(errors) * 0.9)]:5.0f} min"
        f"  within 15: {right:4.0%}  nothing for {1 - len(errors) / asked:4.0%} of {asked}"
    )


def simpler(whole, cases):
    """The guesses to beat: all days of the person but the one asked for."""
    ends = Counter(round(t[-1] / 30) * 30 for days in whole.values() for t in days.values() if t)
    scheduled = ends.most_common(1)[0][0]
    others = [
        ([t[-1] for d, t in whole[pin].items() if d != day], whole[pin][day][hidden])
        for pin, day, hidden in cases
    ]
    line("scheduled end", [abs(scheduled - truth) for _last, truth in others], len(cases))
    for name, guess in (("person's mean", mean), ("person's median", median)):
        line(name, [abs(guess(last) - truth) for last, truth in others if last], len(cases))


def main(folder, seed=1):
    paths = sorted(p for p in Path(folder).iterdir() if ".dat" in p.suffixes)
    if not paths:
        sys.exit(f"no *.dat or *.dat.gz in {folder}: give the folder that holds terminals' exports")
    sites = {path: read_days(path) for path in paths}
    for path, whole in sites.items():
        rng = random.Random(int(seed))
        before = before_of([other for name, other in sites.items() if name != path])
        every = [(pin, day) for pin in sorted(whole) for day in sorted(whole[pin])]
        longer = [(pin, day) for pin, day in every if len(whole[pin][day]) >= 4]
        last = [(p, d, len(whole[p][d]) - 1) for p, d in rng.sample(every, min(ASKED, len(every)))]
        middle = rng.sample(longer, min(ASKED, len(longer)))
        middle = [(p, d, rng.randrange(1, len(whole[p][d]) - 1)) for p, d in middle]
        print(f"{path.name}: {len(whole)} people, {len(every)} complete days")
        simpler(whole, last)
        measure("last hidden", whole, last, False, before)
        measure("last, earlier days only", whole, last, True, before)
        measure("middle hidden", whole, middle, False, before)


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
