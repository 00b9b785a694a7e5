"""The coverage map: terminals by days, whether everything they recorded is proven to be in Odoo.

Two readings: a page of terminals over some days, and what stands behind one cell. One act: to read
days of a terminal again, through biometric.pull. States are those of biometric.coverage, read
under the reader's own rules; this screen computes none.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...engine import wall
from ..agent.biometric_command import OPEN_STATES
from ..mixins.biometric_words import (
    clocks_words,
    day_words,
    moment_words,
    sentence,
    span_words,
    window_words,
)
from .biometric_coverage import DAYS

# Terminals on one page, and dates of it: their cells are some 2,000, which a browser draws at once.
PAGE = 60
SPAN = 31
DAY = timedelta(days=1)
MOST_RUNS = 20
# An order that ended is shown beside its day for so long.
ORDERS_SHOWN = timedelta(days=1)
STATES = ("complete", "partial", "unknown")


class BiometricCoverageMap(models.AbstractModel):
    _name = "biometric.coverage.map"
    _description = "Coverage map"

    @api.model
    def open_map(self, last=None, search="", agent=False, trouble=False, offset=0):
        """A page of terminals over SPAN days that end with the date `last` (ISO; None: today at
        the company). Terminals with most minutes not proven come first, then those that are not
        known, then by name. `agent`: only those of a branch; `trouble`: only those with a day
        that is not complete.

        `{"days": [{"date", "weekday", "number", "off", "today"}], "label", "first", "last",
        "earlier", "later": whether there are more, "counts": {state: terminal days}, "accepted":
        accepted windows, "agents": [[id, name]], "devices": [{"id", "name",
        "serial", "branch", "cells": [[state, minutes not proven, accepted windows] or None]}],
        "total", "all": terminals without `trouble`, "offset", "page"}`; a cell is None where the
        terminal was not in service."""
        self.env["biometric.coverage"].check_access("read")
        first, until, today = self._bounds(last)
        domain = self._domain(first, until, search, agent)
        ranked, counts, accepted = self._ranked(domain)
        wanted = [one for one in ranked if one["trouble"]] if trouble else ranked
        offset = max(0, min(int(offset), max(0, len(wanted) - 1) // PAGE * PAGE))
        page = wanted[offset : offset + PAGE]
        return {
            "days": [self._day(first + DAY * back, today) for back in range(SPAN)],
            "label": self._label(first, until),
            "first": str(first),
            "last": str(until),
            "earlier": first > today - timedelta(days=DAYS),
            "later": until < today,
            "counts": counts,
            "accepted": accepted,
            "agents": self._branches(),
            "devices": self._rows(page, domain, first),
            "total": len(wanted),
            "all": len(ranked),
            "offset": offset,
            "page": PAGE,
        }

    @api.model
    def open_cell(self, device, day):
        """What is behind one terminal's day.

        `{"device", "day", "name", "label", "zone", "state", "why", "punches": number or False,
        "stretch": {"first", "last", "days"}: the days around it that are not complete, without a
        break, "gaps": [{"id", "words", "window", "state", "state_words", "note", "may_accept"}],
        "runs": [{"id", "words", "result"}], "more_runs": number, "may_pull", "orders": [order]}`.
        An order is as `get_orders` says it."""
        row = self._row(device, day)
        begin, end = self._instants(row.device_id, row.day)
        zone = row.device_id._zone_now()
        gaps = self._gaps(row.device_id, begin, end)
        runs = self._runs(row, begin, end)
        shown = runs[:MOST_RUNS]
        may_pull = self.env["biometric.command"]._may_operate()
        return {
            "device": row.device_id.id,
            "day": str(row.day),
            "name": row.device_id.name or row.device_id.serial,
            "label": day_words(self.env, row.day, weekday=True),
            "zone": zone,
            "state": row.state,
            "why": self._why(row, zone),
            "punches": row.punch_count if self.env["biometric.punch"].has_access("read") else False,
            "stretch": self._stretch(row),
            "gaps": [self._gap(gap, zone) for gap in gaps],
            "runs": [{"id": run.id, "words": run.story, "result": run.result} for run in shown],
            "more_runs": len(runs) - len(shown),
            "may_pull": may_pull and row.device_id.state == "active" and bool(row.agent_id),
            "orders": self._orders(row.device_id, row.day),
        }

    @api.model
    def pull(self, device, first, last):
        """Have the terminal read again from `first` to `last` (dates of its own clock). HR officers
        and biometric administrators. Answers the orders, as `get_orders`."""
        self.env["biometric.command"]._check_operator()
        row = self._row(device, first)
        if str(last) != str(first):
            self._row(device, last)
        self.env["biometric.pull"]._give_window(
            row.device_id, f"{row.day} 00:00:00", f"{fields.Date.to_date(last)} 23:59:59"
        )
        row.device_id.watch()
        return self._orders(row.device_id, row.day)

    @api.model
    def get_orders(self, device, day):
        """Orders of the last day that read this date again: `[{"id", "window", "state": in
        words, "is_open", "numbers", "share": 0 to 100 or False, "message"}]`, the newest first; []
        for whom orders are not."""
        row = self._row(device, day)
        orders = self._orders(row.device_id, row.day)
        if any(order["is_open"] for order in orders):
            row.device_id.watch()
        return orders

    # ------------------------------------------------------------------ the map

    @api.model
    def _bounds(self, last):
        """(first date, last date, today): SPAN days within what coverage lists."""
        today = self.env.company._biometric_today()
        until = min(fields.Date.to_date(last) or today, today)
        until = max(until, today - timedelta(days=DAYS - SPAN + 1))
        return until - DAY * (SPAN - 1), until, today

    @api.model
    def _domain(self, first, until, search, agent):
        domain = Domain("day", ">=", first) & Domain("day", "<=", until)
        if agent:
            domain &= Domain("agent_id", "=", int(agent))
        if search and search.strip():
            word = search.strip()
            domain &= Domain.OR(
                Domain(f"device_id.{name}", "ilike", word) for name in ("name", "serial", "place")
            )
        return domain

    @api.model
    def _ranked(self, domain):
        """([{"device", "trouble"}] in the order they are shown, {state: days}, accepted days)."""
        counts, found = dict.fromkeys(STATES, 0), {}
        accepted = 0
        groups = self.env["biometric.coverage"]._read_group(
            domain, ["device_id", "state"], ["__count", "open_minutes:sum", "accepted_count:sum"]
        )
        for device, state, count, minutes, windows in groups:
            counts[state] += count
            accepted += windows or 0
            row = found.setdefault(device, {"minutes": 0, "unknown": 0, "partial": 0})
            row["minutes"] += minutes or 0
            if state != "complete":
                row[state] += count
        order = sorted(
            found,
            key=lambda one: (
                -found[one]["minutes"],
                -found[one]["unknown"],
                (one.name or "").casefold(),
                one.id,
            ),
        )
        rows = [
            {"device": one, "trouble": found[one]["partial"] + found[one]["unknown"]}
            for one in order
        ]
        return rows, counts, accepted

    @api.model
    def _rows(self, page, domain, first):
        devices = self.env["biometric.device"].union(*(row["device"] for row in page))
        cells = {one.id: [None] * SPAN for one in devices}
        # One statement for the page; grouped by all that a cell shows, each cell is its own group.
        groups = self.env["biometric.coverage"]._read_group(
            domain & Domain("device_id", "in", devices.ids),
            ["device_id", "day:day", "state"],
            ["open_minutes:sum", "accepted_count:sum"],
        )
        for device, day, state, minutes, accepted in groups:
            cells[device.id][(day - first).days] = [state, minutes or 0, accepted or 0]
        return [
            {
                "id": row["device"].id,
                "name": row["device"].name or row["device"].serial,
                "serial": row["device"].serial,
                "branch": row["device"].sudo().agent_id.name or "",
                "cells": cells[row["device"].id],
            }
            for row in page
        ]

    @api.model
    def _branches(self):
        agents = self.env["biometric.agent"].sudo()
        found = agents.search([("company_id", "in", self.env.companies.ids)], order="name, id")
        return [[one.id, one.name or ""] for one in found]

    @api.model
    def _day(self, day, today):
        return {
            "date": str(day),
            "weekday": format_date(self.env, day, date_format="EEEEE"),
            "number": str(day.day),
            "long": day_words(self.env, day, weekday=True),
            "off": day.weekday() >= 5,
            "today": day == today,
        }

    @api.model
    def _label(self, first, until):
        return span_words(self.env, first, until)

    # ------------------------------------------------------------------ one cell

    @api.model
    def _row(self, device, day):
        """The row of coverage that is meant, as the reader sees it."""
        self.env["biometric.coverage"].check_access("read")
        row = self.env["biometric.coverage"].search(
            [("device_id", "=", int(device)), ("day", "=", fields.Date.to_date(day))], limit=1
        )
        if not row:
            raise UserError(
                self.env._(
                    "This terminal was not in service on that day, or you have no access to it."
                )
            )
        return row

    @api.model
    def _instants(self, device, day):
        """First instant of a date of the terminal, and that of the following date."""
        spans = device._spans()

        def instant(date):
            text = f"{date} 00:00:00"
            return wall.to_instant(text, wall.span_zone(spans, text))

        return instant(day), instant(day + DAY)

    @api.model
    def _gaps(self, device, begin, end):
        """Its windows that touch the day, those of its whole branch among them."""
        own = Domain("device_id", "=", device.id)
        agent = device.sudo().agent_id
        branch = Domain("device_id", "=", False) & Domain("agent_id", "=", agent.id)
        touches = Domain("window_from", "<", end) & (
            Domain("window_to", "=", False) | Domain("window_to", ">", begin)
        )
        whose = own | branch if agent else own
        return self.env["biometric.gap"].search(whose & touches, order="window_from, id", limit=50)

    @api.model
    def _gap(self, gap, zone):
        _ = self.env._

        def word(name):
            return dict(gap._fields[name]._description_selection(self.env)).get(gap[name], "")

        note = ""
        if gap.state == "accepted":
            note = _(
                "%(who)s: %(reason)s",
                who=gap.sudo().accepted_by_id.name or "",
                reason=gap.reason or "",
            )
        elif gap.state == "proven" and gap.run_id:
            note = gap.run_id.story
        elif gap.kind == "overflow":
            note = _("The terminal lost these records; reading cannot bring them back.")
        elif gap.kind == "lost":
            note = gap._lost_words()
        return {
            "id": gap.id,
            "words": word("kind"),
            "window": window_words(self.env, gap.window_from, gap.window_to, zone),
            "state": gap.state,
            "state_words": word("state"),
            "note": note,
            "may_accept": gap.state == "open"
            and bool(gap.window_to)
            and self.env.user.has_group("biometric_attendance.group_hr_officer"),
        }

    @api.model
    def _runs(self, row, begin, end):
        """Runs that went on during the day, or whose window touches it; the newest first."""
        went_on = (
            Domain("started_at", "<", end)
            & (Domain("ended_at", ">=", begin) | Domain("ended_at", "=", False))
            & Domain("started_at", ">=", begin - timedelta(days=DAYS))
        )
        read = Domain("window_from", "<=", f"{row.day} 23:59:59") & Domain(
            "window_to", ">=", f"{row.day} 00:00:00"
        )
        mine = Domain("device_id", "=", row.device_id.id)
        return self.env["biometric.run"].search(mine & (went_on | read), limit=500)

    @api.model
    def _why(self, row, zone):
        """Why the day has its state, in a sentence."""
        _ = self.env._
        if row.state == "partial":
            return _("Not confirmed, in terminal time: %s.", clocks_words(self.env, row.windows))
        if row.state == "unknown":
            until = row.device_id.proven_until
            if not until:
                return _(
                    "Nothing is confirmed for this terminal yet: there was no contact and no "
                    "read so far."
                )
            when = moment_words(self.env, until, zone)
            return _("Confirmed until %s; what it recorded since then is not known.", when)
        if row.accepted_count:
            return _("Complete; accepted by a person: %s.", clocks_words(self.env, row.windows))
        return _("Everything recorded on this day is in Odoo.")

    @api.model
    def _stretch(self, row):
        """The days around this one that are not complete, without a break between them."""
        if row.state == "complete":
            return {"first": str(row.day), "last": str(row.day), "days": 1}
        rows = self.env["biometric.coverage"].search(
            [("device_id", "=", row.device_id.id), ("state", "!=", "complete")],
            limit=DAYS + 1,
        )
        open_days = set(rows.mapped("day"))
        first = last = row.day
        while first - DAY in open_days:
            first -= DAY
        while last + DAY in open_days:
            last += DAY
        return {"first": str(first), "last": str(last), "days": (last - first).days + 1}

    # ------------------------------------------------------------------ orders

    @api.model
    def _orders(self, device, day):
        commands = self.env["biometric.command"]
        if not commands.has_access("read"):
            return []
        recent = commands.search(
            [
                ("device_id", "=", device.id),
                ("name", "=", "pull_window"),
                ("ordered_at", ">=", fields.Datetime.now() - ORDERS_SHOWN),
            ],
            limit=200,
        )
        begin, end = f"{day} 00:00:00", f"{day} 23:59:59"
        return [
            self._told(one)
            for one in recent
            if (one.arguments or {}).get("from", "") <= end
            and (one.arguments or {}).get("to", "") >= begin
        ]

    @api.model
    def _told(self, command):
        told = self.env["biometric.pull"]._told(command)
        return {
            "id": command.id,
            "is_open": command.state in OPEN_STATES,
            **told,
            "message": sentence(told["message"]),
        }
