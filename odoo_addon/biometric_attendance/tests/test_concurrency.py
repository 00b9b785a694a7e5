"""Simultaneous deliveries with real transactions that really commit; cleans up behind itself."""

import json
import random
import threading
import uuid
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from ..contract.wire import parse_batch
from .common import Lane

TABLES = (
    "decision",
    "sighting",
    "punch",
    "stale_day",
    "lane_head",
    "lane",
    "device_user",
    "hearing",
    "device_zone",
    "device",
    "alarm",
    "agent_token",
    "agent",
    "audit",
)
WRITERS = 8
# Odoo waits up to 2, 4, 8 and 16 s between its tries; here an eighth of that.
HASTE = 8
AGENT_POSTS = 5


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    def setUp(self):
        super().setUp()
        # The main thread of a test run holds the registry's lock; the workers need it too.
        unlocked = patch.object(Registry, "_lock", DummyRLock())
        unlocked.start()
        self.addCleanup(unlocked.stop)
        self.registry = Registry(get_db_name())
        with self.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.company = env["res.company"].create({"name": f"Concurrent {uuid.uuid4()}"})
            self.agents = (
                env["biometric.agent"]
                .create(
                    [
                        {"name": f"Branch {n}", "company_id": self.company.id, "tz": "UTC"}
                        for n in range(WRITERS)
                    ]
                )
                .ids
            )
            device = env["biometric.device"].create(
                {
                    "name": "SN1",
                    "serial": "SN1",
                    "agent_id": self.agents[0],
                    "company_id": self.company.id,
                }
            )
            device.action_approve()
            # All of them hear it on purpose.
            hearings = env["biometric.hearing"]
            for agent in env["biometric.agent"].browse(self.agents[1:]):
                hearings._note(agent, device.ids)
            hearings.search([("device_id", "=", device.id)]).action_both()
            self.company_id = self.company.id
        self.addCleanup(self.clean)

    def cursor(self):
        return db_connect(self.registry.db_name).cursor()

    def clean(self):
        with self.cursor() as cr:
            cr.execute("SET LOCAL biometric.allow_change = 'on'")
            for table in TABLES:
                cr.execute(
                    f"DELETE FROM biometric_{table} WHERE company_id = %s", (self.company_id,)
                )
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.company"].browse(self.company_id).active = False

    def deliver(self, agent_id, lane, rows, outcomes):
        """A batch as Odoo runs the request (own transaction, its five tries) and as an agent posts
        it: again when Odoo gave up, which the dispatcher says as a 503."""
        _batch, name, sightings = parse_batch(json.loads(json.dumps(lane.batch(*rows))))
        with self.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})

            def work():
                agent = env["biometric.agent"].browse(agent_id)
                return env["biometric.ingest"]._store_batch(agent, name, sightings)

            for _post in range(AGENT_POSTS):
                try:
                    outcomes.append(retrying(work, env))
                    return
                except OperationalError as error:
                    last = error
                except Exception as error:  # noqa: BLE001 - the test shows whatever came
                    last = error
                    break
            outcomes.append(last)

    def together(self, jobs):
        """Run deliveries at the same moment; their outcomes."""
        outcomes, start = [], threading.Barrier(len(jobs))

        def run(job):
            start.wait()
            self.deliver(*job, outcomes)

        threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
        with (
            patch(
                "odoo.service.model.random.uniform",
                lambda _low, high: random.random() * high / HASTE,
            ),
            mute_logger("odoo.sql_db", "odoo.service.model"),
        ):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(120)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
        self.assertEqual(len(outcomes), len(jobs))
        return outcomes

    def count(self, table):
        with self.cursor() as cr:
            cr.execute(
                f"SELECT count(*) FROM biometric_{table} WHERE company_id = %s", (self.company_id,)
            )
            return cr.fetchone()[0]

    def test_two_identical_batches_at_once(self):
        """R31. Red when punches are searched and created instead of ON CONFLICT, or when a
        serialization failure is swallowed."""
        for number in range(5):
            lane = Lane(f"{number:032x}")
            rows = [lane.punch(pin=f"{number}-{n}") for n in range(50)]
            outcomes = self.together([(self.agents[0], lane, rows)] * 2)
            heads = {(head["seq"], head["hash"]) for head, _verdicts in outcomes}
            self.assertEqual(heads, {(50, lane.hash)})
            stored = [
                sum(verdict["verdict"] == "stored" for verdict in verdicts)
                for _head, verdicts in outcomes
            ]
            self.assertEqual(sorted(stored), [0, 50])
        self.assertEqual(self.count("punch"), 250)
        self.assertEqual(self.count("sighting"), 250)

    def test_agents_with_overlapping_punches_at_once(self):
        """R30, R31. Eight writers of 500 punches each, out of the same 800. Red when keys are
        inserted unsorted (deadlocks), twice, or searched and created (a whole batch is lost)."""
        everything = [f"p{n}" for n in range(800)]
        sent = set()
        for number in range(2):
            jobs = []
            for index, agent_id in enumerate(self.agents):
                lane = Lane(f"{number:02d}{index:030x}")
                chosen = random.Random(number * 10 + index).sample(everything, 500)
                wall = f"2026-03-{number + 2:02d} 08:00:00"
                rows = [lane.punch(pin=pin, wall=wall) for pin in chosen]
                sent |= {row["key"] for row in rows}
                jobs.append((agent_id, lane, rows))
            outcomes = self.together(jobs)
            self.assertEqual({head["seq"] for head, _verdicts in outcomes}, {500})
            words = {row["verdict"] for _head, verdicts in outcomes for row in verdicts}
            self.assertEqual(words, {"stored", "duplicate"})
        with self.cursor() as cr:
            cr.execute("SELECT key FROM biometric_punch WHERE company_id = %s", (self.company_id,))
            held = [row[0] for row in cr.fetchall()]
        self.assertEqual(len(held), len(sent))
        self.assertEqual(set(held), sent)
        self.assertEqual(self.count("sighting"), 2 * WRITERS * 500)

    def test_a_marker_never_leans_on_a_row_that_is_being_popped(self):
        """Red when stale days get a unique index and ON CONFLICT DO NOTHING."""
        with self.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            employee_id = (
                env["hr.employee"].create({"name": "Ana", "company_id": self.company_id}).id
            )
            env["biometric.stale.day"]._mark([(employee_id, "2026-03-02")])
        with self.cursor() as popper, self.cursor() as marker:
            pop = api.Environment(popper, SUPERUSER_ID, {})["biometric.stale.day"]
            mark = api.Environment(marker, SUPERUSER_ID, {})["biometric.stale.day"]
            self.assertEqual(len(pop._pop(10)), 1)
            marker.execute("SET LOCAL lock_timeout = '2s'")
            mark._mark([(employee_id, "2026-03-02")])
            marker.commit()
            popper.commit()
        with self.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.assertEqual(len(env["biometric.stale.day"]._pop(10)), 1)

    def test_two_workers_pop_different_days_and_neither_waits(self):
        """I4. Turns red when a second worker waits for the first, or computes the same day: without
        SKIP LOCKED it runs into the lock."""
        days = ["2026-03-02", "2026-03-03", "2026-03-04"]
        with self.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            employee = env["hr.employee"].create({"name": "Ana", "company_id": self.company_id})
            env["biometric.stale.day"]._mark([(employee.id, day) for day in days])
        with self.cursor() as one, self.cursor() as two:
            for cr in (one, two):
                cr.execute("SET LOCAL lock_timeout = '2s'")
            first = api.Environment(one, SUPERUSER_ID, {})["biometric.stale.day"]._pop(2)
            second = api.Environment(two, SUPERUSER_ID, {})["biometric.stale.day"]._pop(2)
            one.commit()
            two.commit()
        self.assertEqual((len(first), len(second)), (2, 1))
        self.assertEqual(sorted(str(day) for _employee, day in [*first, *second]), days)

    def test_entries_written_at_once_are_sealed_without_a_fork(self):
        """A23. Eight writers of 125 entries, a sealer beside them that commits as the cron does.
        Red when entries chain themselves, or the sealer skips what commits behind its back."""

        def write(number):
            with self.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                agent = env["biometric.agent"].browse(self.agents[number])
                for n in range(125):
                    env["biometric.audit"]._record(
                        "test.write", agent, None, {"n": n, "by": number}
                    )
                    cr.commit()

        def seal():
            with self.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                while not written.wait(0.02):
                    env["biometric.audit"]._seal(30)
                    cr.commit()
                while env["biometric.audit"]._seal(30):
                    cr.commit()

        written = threading.Event()
        sealer = threading.Thread(target=seal)
        threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
        for thread in (sealer, *threads):
            thread.start()
        for thread in threads:
            thread.join(120)
        written.set()
        sealer.join(120)
        self.assertFalse(any(thread.is_alive() for thread in (sealer, *threads)))
        with self.cursor() as cr:
            cr.execute(
                """SELECT seq, previous_hash, hash FROM biometric_audit
                    WHERE company_id = %s ORDER BY seq""",
                (self.company_id,),
            )
            rows = cr.fetchall()
        self.assertGreaterEqual(len(rows), WRITERS * 125)
        self.assertEqual([row[0] for row in rows], list(range(1, len(rows) + 1)))
        for before, after in zip(rows, rows[1:], strict=False):
            self.assertEqual(after[1], before[2])
