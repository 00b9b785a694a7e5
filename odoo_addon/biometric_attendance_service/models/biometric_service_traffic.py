"""How many requests each company makes of this Odoo: what a tenant costs besides what it keeps.

Counted in the memory of each process and written some minutes later, all companies in one statement
and in a transaction of its own, so that no request is dearer or fails for being counted. What a
process that dies had not written is lost: the figure says what a tenant costs, no money follows
from it. Must not know what is asked.
"""

import logging
import os
import threading
import time
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Seconds between two writes of one process.
WRITE_SECONDS = 300
KEPT_DAYS = 400
AGENTS, PEOPLE = "agent_count", "people_count"


class Tally:
    """Of one process: requests by (database, company, kind) since they were written last. clock: in
    seconds."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self.forget()

    def forget(self):
        """Begin anew: what was counted before a fork is its parent's to write."""
        self._lock, self._counts, self._written = threading.Lock(), Counter(), {}

    def count(self, database, company, kind):
        """Count one request; whether it is time to write those of this database."""
        with self._lock:
            self._counts[database, company, kind] += 1
            now = self._clock()
            return now - self._written.setdefault(database, now) >= WRITE_SECONDS

    def take(self, database):
        """`{(company, kind): requests}` of one database; they are no longer counted here."""
        with self._lock:
            mine = [key for key in self._counts if key[0] == database]
            self._written[database] = self._clock()
            return {key[1:]: self._counts.pop(key) for key in mine}

    def put_back(self, database, counts):
        """What could not be written is written with the next."""
        with self._lock:
            self._counts.update({(database, *key): count for key, count in counts.items()})


TALLY = Tally()
os.register_at_fork(after_in_child=TALLY.forget)


class BiometricServiceTraffic(models.Model):
    _name = "biometric.service.traffic"
    _description = "Requests by company and day"
    _log_access = False
    _order = "day desc, company_id"
    _rec_name = "day"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    day = fields.Date(required=True, readonly=True, help="In UTC")
    agent_count = fields.Integer("Requests of agents", readonly=True)
    people_count = fields.Integer("Requests of people", readonly=True)

    _once = models.UniqueIndex("(company_id, day)")

    @api.model
    def _note(self, company, kind):
        """Count a request of this environment's transaction."""
        cr = self.env.cr
        if TALLY.count(cr.dbname, company, kind):
            cr.postcommit.add(self._write_tally)

    @api.model
    def _write_tally(self):
        """Write what this process counted of this database."""
        registry, database = self.env.registry, self.env.cr.dbname
        counts = TALLY.take(database)
        try:
            with registry.cursor() as cr:
                self.with_env(self.env(cr=cr))._add(counts)
        except Exception:
            # Whoever asked has the answer already; the next request tries again
            _logger.warning("Requests by company could not be written", exc_info=True)
            TALLY.put_back(database, counts)

    @api.model
    def _add(self, counts):
        """Add `{(company id, kind): requests}` to today's rows, lowest company first, so that two
        processes never wait for each other; of a company that was deleted meanwhile nothing is
        kept."""
        companies = sorted({company for company, _kind in counts})
        self.env.cr.execute(
            SQL(
                """INSERT INTO biometric_service_traffic AS t
                          (company_id, day, agent_count, people_count)
                   SELECT c.id, %s, n.agents, n.people
                     FROM unnest(%s::int[], %s::int[], %s::int[]) n (company, agents, people)
                     JOIN res_company c ON c.id = n.company ORDER BY c.id
                       ON CONFLICT (company_id, day) DO UPDATE
                      SET agent_count = t.agent_count + EXCLUDED.agent_count,
                          people_count = t.people_count + EXCLUDED.people_count""",
                fields.Datetime.now().date(),
                companies,
                [counts.get((company, AGENTS), 0) for company in companies],
                [counts.get((company, PEOPLE), 0) for company in companies],
            )
        )

    @api.model
    def _totals(self, days):
        """`{company id: requests}` of the last `days` days, today's included."""
        since = fields.Date.subtract(fields.Datetime.now().date(), days=days - 1)
        rows = self.sudo()._read_group(
            [("day", ">=", since)], ["company_id"], ["agent_count:sum", "people_count:sum"]
        )
        return {company.id: agents + people for company, agents, people in rows}

    @api.autovacuum
    def _gc_old(self):
        before = fields.Date.subtract(fields.Datetime.now().date(), days=KEPT_DAYS)
        self.sudo().search([("day", "<", before)], limit=10_000).unlink()
