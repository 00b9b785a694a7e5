"""What an incomplete day most likely lacks: one punch, how sure that is, and why.

Owns the guess and its honesty: evidence is weighed here, and what a weight is worth is learned from
days of the same people whose missing punch is known (`learn`). Must not know what is done with a
proposal; none is ever applied by itself. Times are whole minutes after the local midnight of the
day's date (a night shift ends above 1440). The same values give the same proposal, in any order.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import sqrt
from typing import Final, Literal, TypeAlias

from .values import IN, OUT, Direction, Json

# A proposal is right when the punch was made within this many minutes of it.
WITHIN = 15
# Percent from which a proposal is called likely, and below which none is made.
LIKELY = 90
LEAST = 30
# However often a guess was right before, the next one may be wrong: no more than this is ever said.
MOST = 99
# Standard errors that a share of a site's own days is said lower than it was measured.
CARE = 0.5
# A tap this close to another is the same one repeated.
APART = 10
# The nearest days of a person that are looked at, and every how many of them a day counts half.
DAYS = 40
HALF_LIFE = 8
# Minutes by which a day may differ from another and still count half as much.
ALIKE = 30
COMMON_DAYS = 20
# Colleagues that are listened to: the ones most alike that day.
MOST_NEIGHBOURS = 40
FEWEST = 3
# How much more the same weekday says, and how little a weekend says of a week (and back).
SAME_WEEKDAY = 1.5
OTHER_KIND = 0.1
# Weight of a colleague who came and went with the person, where a day of their own has 1.
BESIDE = 2.0
# Weight of nothing known, of a plan, and of a window in which the terminal was not proven whole.
DOUBT = 0.5
PLAN = 0.3
GAP = 1.5

Reason: TypeAlias = tuple[str, Mapping[str, Json]]
Level: TypeAlias = Literal["likely", "possible", "none"]
Source: TypeAlias = Literal["habit", "weekday", "neighbour", "plan"]


@dataclass(frozen=True, slots=True)
class KnownDay:
    """A day as it was punched: IN and OUT in turn, in order. Whole days have an even number."""

    day: date
    taps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """An incomplete day. `is_complete`: every terminal of that day is proven complete, or what it
    lacks was accepted as lost in `gaps`. `shift`: planned `(start, end)`."""

    person: str
    day: date
    taps: tuple[int, ...]
    is_complete: bool = True
    shift: tuple[int, int] | None = None
    gaps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One punch to add (`minute`, `direction`), or none and in `reasons` why not.

    reasons, as `(code, parameters)`: `habit` days, of · `weekday` days · `neighbours` people ·
    `plan` minute · `gap` start, end · and of none: `terminal_incomplete`, `nothing_missing`,
    `no_history` days, `unusual_shape` taps, `scattered` percent.
    """

    minute: int | None
    direction: Direction | None
    percent: int
    level: Level
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Hint:
    """One reason to think that tap number `place` was at `minute`."""

    minute: float
    weight: float
    place: int
    source: Source
    who: str


@dataclass(frozen=True, slots=True)
class _Guess:
    minute: int
    place: int
    score: float
    hints: tuple[_Hint, ...]
    looked_at: int


class Trust:
    """What a score has been worth: the share of past guesses with such a score that were right.

    An end of the day and a punch within it are judged apart: a pause lies less firmly than an end.
    `guesses`: `(score, within the day, was right)`; `before`: what is thought of a score where
    nothing of the site is known, as `BEFORE`.
    """

    # Of two exports of real terminals, the lower of the two: `(score from, share right)`. Each
    # counts as PRIOR guesses, and for all of them where a site has no days of its own yet.
    BEFORE: Final = (
        (0.0, 0.25),
        (0.3, 0.38),
        (0.45, 0.5),
        (0.6, 0.65),
        (0.7, 0.78),
        (0.8, 0.87),
        (0.9, 0.94),
    )
    PRIOR: Final = 4

    def __init__(
        self,
        guesses: Iterable[tuple[float, bool, bool]] = (),
        before: Sequence[tuple[float, float]] = BEFORE,
    ) -> None:
        self._before, known = before, list(guesses)
        self._shares = {
            within: self._learned([(score, right) for score, w, right in known if w == within])
            for within in (False, True)
        }

    def _learned(self, guesses: Iterable[tuple[float, bool]]) -> list[float]:
        scores = [score for score, _share in self._before]
        rights = [share * self.PRIOR for _score, share in self._before]
        counts = [float(self.PRIOR)] * len(scores)
        for score, is_right in guesses:
            place = bisect_right(scores, score) - 1
            counts[place] += 1
            rights[place] += is_right
        return _rising(rights, counts, self.PRIOR)

    def percent(self, score: float, within: bool) -> int:
        """What is said of a guess; between two steps it is read off the line between them."""
        return min(MOST, round(100 * self._share(score, within)))

    def _share(self, score: float, within: bool) -> float:
        shares, ends = self._shares[within], [score for score, _share in self._before[1:]]
        middles = [(a + b) / 2 for a, b in pairwise((0.0, *ends, 1.0))]
        place = bisect_right(middles, score)
        if place in (0, len(middles)):
            return shares[min(place, len(middles) - 1)]
        part = (score - middles[place - 1]) / (middles[place] - middles[place - 1])
        return shares[place - 1] + part * (shares[place] - shares[place - 1])


def _rising(rights: Sequence[float], counts: Sequence[float], prior: int) -> list[float]:
    """Shares that never fall: a higher score is never worth less. Neighbours that do are pooled.
    As far as one rests on the site's own guesses, and not on the `prior` of each step, it is said
    lower than it was measured: of a share that came out high by chance more are said to be likely
    than of one that came out low."""
    pools: list[tuple[float, float, int]] = []
    for right, count in zip(rights, counts, strict=True):
        pools.append((right, count, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            (a, b, c), (d, e, f) = pools[-2], pools[-1]
            pools[-2:] = [(a + d, b + e, c + f)]
    shares: list[float] = []
    for right, count, size in pools:
        share = right / count
        own = 1 - size * prior / count
        careful = share - CARE * own * sqrt(share * (1 - share) / count)
        shares += [max([careful, *shares[-1:]])] * size
    return shares


class Habits:
    """The whole days of the people of one site, to guess from."""

    def __init__(self, days: Mapping[str, Iterable[KnownDay]]) -> None:
        self._of = {
            person: {known.day: known.taps for known in own if len(known.taps) % 2 == 0}
            for person, own in sorted(days.items())
        }
        self._on: dict[date, list[str]] = {}
        for person, own in self._of.items():
            for day in own:
                self._on.setdefault(day, []).append(person)

    def propose(self, asked: Asked, trust: Trust) -> Proposal:
        """The likeliest punch that is missing; none where nobody can honestly say."""
        if not asked.is_complete:
            return _none("terminal_incomplete")
        if len(asked.taps) % 2 == 0:
            return _none("nothing_missing")
        guess = self._guess(asked)
        if guess is None:
            days = len(self._near(asked))
            if days < FEWEST:
                return _none("no_history", days=days)
            return _none("unusual_shape", taps=len(asked.taps))
        percent = trust.percent(guess.score, 0 < guess.place < len(asked.taps))
        if percent < LEAST:
            return _none("scattered", percent=percent)
        level: Level = "likely" if percent >= LIKELY else "possible"
        direction: Direction = OUT if guess.place % 2 else IN
        return Proposal(guess.minute, direction, percent, level, _reasons(asked, guess))

    def learn(self, most: int = 400, before: Sequence[tuple[float, float]] = Trust.BEFORE) -> Trust:
        """What scores are worth here (`guesses` with `most` of each kind)."""
        return Trust(self.guesses(most), before)

    def guesses(self, most: int) -> list[tuple[float, bool, bool]]:
        """Takes one punch away from days that are whole and looks how often the guess was right, as
        `Trust` takes it. At most so many days of which the last punch is taken, and apart from
        that so many of which a middle one is: days with a pause on record are few at many sites.
        Both are spread evenly over people and dates."""
        whole = [(day, person) for person, own in self._of.items() for day in own]
        whole.sort()
        paused = [(day, person) for day, person in whole if len(self._of[person][day]) >= 4]
        found: list[tuple[float, bool, bool]] = []
        for days, is_middle in ((whole, False), (paused, True)):
            for number, (day, person) in enumerate(days[:: max(1, -(-len(days) // most))]):
                taps = self._of[person][day]
                hidden = 1 + number % (len(taps) - 2) if is_middle else len(taps) - 1
                guess = self._guess(Asked(person, day, (*taps[:hidden], *taps[hidden + 1 :])))
                if guess:
                    within = 0 < guess.place < len(taps) - 1
                    is_right = abs(guess.minute - taps[hidden]) <= WITHIN
                    found.append((guess.score, within, is_right))
        return found

    def _near(self, asked: Asked) -> list[date]:
        """Dates of the person's other whole days, the nearest first."""
        others = [day for day in self._of.get(asked.person, ()) if day != asked.day]
        return sorted(others, key=lambda day: (abs((day - asked.day).days), day))[:DAYS]

    def _guess(self, asked: Asked) -> _Guess | None:
        near = self._near(asked)
        hints = [*self._own_hints(asked, near), *self._neighbour_hints(asked, near)]
        hints += _plan_hints(asked)
        hints = [_in_gap(hint, asked) for hint in hints]
        return _densest(hints, len(near)) if hints else None

    def _own_hints(self, asked: Asked, near: Sequence[date]) -> Iterator[_Hint]:
        own = self._of.get(asked.person, {})
        for rank, day in enumerate(near):
            weight = 0.5 ** (rank / HALF_LIFE)
            same = day.weekday() == asked.day.weekday()
            if same:
                weight *= SAME_WEEKDAY
            elif (day.weekday() >= 5) != (asked.day.weekday() >= 5):
                weight *= OTHER_KIND
            for place, likeness in _places(own[day], asked.taps):
                source: Source = "weekday" if same else "habit"
                yield _Hint(own[day][place], weight * likeness, place, source, day.isoformat())

    def _neighbour_hints(self, asked: Asked, near: Sequence[date]) -> Iterator[_Hint]:
        """Whoever came and went with this person on other days, and what they did that day: those
        whose day is most alike."""
        own, wanted = self._of.get(asked.person, {}), len(asked.taps) + 1
        common = [day for day in near if len(own[day]) == wanted][:COMMON_DAYS]
        alike: list[tuple[float, str, list[tuple[int, float]]]] = []
        for person in self._on.get(asked.day, ()):
            taps = self._of[person][asked.day]
            if person != asked.person and len(taps) == wanted and len(common) >= FEWEST:
                places = list(_places(taps, asked.taps))
                if places:
                    alike.append((-max(likeness for _p, likeness in places), person, places))
        for _rank, person, places in sorted(alike)[:MOST_NEIGHBOURS]:
            other = self._of[person]
            both = [day for day in common if len(other.get(day, ())) == wanted]
            if len(both) < FEWEST:
                continue
            for place, likeness in places:
                apart = [own[day][place] - other[day][place] for day in both]
                usual = _median(apart)
                together = sum(abs(each - usual) <= WITHIN for each in apart) / (len(apart) + 2)
                minute, weight = other[asked.day][place] + usual, BESIDE * likeness * together**2
                yield _Hint(minute, weight, place, "neighbour", person)


def _places(whole: Sequence[int], taps: Sequence[int]) -> Iterator[tuple[int, float]]:
    """Which tap of a whole day could be the missing one, and how alike the rest is (0 to 1)."""
    if len(whole) != len(taps) + 1:
        return
    for place, minute in enumerate(whole):
        if place and minute < taps[place - 1] + APART:
            continue
        if place < len(taps) and minute > taps[place] - APART:
            continue
        likeness = 1.0
        for mine, theirs in zip(taps, (*whole[:place], *whole[place + 1 :]), strict=True):
            likeness /= 1 + ((mine - theirs) / ALIKE) ** 2
        yield place, likeness


def _plan_hints(asked: Asked) -> Iterator[_Hint]:
    """A single tap near one end of the shift: the other end."""
    if asked.shift is None or len(asked.taps) != 1:
        return
    for place, here, there in ((1, 0, 1), (0, 1, 0)):
        apart = asked.taps[0] - asked.shift[here]
        if (asked.shift[there] - asked.taps[0]) * (1 if place else -1) >= APART:
            weight = PLAN / (1 + (apart / ALIKE) ** 2)
            yield _Hint(asked.shift[there], weight, place, "plan", "")


def _in_gap(hint: _Hint, asked: Asked) -> _Hint:
    if not any(start <= hint.minute < end for start, end in asked.gaps):
        return hint
    return _Hint(hint.minute, hint.weight * GAP, hint.place, hint.source, hint.who)


def _densest(hints: Sequence[_Hint], looked_at: int) -> _Guess:
    """The time around which most of the evidence lies; its score is the share of all of it."""
    by_place: dict[int, list[_Hint]] = {}
    for hint in sorted(hints, key=lambda hint: (hint.minute, hint.who, hint.source)):
        by_place.setdefault(hint.place, []).append(hint)
    best = (-1.0, 0.0, 0)
    for place, some in sorted(by_place.items()):
        weights: dict[float, float] = {}
        for hint in some:
            weights[hint.minute] = weights.get(hint.minute, 0.0) + hint.weight
        for centre in weights:
            mass = sum(
                weight * (1 - abs(minute - centre) / WITHIN)
                for minute, weight in weights.items()
                if abs(minute - centre) < WITHIN
            )
            if mass > best[0] + 1e-9:
                best = (mass, centre, place)
    _mass, centre, place = best
    inside = [hint for hint in by_place[place] if abs(hint.minute - centre) <= WITHIN]
    middle = _weighted_median(inside)
    kept = tuple(hint for hint in by_place[place] if abs(hint.minute - middle) <= WITHIN)
    score = sum(h.weight for h in kept) / (sum(h.weight for h in hints) + DOUBT)
    return _Guess(round(middle), place, score, kept, looked_at)


def _median(values: Sequence[int]) -> float:
    ordered, middle = sorted(values), len(values) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def _weighted_median(hints: Sequence[_Hint]) -> float:
    half, so_far = sum(hint.weight for hint in hints) / 2, 0.0
    for hint in hints:
        so_far += hint.weight
        if so_far >= half:
            return hint.minute
    return hints[-1].minute


def _reasons(asked: Asked, guess: _Guess) -> tuple[Reason, ...]:
    """What speaks for the guess. A hint counts when it weighs at least a tenth of the heaviest."""
    most = max(hint.weight for hint in guess.hints)
    strong = [hint for hint in guess.hints if hint.weight >= most / 10]

    def many(*sources: Source) -> int:
        return len({hint.who for hint in strong if hint.source in sources})

    reasons: list[Reason] = []
    if many("habit", "weekday"):
        reasons.append(("habit", {"days": many("habit", "weekday"), "of": guess.looked_at}))
    if many("weekday"):
        reasons.append(("weekday", {"days": many("weekday")}))
    if many("neighbour"):
        reasons.append(("neighbours", {"people": many("neighbour")}))
    reasons += [("plan", {"minute": round(h.minute)}) for h in guess.hints if h.source == "plan"]
    reasons += [
        ("gap", {"start": start, "end": end})
        for start, end in asked.gaps
        if start <= guess.minute < end
    ]
    return tuple(reasons)


def _none(code: str, **parameters: Json) -> Proposal:
    return Proposal(None, None, 0, "none", ((code, parameters),))
