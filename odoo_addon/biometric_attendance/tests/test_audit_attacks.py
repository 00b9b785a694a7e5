"""A12 to A18: nineteen kinds of attack on three ledgers, each found in Odoo and on the export."""

from odoo.fields import Datetime
from odoo.tests import tagged

from ..models.audit.biometric_audit import ACTOR, CLEAR, CONTENT
from ..verifier import verify
from .common import digest
from .test_audit_chain import ENTRIES, LEDGERS, ChainCase


class AttackCase(ChainCase):
    """How an attack is run and undone, and what the owner of the tables can do to a row."""

    def found(self, name, witnesses=()):
        """The attack is seen by both verifiers."""
        inside, outside = self.inside(), self.outside(witnesses)
        self.assertTrue(inside or witnesses, f"{name}: nothing found in Odoo")
        self.assertTrue(outside, f"{name}: nothing found on the export")
        return {*inside, *outside}

    def each(self, attacks):
        """Run every attack from the same beginning. attacks: {name: [statements]}."""
        for name, statements in attacks.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                try:
                    self.attack(*statements)
                    self.found(name)
                finally:
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()

    def told(self, code, statements):
        """{where: [(place, text)]} of what both verifiers find of one kind after an attack, which
        is undone."""
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.attack(*statements)
            self.inside()
            found = self.env["biometric.audit.finding"].search(
                [("company_id", "=", self.company.id), ("code", "=", code)]
            )
            told = {
                "in Odoo": [(one.place, one.text) for one in found],
                "on the export": [
                    (row["place"], row["text"])
                    for row in verify.verify(verify.Export(self.packed()), ()).rows
                    if row["code"] == code
                ],
            }
            savepoint.close(rollback=True)
        self.env.invalidate_all()
        return told

    def columns(self, table):
        self.env.cr.execute(
            """SELECT column_name, data_type FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = %s ORDER BY 1""",
            (table,),
        )
        return self.env.cr.fetchall()

    def _copy(self, ledger, row_id, **other):
        columns = [name for name, _kind in self.columns(f"biometric_{ledger}") if name != "id"]
        values = ", ".join(str(other.get(name, f'"{name}"')) for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        return (
            f"INSERT INTO biometric_{ledger} ({names}) "
            f"SELECT {values} FROM biometric_{ledger} WHERE id = {row_id}"
        )

    def row_id(self, table):
        where = {
            "biometric_audit": "action = 'test.change'",
            "biometric_punch": "TRUE",
            "biometric_sighting": "kind = 'punch'",
        }[table]
        self.env.cr.execute(
            f"SELECT id FROM {table} WHERE company_id = %s AND {where} "
            "ORDER BY id OFFSET 5 LIMIT 1",
            (self.company.id,),
        )
        return self.env.cr.fetchone()[0]

    def other_value(self, table, column, kind):
        """SQL of another value that the column's own constraints allow."""
        special = {
            "company_id": str(self.env.ref("base.main_company").id),
            "device_id": str(self.other_device.id),
            "lane_id": f"(SELECT id FROM biometric_lane WHERE id <> {table}.lane_id LIMIT 1)",
            "punch_id": f"(SELECT min(id) FROM biometric_punch WHERE id <> {table}.punch_id)",
            "id": "id + 1000000",
            "seq": "seq + 1000",
            "kind": "'reject'",
            "channel": "'file'",
            "clock": "'unsure'",
        }
        if column == "id" and table != "biometric_audit":
            # A sighting's name is its lane and number; a punch's id is held by a foreign key.
            return None
        if column in special:
            return special[column]
        if kind == "boolean":
            return f"NOT COALESCE({column}, false)"
        if kind in ("integer", "bigint", "numeric", "double precision"):
            return f"COALESCE({column}, 0) + 1"
        if kind == "date":
            return f"{column} + 1"
        if kind.startswith("timestamp"):
            return f"{column} + interval '1 second'"
        return (
            f"CASE left({column}, 1) WHEN '1' THEN '2' ELSE '1' END "
            f"|| substr(COALESCE({column}, ''), 2)"
        )


@tagged("post_install", "-at_install")
class TestAuditAttacks(AttackCase):
    def test_every_column_of_every_ledger(self):
        """A12. Red when one column leaves the form that is sealed or the checks of a row."""
        other, _token = self.make_agent("Other", company=self.company)
        self.env["biometric.lane"].create(
            {
                "company_id": self.company.id,
                "agent_id": other.id,
                "lane": "f" * 32,
                "started_at": Datetime.now(),
                "head_seq": 0,
                "head_hash": digest("v1", "lane", "f" * 32),
            }
        )
        for ledger in LEDGERS:
            table = f"biometric_{ledger}"
            row_id, attacks = self.row_id(table), {}
            for column, kind in self.columns(table):
                value = self.other_value(table, column, kind)
                if value:
                    attacks[f"{ledger}.{column}"] = [
                        f'UPDATE {table} SET "{column}" = {value} WHERE id = {row_id}'
                    ]
            self.assertGreaterEqual(len(attacks), 9)
            self.each(attacks)

    def test_kinds_of_column(self):
        """A12. Text, moment, number, digest, and NULL against empty."""
        audit, sighting = self.row_id("biometric_audit"), self.row_id("biometric_sighting")
        punch = self.row_id("biometric_punch")
        self.each(
            {
                "1 text": [f"UPDATE biometric_audit SET before = '{{}}' WHERE id = {audit}"],
                "2 moment": [
                    f"UPDATE biometric_punch SET wall_time = overlay(wall_time placing '07:59:00' "
                    f"from 12) WHERE id = {punch}"
                ],
                "3 number": [f"UPDATE biometric_audit SET res_id = res_id + 1 WHERE id = {audit}"],
                "4 digest": [
                    f"UPDATE biometric_sighting SET hash = '{'0' * 64}' WHERE id = {sighting}"
                ],
                "5 NULL and empty, audit": [
                    f"UPDATE biometric_audit SET address = '' WHERE id = {audit}",
                    f"UPDATE biometric_audit SET address = NULL WHERE id = {audit}",
                ],
                "5 NULL and empty, sighting": [
                    f"UPDATE biometric_sighting SET extra = NULL WHERE id = {sighting}"
                ],
                "5 NULL and empty, punch": [
                    f"UPDATE biometric_punch SET status = NULL WHERE id = {punch}"
                ],
            }
        )

    def ids(self, ledger):
        self.env.cr.execute(
            f"SELECT id FROM biometric_{ledger} WHERE company_id = %s "
            f"ORDER BY {'id' if ledger == 'punch' else 'seq'}",
            (self.company.id,),
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def remove(self, ledger, ids):
        """Statements that make rows go as a clever owner would: with all that points at them."""
        chosen = ", ".join(str(row_id) for row_id in ids)
        statements = []
        if ledger == "punch":
            statements.append(f"DELETE FROM biometric_sighting WHERE punch_id IN ({chosen})")
        if ledger == "sighting":
            statements += [
                f"CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT punch_id FROM biometric_sighting "
                f"WHERE id IN ({chosen})",
                f"DELETE FROM biometric_sighting WHERE id IN ({chosen})",
                "DELETE FROM biometric_punch WHERE id IN (SELECT punch_id FROM gone)",
            ]
            return statements
        return [*statements, f"DELETE FROM biometric_{ledger} WHERE id IN ({chosen})"]

    def cut_lane(self):
        """The lane row is made to agree with what is left of its numbers."""
        return """UPDATE biometric_lane l SET max_seq = h.seq, head_seq = h.seq, head_hash = h.hash
            FROM (SELECT l2.id, COALESCE(max(s.seq), 0) AS seq,
                         COALESCE((array_agg(s.hash ORDER BY s.seq DESC))[1], g.hash) AS hash
                    FROM biometric_lane l2
                    LEFT JOIN biometric_sighting s ON s.lane_id = l2.id
                    CROSS JOIN LATERAL (SELECT encode(sha256(convert_to(
                        'v1' || chr(10) || 'lane' || chr(10) || l2.lane, 'UTF8')), 'hex') AS hash) g
                   GROUP BY l2.id, g.hash) h WHERE h.id = l.id"""

    def test_holes(self):
        """A13. Kinds 6 to 8. Red when numbers are not checked to follow one another."""
        attacks = {}
        for ledger in LEDGERS:
            ids = self.ids(ledger)
            attacks[f"6 first {ledger}"] = self.remove(ledger, ids[:1])
            attacks[f"7 middle {ledger}"] = self.remove(ledger, ids[6:7])
        attacks["8 renumber audit"] = [
            *self.remove("audit", self.ids("audit")[6:7]),
            f"UPDATE biometric_audit SET seq = seq + 10000 WHERE seq > 7 "
            f"AND company_id = {self.company.id}",
            f"UPDATE biometric_audit SET seq = seq - 10001 WHERE seq > 10000 "
            f"AND company_id = {self.company.id}",
        ]
        attacks["8 renumber sighting"] = [
            *self.remove("sighting", self.ids("sighting")[6:7]),
            "UPDATE biometric_sighting SET seq = seq + 10000 WHERE seq > 7",
            "UPDATE biometric_sighting SET seq = seq - 10001 WHERE seq > 10000",
            "UPDATE biometric_lane SET head_seq = head_seq - 1, max_seq = max_seq - 1",
        ]
        punch = self.ids("punch")[6]
        attacks["8 renumber punch"] = [
            f"CREATE TEMP TABLE was ON COMMIT DROP AS SELECT id FROM biometric_sighting "
            f"WHERE punch_id = {punch}",
            f"UPDATE biometric_sighting SET punch_id = {punch + 1} WHERE punch_id = {punch}",
            f"DELETE FROM biometric_punch WHERE id = {punch}",
        ]
        self.each(attacks)

    def test_the_end(self):
        """A14. Kinds 9 to 11. Red when witnesses are not compared with the end of a ledger."""
        attacks = {}
        for ledger in LEDGERS:
            ids = self.ids(ledger)
            for name, gone in (
                ("9 last", ids[-1:]),
                ("10 last ten", ids[-10:]),
                ("11 all", ids),
            ):
                statements = self.remove(ledger, gone)
                if ledger != "audit":
                    statements.append(self.cut_lane())
                attacks[f"{name} {ledger}"] = statements
        self.each(attacks)

    def test_without_its_own_witnesses_a_mail_still_decides(self):
        """A14, A19. The witness rows go with the entries: heads kept elsewhere tell."""
        mail = self.countersign()
        last = self.ids("audit")[-1:]
        self.attack(*self.remove("audit", last), "DELETE FROM biometric_audit_witness")
        self.assertEqual(self.outside(), [], "nothing inside the export can know")
        self.assertIn("audit_cut", self.outside([mail]))

    def test_order(self):
        """A15. Kinds 12 to 14. Red when a row is judged without the one before it."""
        company, (one, two) = self.company.id, self.ids("audit")[5:7]
        lane_row = self.ids("sighting")[5:7]
        punches = self.ids("punch")[5:7]
        copy, last_number = self._copy, "(SELECT max(seq) + 1 FROM biometric_sighting)"
        self.each(
            {
                "12 swap audit": [
                    f"UPDATE biometric_audit SET seq = -seq WHERE id IN ({one}, {two})",
                    f"UPDATE biometric_audit SET seq = 1 - seq WHERE id = {one}",
                    f"UPDATE biometric_audit SET seq = -seq - 1 WHERE id = {two}",
                ],
                "12 swap sighting": [
                    f"UPDATE biometric_sighting SET seq = -seq WHERE id IN {tuple(lane_row)}",
                    f"UPDATE biometric_sighting SET seq = 1 - seq WHERE id = {lane_row[0]}",
                    f"UPDATE biometric_sighting SET seq = -seq - 1 WHERE id = {lane_row[1]}",
                ],
                "12 swap punch": [
                    f"UPDATE biometric_sighting SET punch_id = CASE punch_id "
                    f"WHEN {punches[0]} THEN {punches[1]} ELSE {punches[0]} END "
                    f"WHERE punch_id IN {tuple(punches)}",
                ],
                "13 duplicate audit": [
                    copy(
                        "audit",
                        one,
                        seq=f"(SELECT max(seq) + 1 FROM biometric_audit "
                        f"WHERE company_id = {company})",
                    ),
                ],
                "13 duplicate sighting": [
                    copy("sighting", lane_row[0], seq=last_number),
                    "UPDATE biometric_lane SET head_seq = head_seq + 1",
                ],
                "13 duplicate punch": [copy("punch", punches[0], key="repeat('e', 64)")],
                "14 backdated audit": [
                    f"UPDATE biometric_audit SET seq = seq + 10001 WHERE seq > 3 AND company_id = "
                    f"{company}",
                    copy("audit", one, seq="4"),
                    f"UPDATE biometric_audit SET seq = seq - 10000 WHERE seq > 10000 "
                    f"AND company_id = {company}",
                ],
                "14 backdated sighting": [
                    "UPDATE biometric_sighting SET seq = seq + 10001 WHERE seq > 3",
                    copy("sighting", lane_row[0], seq="4"),
                    "UPDATE biometric_sighting SET seq = seq - 10000 WHERE seq > 10000",
                    "UPDATE biometric_lane SET head_seq = head_seq + 1, max_seq = max_seq + 1",
                ],
                "14 backdated punch": [self._new_punch("2026-01-05 08:00:00")],
            }
        )

    def _new_punch(self, wall):
        """A punch that no terminal produced, with a right key."""
        key = digest("v1", "SN1", "1", wall, "0")
        return (
            "INSERT INTO biometric_punch (company_id, device_id, key, serial, pin, wall_time, "
            f"wall_date, status, stored_at) VALUES ({self.company.id}, {self.device.id}, '{key}', "
            f"'SN1', '1', '{wall}', '{wall[:10]}', '0', '{wall}')"
        )

    def test_content_taken_out_as_if_erased(self):
        """A12, A22. Red when an erasure that no entry recorded passes."""
        self.assertEqual(set(ACTOR) & set(CLEAR), set())
        audit = self.row_id("biometric_audit")
        blank = ", ".join(f"{name} = NULL" for name in (*CONTENT, "content_salt"))
        self.each(
            {
                "audit": [f"UPDATE biometric_audit SET {blank} WHERE id = {audit}"],
                "sighting": [
                    f"UPDATE biometric_sighting SET kind = 'leaf', punch_id = NULL, salt = NULL, "
                    f"verify = NULL, work_code = NULL, extra = NULL, channel = NULL, clock = NULL, "
                    f"received_at = NULL, skew_seconds = NULL, device_id = NULL "
                    f"WHERE id = {self.row_id('biometric_sighting')}",
                ],
            }
        )
        self.assertEqual(len(self.ids("punch")), ENTRIES)
