"""Whom an unmapped PIN fits, why, and how likely that is.

Owns the signs and their weights. A sign is no decision: a person confirms. Weights say how often a
sign alone would be right where companies give out PINs in their usual ways; two signs that agree
make the rest smaller, a name that says otherwise halves what is left.
"""

from bisect import bisect_left
from collections import defaultdict
from typing import NamedTuple

from odoo import api
from odoo.tools import SQL

from ...seams.sql_people import EMPLOYEES
from .biometric_registry import SHORT_NAME, fold

# Sign: how likely it is right by itself, of 100.
WEIGHTS = {
    "badge": 95,
    "badge_zeros": 75,
    "here": 90,
    "elsewhere": 60,
    "name": 85,
    "begins": 60,
}
# Nothing is certain before a person said so.
MOST_PERCENT = 99
# From here on a fit is called likely, where no other comes near it.
LIKELY, NEAR = 90, 10
# Shown of a PIN that fits many.
MOST_FITS = 3
# A name of fewer characters begins too many.
LEAST_NAME = 4


class Fit(NamedTuple):
    """One employee whom a PIN may mean."""

    employee_id: int
    percent: int
    reasons: tuple  # in words, the heaviest first


class DeviceUserFit:
    """Of biometric.device.user: whom it fits. Mixed into its one class."""

    __slots__ = ()

    def _fits(self):
        """`{row: [Fit]}`, best first, only people of the row's own company; at most MOST_FITS."""
        found = {}
        for company, users in self.sudo().grouped("company_id").items():
            signs = _Signs(users, company)
            found |= {user: signs.of(user) for user in users}
        return {user: found[user.sudo()] for user in self}

    @api.model
    def _is_likely(self, fits):
        """Whether the first of these stands alone and is likely."""
        if not fits or fits[0].percent < LIKELY:
            return False
        return len(fits) == 1 or fits[0].percent - fits[1].percent >= NEAR

    @api.model
    def _neighbours(self, company, pins):
        """`{pin: [(employee id, agent id, terminal's name, device id)]}`: whom these PINs mean now
        at terminals of the company; people who work there still."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                f"""SELECT u.pin, u.employee_id, d.agent_id, COALESCE(d.name, d.serial), d.id
                      FROM biometric_device_user u
                      JOIN biometric_device d ON d.id = u.device_id AND d.active
                      JOIN {EMPLOYEES} e ON e.id = u.employee_id AND e.active
                       AND e.company_id = u.company_id
                     WHERE u.company_id = %s AND u.pin = ANY(%s)
                       AND COALESCE(u.valid_to, 'infinity'::date) >= current_date - 1
                     ORDER BY d.name, d.id""",
                company.id,
                list(pins),
            )
        )
        found = defaultdict(list)
        for pin, *row in self.env.cr.fetchall():
            found[pin].append(tuple(row))
        return found


class _Signs:
    """What speaks for whom in one company."""

    def __init__(self, users, company):
        self._env = users.env
        people = users.env["hr.employee"].search([("company_id", "=", company.id)])
        self._badges, self._names = users._candidates(company)
        self._names_of = {one.id: fold(one.name) for one in people}
        self._unpadded = _only_once((badge.lstrip("0"), who) for badge, who in self._badges.items())
        self._sorted = sorted((name, who) for who, name in self._names_of.items())
        self._neighbours = users._neighbours(company, set(users.mapped("pin")))

    def of(self, user):
        """[Fit] of one row, best first."""
        signs = defaultdict(dict)
        for who, sign, reason in [*self._by_pin(user), *self._by_name(user)]:
            signs[who].setdefault(sign, reason)
        fits = [self._fit(user, who, found) for who, found in signs.items()]
        return sorted(fits, key=lambda fit: (-fit.percent, fit.employee_id))[:MOST_FITS]

    def _by_pin(self, user):
        _ = self._env._
        pin = user.pin
        if who := self._badges.get(pin):
            yield who, "badge", _("same badge number")
        elif who := pin.strip("0") and self._unpadded.get(pin.lstrip("0")):
            yield who, "badge_zeros", _("same badge number except for leading zeros")
        for who, agent, name, device in self._neighbours.get(pin, ()):
            if device == user.device_id.id:
                continue
            here = bool(agent) and agent == user.device_id.agent_id.id
            text = _("same PIN at %s of this branch", name) if here else _("same PIN at %s", name)
            yield who, "here" if here else "elsewhere", text

    def _by_name(self, user):
        _ = self._env._
        name = fold(user.device_name)
        if not name:
            return
        if who := self._names.get(name):
            yield who, "name", _("same name")
        elif (who := self._begun(name)) and len(name) >= LEAST_NAME:
            yield who, "begins", _("the name starts like this")

    def _begun(self, name):
        """The one employee whose name begins so; None for several."""
        at = bisect_left(self._sorted, (name,))
        found = [who for begun, who in self._sorted[at : at + 2] if begun.startswith(name)]
        return found[0] if len(found) == 1 else None

    def _fit(self, user, who, signs):
        order = sorted(signs, key=lambda sign: -WEIGHTS[sign])
        reasons = [signs[sign] for sign in order]
        left = 1.0
        for sign in order:
            left *= 1 - WEIGHTS[sign] / 100
        share = 1 - left
        if not {"name", "begins"} & set(order) and self._says_otherwise(user, who):
            share /= 2
            reasons.append(self._env._("but the terminal calls them “%s”", user.device_name))
        return Fit(who, min(MOST_PERCENT, round(100 * share)), tuple(reasons))

    def _says_otherwise(self, user, who):
        """Whether the terminal's name has no word, or beginning of one, of the employee's."""
        said = [word for word in fold(user.device_name).split() if len(word) > 1]
        own = self._names_of.get(who, "").split()
        return bool(said) and not any(
            word.startswith(part[:SHORT_NAME]) or part.startswith(word[:SHORT_NAME])
            for part in said
            for word in own
        )


def _only_once(pairs):
    """{key: value} of the keys that name one value."""
    found = {}
    for key, value in pairs:
        found[key] = None if found.get(key, value) != value else value
    return found
