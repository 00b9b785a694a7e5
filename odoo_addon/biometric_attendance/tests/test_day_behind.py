"""Days are kept while the next are computed: the same rows, all or none of them.

Each test says which change turns it red.
"""

from datetime import date
from threading import Event
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged

from ..engine import Case
from ..models.day import biometric_day_rebuild
from ..models.day.biometric_day_columns import Keeping
from ..seams.behind import Behind
from .test_day_proof import WEEK, ProofCase

PAIR = 2


@tagged("post_install", "-at_install", "biometric_day")
class TestBehind(ProofCase):
    """Ana and Ben have five days each; here one statement keeps two."""

    def setUp(self):
        super().setUp()
        few = patch.object(biometric_day_rebuild, "ROWS_PER_STATEMENT", PAIR)
        few.start()
        self.addCleanup(few.stop)
        self.whose = ([self.ana.id, self.ben.id], list(WEEK))
        self.pairs = [(one, date.fromisoformat(day)) for one in self.whose[0] for day in WEEK]

    def distrusted(self):
        """All days, as if a proof had found them wrong and somebody had emptied them."""
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE biometric_day SET inputs_digest = '', worked_minutes = 1
                WHERE employee_id = ANY(%s) AND date = ANY(%s::date[])""",
            self.whose,
        )
        self.env.invalidate_all()

    def rows(self):
        self.env.cr.execute(
            """SELECT to_jsonb(d) - 'computed_at' - 'write_date' FROM biometric_day d
                WHERE employee_id = ANY(%s) AND date = ANY(%s::date[])
             ORDER BY employee_id, date""",
            self.whose,
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def again(self):
        return self.env["biometric.day.rebuild"].sudo()._rebuild(self.pairs)

    def test_the_same_rows_whatever_one_statement_keeps(self):
        """Red when a row is left out, kept twice or written otherwise where days are kept while
        others are computed, or when the count of changed days forgets those."""
        before = self.rows()
        self.assertEqual(len(before), len(self.pairs))
        for size in (1, PAIR, 3, 5, 1_000):
            with (
                self.subTest(size),
                patch.object(biometric_day_rebuild, "ROWS_PER_STATEMENT", size),
            ):
                self.distrusted()
                self.assertEqual(self.again(), len(self.pairs))
                self.assertEqual(self.rows(), before)

    def test_nobody_asks_the_database_while_it_keeps(self):
        """Red when computing a day sends a statement: it would wait for those that keep the days
        before, and two threads would use one cursor."""
        self.distrusted()
        asked, days = [], Case.days

        def counted(case):
            asked.append(self.env.cr.sql_log_count)
            return days(case)

        with patch.object(Case, "days", counted):
            self.again()
        self.assertEqual(len(asked), 2, "Ana and Ben")
        self.assertEqual(len(set(asked)), 1, asked)

    def test_a_statement_that_fails_says_so_and_keeps_nothing(self):
        """Red when a failure in the other thread is lost, comes as another one's, or leaves days
        of before it."""
        self.distrusted()
        before = self.rows()
        with (
            self.assertRaisesRegex(psycopg2.errors.UndefinedColumn, "no_such_column"),
            self.env.cr.savepoint(),
            patch.object(Keeping, "values", lambda _self, _rows: {}),
            patch(
                "odoo.addons.biometric_attendance.models.day.biometric_day_columns._upsert",
                lambda _types: "SELECT no_such_column, %(now)s, %(user)s",
            ),
        ):
            self.again()
        self.assertEqual(self.rows(), before)

    def test_a_computation_that_fails_waits_for_what_was_begun(self):
        """Red when an error in the engine leaves a statement running on the connection: whatever
        came next, the way back to the savepoint first, would meet it."""
        self.distrusted()
        before, days, run = self.rows(), Case.days, Behind._run
        seen, order = [], []

        def broken(case):
            seen.append(case)
            if len(seen) == 2:
                raise ArithmeticError("no such day")
            return days(case)

        def late(behind, sql, values):
            # so late that whoever does not wait is back at the savepoint first
            Event().wait(0.3)
            found = run(behind, sql, values)
            order.append("kept")
            return found

        with (
            self.assertRaisesRegex(ArithmeticError, "no such day"),
            self.env.cr.savepoint(),
            patch.object(Case, "days", broken),
            patch.object(Behind, "_run", late),
        ):
            self.again()
        order.append("left")
        self.assertEqual(order, ["kept", "kept", "left"])
        self.assertEqual(self.rows(), before)

    def aside(self):
        """The same days through the job: pairs that are left, and what was set aside."""
        job = self.env["biometric.job"]._aside("days", "hr.employee")
        with self.assertLogs("odoo.addons.biometric_attendance.models.mixins.biometric_job"):
            left = self.env["biometric.day.rebuild"].sudo()._rebuild_aside(self.pairs, job)
        return left, self.env["biometric.incident"].search(
            [("kind", "=", "set_aside"), ("job", "=", "days"), ("closed_at", "=", False)]
        )

    def test_who_fails_half_way_takes_along_only_what_was_begun_of_them(self):
        """Red when days that a statement began to keep stay although their person's next ones
        cannot be computed, or when somebody else's go with them."""
        self.distrusted()
        kind = type(self.env["biometric.day.rebuild"])
        row, wrong = kind._row, self.rows()[len(WEEK) :]

        def broken(rebuild, result, **kept):
            if result.prepared.employee_id == self.ben.id and str(result.day.work_date) == WEEK[3]:
                raise ArithmeticError("no such day")
            return row(rebuild, result, **kept)

        with patch.object(kind, "_row", broken):
            left, aside = self.aside()
        self.assertEqual({one for one, _day in left}, {self.ben.id})
        self.assertEqual(aside.mapped("subject_id"), [self.ben.id])
        self.assertRegex(aside.message, "no such day")
        rows = self.rows()
        self.assertEqual(rows[len(WEEK) :], wrong, "all of Ben's as they were")
        self.assertEqual(
            {one["worked_minutes"] == 1 for one in rows[: len(WEEK)]}, {False}, "all of Ana's kept"
        )

    def test_a_transaction_that_was_quicker_is_nobodys_fault(self):
        """Red when what PostgreSQL says to the other thread comes as another error: people would be
        set aside, and their administrators told, because somebody wrote into the same day."""
        self.distrusted()
        before = self.rows()
        with (
            patch.object(Keeping, "values", lambda _self, _rows: {}),
            patch(
                "odoo.addons.biometric_attendance.models.day.biometric_day_columns._upsert",
                lambda _types: "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$",
            ),
        ):
            left, aside = self.aside()
        self.assertEqual(sorted(left), sorted(self.pairs), "their marks stay for the next turn")
        self.assertFalse(aside)
        self.assertEqual(self.rows(), before)

    def test_what_is_taken_back_around_it_is_taken_back(self):
        """Red when a statement of the other thread runs outside of the savepoint around it: what
        is taken back would stay, and be paid."""
        self.distrusted()
        before = self.rows()
        with self.assertRaisesRegex(ArithmeticError, "afterwards"), self.env.cr.savepoint():
            self.assertEqual(self.again(), len(self.pairs))
            self.assertNotEqual(self.rows(), before)
            raise ArithmeticError("afterwards")
        self.assertEqual(self.rows(), before)
