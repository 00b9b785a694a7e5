"""A64: whoever has only an export and the two pages finds what the project's verifier finds.

`tests/independent/check_export.py` was written from docs/contract.md and docs/audit.md alone. Each
kind of attack is laid before it and before the verifier; what it must find is said here, and that
both see something, or both nothing.
"""

import io
import json
import subprocess
import tempfile
import zipfile
from pathlib import Path
from unittest.mock import patch

from odoo.fields import Date
from odoo.tests import tagged

from ..verifier import kept_heads, verify
from .common import Lane, Signer, digest
from .test_audit_exceptions import ExceptionCase
from .test_audit_state import BornBefore, StateCase
from .test_contract import beside_the_checkout
from .test_day_proof import WEEK, ProofCase
from .test_fleet_carried import GOOD
from .test_verifier import BARE

ERASED = "person.erase"


class TwoVerdicts:
    """What the second script and the project's verifier say of one export; for a ChainCase."""

    def seal(self):
        while self.env["biometric.audit"]._seal(1000):
            pass

    def said(self, *heads):
        """(codes of the second script, of the project's verifier) about the company as it stands.

        heads: objects of a file for `--witness`.
        """
        self.env.invalidate_all()
        packed = self.packed()
        with tempfile.TemporaryDirectory() as folder:
            path, file = Path(folder) / "export.zip", Path(folder) / "heads.jsonl"
            path.write_bytes(packed.getvalue())
            file.write_text("".join(json.dumps(row) + "\n" for row in heads), encoding="utf-8")
            script = beside_the_checkout("independent", "check_export.py")
            command = [*BARE, str(script), str(path), "--witness", str(file)]
            run = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
            self.assertEqual((run.stderr, run.returncode == 2), ("", False), run.stdout)
            kept = list(kept_heads.read(str(file), self.company.id)) if heads else []
        lines = run.stdout.splitlines()
        found = set() if lines == ["everything fits"] else {line.split(":")[0] for line in lines}
        self.assertEqual(run.returncode, 1 if found else 0, run.stdout)
        return found, set(verify.verify(verify.Export(packed), kept).counts)

    def assertFound(self, code, heads=(), where=""):
        mine, theirs = self.said(*heads)
        self.assertIn(code, mine, where)
        self.assertIn(code, theirs, f"{where}: the verifier")

    def each_code(self, attacks):
        """{name: (code, statements or an act)} from the same beginning each."""
        for name, (code, attack) in attacks.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=False)
                try:
                    if callable(attack):
                        attack()
                        self.env.flush_all()
                    else:
                        self.attack(*attack)
                    self.assertFound(code, where=name)
                finally:
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()

    def forge(self, action, **after):
        """An entry written whole, in the right form; the sealer cannot know."""
        self.env["biometric.audit"]._record(action, self.company, None, after, company=self.company)
        self.seal()


class SecondScriptCase(TwoVerdicts, ProofCase, StateCase):
    """A company with a row of every audited model, days, a payroll file, and a second night."""

    def setUp(self):
        super().setUp()
        self.rebuild()
        self.file = self.produced()
        self.night()

    def night(self):
        self.env["biometric.audit.night"]._night(self.company, "-1 second")
        self.seal()
        return self.countersign()


@tagged("post_install", "-at_install")
class TestSecondScript(SecondScriptCase):
    def test_an_honest_export_has_no_finding(self):
        """A64. Red when the pages and an export say different things: also after ordinary acts,
        a purge, a file carried by hand and words beyond ASCII."""
        self.assertEqual(self.said(), (set(), set()))
        self.rule.name = "Señal ✓"
        self.roster.write({"shift_id": False})
        self.mapping.write({"employee_id": False})
        self.decide(self.punch, "discard")
        self.env["ir.config_parameter"].set_param("biometric_attendance.sync_seconds", False)
        self.make_device(self.agent, "SN9", tz="UTC").unlink()
        self.env.user.group_ids |= self.env.ref("biometric_attendance.group_hr_officer")
        self.env["biometric.carried"]._store(self.device, "attlog.dat", GOOD)
        self.env.flush_all()
        self.rebuild()
        self.night()
        self.assertEqual(self.said(), (set(), set()))
        self.attack(
            f"UPDATE biometric_shift SET name = 'Otherwise' WHERE id = {self.shift.id}",
            f"DELETE FROM biometric_support WHERE id = {self.row_of('biometric.support')}",
        )
        self.assertFound("state_differs")
        self.assertFound("state_death")

    def test_days_name_their_rule_set_and_their_punches(self):
        """A64. Red when the page does not suffice to tell that a day names another rule set than
        was in force, or was computed from a punch that is none, discarded or somebody else's."""
        day = f"WHERE id = {self.day().id}"
        draft = f"UPDATE biometric_rule SET state = 'draft' WHERE id = {self.rule.id}"
        self.each_code(
            {
                "another rule set": (
                    "day_rule",
                    [f"UPDATE biometric_day SET rule_name = 'Other' {day}"],
                ),
                "a rule set out of force": ("day_rule", [draft]),
            }
        )
        honest = self.packed().getvalue()
        for place, value in ((2, "f" * 16), (1, str(self.other_device.id))):
            altered = with_input(honest, place, value)
            with self.subTest(place), patch.object(self, "packed", return_value=altered):
                self.assertFound("day_punch")

    def test_a_key_is_its_agents_own(self):
        """A64. Red when the page does not say that a key is approved for one agent: another one's
        head would pass under it."""
        other, _token = self.make_agent("Other", company=self.company)
        self.env.flush_all()
        table = "UPDATE biometric_audit_witness SET agent_id"
        self.each_code({"of another": ("agent_key", [f"{table} = {other.id}"])})


def with_input(packed, place, value):
    """An export in which a value of the first punch of each case is another one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "day_case.jsonl":
                lines = [json.loads(line) for line in text.splitlines()]
                for facts in (one for line in lines for one in line["case"]["facts"]):
                    for punch in facts["punches"][:1]:
                        punch[place] = value
                text = "".join(json.dumps(line) + "\n" for line in lines).encode()
            new.writestr(name, text)
    return out


@tagged("post_install", "-at_install")
class TestSecondScriptUpgraded(BornBefore, SecondScriptCase):
    def test_an_upgraded_trail_counts_from_its_beginning(self):
        """A64. Red when the page does not say from which entry on rows are compared."""
        self.attack(
            f"UPDATE biometric_shift SET name = 'Otherwise' WHERE id = {self.shift.id}",
            f"DELETE FROM biometric_support WHERE id = {self.row_of('biometric.support')}",
        )
        self.assertFound("state_differs")
        self.assertFound("state_death")
        self.env["biometric.state"]._begin(self.company, "taken up, unproven before")
        self.seal()
        self.assertEqual(self.said(), (set(), set()))
        self.attack(f"UPDATE biometric_rule SET name = 'Silently' WHERE id = {self.rule.id}")
        self.assertFound("state_differs")


@tagged("post_install", "-at_install")
class TestSecondScriptRows(SecondScriptCase):
    def test_rows_against_the_trail(self):
        """A64. Red when the list of audited fields, the words of actions or the steps on the page
        are not those of the entries: a field, a row put in, one taken out, an entry deleted."""
        attacks = {}
        for name, field in {
            "biometric.agent": "tz",
            "biometric.decision": "reason",
            "biometric.device": "status_map",
            "biometric.device.user": "employee_id",
            "biometric.device.zone": "tz",
            "biometric.export": "total_minutes",
            "biometric.gap": "window_to",
            "biometric.roster": "shift_id",
            "biometric.rule": "parameters",
            "biometric.shift": "end",
            "biometric.support": "expires_at",
            "ir.config_parameter": "value",
            "res.company": "biometric_payroll_days",
        }.items():
            model = self.env[name]
            value = self.other(model, field)
            change = f'UPDATE {model._table} t SET "{field}" = {value}'
            attacks[name] = ("state_differs", [f"{change} WHERE t.id = {self.row_of(name)}"])
        roster = self._copy("roster", self.roster.id, date="'2026-03-09'")
        attacks["a row put in"] = ("state_birth", [roster])
        for name in ("decision", "device.user", "roster", "rule", "gap"):
            table, row_id = self.env[f"biometric.{name}"]._table, self.row_of(f"biometric.{name}")
            statement = f"DELETE FROM {table} WHERE id = {row_id}"
            attacks[f"{name} taken out"] = ("state_death", [statement])

        def unsaid():
            self.rule.write({"parameters": {"late_grace_minutes": 55}})
            self.env.flush_all()
            self.attack("DELETE FROM biometric_audit WHERE hash IS NULL")

        attacks["an act without its entry"] = ("state_differs", unsaid)
        self.each_code(attacks)

    def test_the_trail_and_its_witnesses(self):
        """A64. Red when the form of an entry, of a head, or who may sign it is not on the page."""
        one = "WHERE action = 'test.change' AND after LIKE '%12%'"
        mail = self.countersign()
        audit = "UPDATE biometric_audit SET"
        anew = f"{audit} seq = NULL, hash = NULL, previous_hash = NULL, sealed_at = NULL"
        forged, own = Signer().sign("x"), self.witness

        def rewritten():
            self.attack(
                f"{audit} reason = 'other' {one}", f"{anew} WHERE company_id = {self.company.id}"
            )
            self.seal()

        def cut():
            self.attack(
                f"DELETE FROM biometric_audit WHERE seq >= 20 AND company_id = {self.company.id}"
            )

        def stranger():
            self.witness = Signer()
            self.attack(
                "DELETE FROM biometric_lane_head",
                "DELETE FROM biometric_audit_witness",
                f"UPDATE biometric_agent SET public_key = '{self.witness.public}'",
            )
            self.sign_lane_head()
            self.countersign()
            self.witness = own

        self.each_code(
            {
                "reason": ("audit_content", [f"{audit} reason = 'other' {one}"]),
                "login": ("audit_content", [f"{audit} login = 'other' {one}"]),
                "column": ("audit_hash", [f"{audit} res_id = 99 {one}"]),
                "taken out": ("audit_number", [f"DELETE FROM biometric_audit {one}"]),
                "as if erased": (
                    "audit_erased",
                    [
                        f"{audit} before = NULL, after = NULL, reason = NULL, record_name = NULL,"
                        f" content_salt = NULL {one}"
                    ],
                ),
                "rewritten": ("audit_rewritten", rewritten),
                "cut": ("audit_cut", cut),
                "stranger": ("agent_key", stranger),
                "head of a lane": (
                    "head_signature",
                    [f"UPDATE biometric_lane_head SET signature = '{forged}'"],
                ),
                "witness": (
                    "head_signature",
                    [f"UPDATE biometric_audit_witness SET signature = '{forged}'"],
                ),
                "seal": ("audit_unsealed", [f"{audit} hash = NULL {one}"]),
                "form": ("audit_form", [f"{audit} form = '2' {one}"]),
                "no JSON": ("audit_content", [f"{audit} after = 'no JSON' {one}"]),
                "link": ("audit_link", [f"{audit} previous_hash = hash {one}"]),
                "trigger": (
                    "protection",
                    lambda: self.env.cr.execute(
                        "ALTER TABLE biometric_punch DISABLE TRIGGER biometric_punch_append_only"
                    ),
                ),
                "owner": (
                    "protection",
                    ["ALTER TABLE biometric_punch OWNER TO pg_database_owner"],
                ),
            }
        )
        self.assertEqual(self.said(mail), (set(), set()))
        self.assertFound("audit_rewritten", [{**mail, "hash": "cd" * 32}])
        self.assertFound("audit_cut", [{**mail, "seq": 900}])
        lines = self.remembered(5, 9)
        self.assertEqual(self.said(*lines), (set(), set()))
        self.assertFound("audit_rewritten", self.remembered(5, 9, hashes={9: "cd" * 32}))
        self.assertFound("audit_cut", self.remembered(5, 900, hashes={900: "cd" * 32}))
        foreign = {"company_id": self.company.id + 1, "seq": 1, "hash": "ab" * 32}
        self.assertEqual(self.said(foreign), (set(), set()))
        for rows, words in (
            ([lines[0], {**lines[1], "seq": 8}], "the key it names did not sign it"),
            ([lines[1]], "a line before it is missing"),
        ):
            with self.subTest(words), self.assertRaisesRegex(AssertionError, words):
                self.said(*rows)

    def remembered(self, *numbers, hashes=None):
        """Lines of `biometric-agent heads` about entries, signed by this agent's key."""
        self.env.cr.execute(
            "SELECT seq, hash FROM biometric_audit WHERE company_id = %s", (self.company.id,)
        )
        stand, former = {**dict(self.env.cr.fetchall()), **(hashes or {})}, ""
        lines = []
        for seq in numbers:
            row = {"company_id": self.company.id, "seq": seq, "hash": stand[seq]}
            row |= {"at": "2026-03-02T01:00:00.000Z", "former": former}
            former = self.witness.sign("v1", "remembered", *map(str, row.values()))
            lines.append(row | {"signature": former, "public_key": self.witness.public})
        return lines

    def test_punches_and_lanes(self):
        """A64. Red when a canonical form, the chain or the line of a night is not on the page."""
        punch, sighting = self.row_id("biometric_punch"), self.row_id("biometric_sighting")
        lane, sightings = "UPDATE biometric_lane SET", "UPDATE biometric_sighting SET"

        def rewritten():
            self.env.cr.execute(
                "SELECT id, leaf FROM biometric_sighting WHERE company_id = %s ORDER BY seq",
                (self.company.id,),
            )
            hashed, statements = digest("v1", "lane", self.lane.lane), []
            for row_id, leaf in self.env.cr.fetchall():
                leaf = "ab" * 32 if row_id == bare else leaf
                hashed = digest(hashed, leaf)
                values = f"leaf = '{leaf}', hash = '{hashed}'"
                statements.append(f"{sightings} {values} WHERE id = {row_id}")
            self.attack(*statements, f"{lane} head_hash = '{hashed}'")

        self.env.cr.execute("SELECT min(id) FROM biometric_sighting WHERE kind = 'leaf'")
        (bare,) = self.env.cr.fetchone()
        self.each_code(
            {
                "pin": (
                    "punch_key",
                    [f"UPDATE biometric_punch SET pin = '99' WHERE id = {punch}"],
                ),
                "stored at": (
                    "punch_night",
                    [
                        "UPDATE biometric_punch SET stored_at = stored_at + interval '1 s' "
                        f"WHERE id = {punch}"
                    ],
                ),
                "verify": (
                    "sighting_leaf",
                    [f"UPDATE biometric_sighting SET verify = '9' WHERE id = {sighting}"],
                ),
                "hash": (
                    "lane_link",
                    [f"UPDATE biometric_sighting SET hash = '{'0' * 64}' WHERE id = {sighting}"],
                ),
                "another chain": ("lane_end", [f"{lane} head_hash = '{'0' * 64}'"]),
                "a planted checkpoint": (
                    "lane_checkpoint",
                    [
                        f"{lane} checkpoint_seq = 9, checkpoint_hash = (SELECT hash FROM "
                        f"biometric_sighting WHERE seq = 9 AND company_id = {self.company.id})",
                        f"DELETE FROM biometric_sighting WHERE kind = 'leaf' AND seq <= 9 "
                        f"AND company_id = {self.company.id}",
                    ],
                ),
                "stopped": ("lane_broken", [f"{lane} broken_seq = 3"]),
                "skew": ("sighting_skew", [f"{sightings} skew_seconds = 0 WHERE id = {sighting}"]),
                "a content beside a bare leaf": (
                    "sighting_bare",
                    [f"{sightings} salt = 'a' WHERE kind = 'leaf'"],
                ),
                "called a bare leaf": (
                    "leaf_named",
                    [f"{sightings} named_reason = 'refused' WHERE id = {sighting}"],
                ),
                "date": (
                    "punch_date",
                    [f"UPDATE biometric_punch SET wall_date = wall_date + 1 WHERE id = {punch}"],
                ),
                "terminal": (
                    "punch_place",
                    [
                        f"UPDATE biometric_punch SET device_id = {self.other_device.id} "
                        f"WHERE id = {punch}"
                    ],
                ),
                "never seen": ("punch_unseen", [self._copy("punch", punch, key=f"'{'1' * 64}'")]),
                "hash of all that follow": ("lane_rewritten", rewritten),
                "a number gone": (
                    "lane_hole",
                    [f"DELETE FROM biometric_sighting WHERE id = {sighting}"],
                ),
            }
        )


@tagged("post_install", "-at_install")
class TestSecondScriptExceptions(SecondScriptCase):
    def test_exceptions_need_their_counter_entry(self):
        """A64. Red when a rule of the table of exceptions does not suffice to judge by it."""
        today = Date.today()
        leaf = "(SELECT min(id) FROM biometric_sighting WHERE kind = 'leaf')"
        named = "UPDATE biometric_sighting SET named_reason ="
        content = "punch_id device_id raw verify work_code extra channel received_at clock"
        bare = ", ".join(f"{name} = NULL" for name in f"{content} skew_seconds salt".split())

        def planted():
            digests = self.env["biometric.erased.key"]._digests(
                self.company, ["ab" * 32], make=True
            )
            self.attack(
                "INSERT INTO biometric_erased_key (company_id, digest, batch) VALUES "
                f"({self.company.id}, '{next(iter(digests))}', 'f')"
            )

        def unnamed():
            lane = Lane("a1" * 16)
            rows = lane.punch(pin="1", wall="2026-05-01 08:00:00"), lane.punch(pin="9")
            self.store(self.agent, lane, rows[0], Lane.bare(rows[1]))
            self.attack(
                f"UPDATE biometric_lane SET signed_at = started_at WHERE lane = '{lane.lane}'"
            )

        def called_erased():
            self.attack(
                "CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT id, punch_id FROM "
                f"biometric_sighting WHERE id = {self.row_id('biometric_sighting')}",
                f"UPDATE biometric_sighting SET kind = 'leaf', named_reason = 'odoo:erased', {bare}"
                " WHERE id IN (SELECT id FROM gone)",
                "DELETE FROM biometric_decision WHERE punch_id IN (SELECT punch_id FROM gone)",
                "DELETE FROM biometric_punch WHERE id IN (SELECT punch_id FROM gone)",
            )

        self.each_code(
            {
                "a planted digest": ("erased_key", planted),
                "a counted digest gone": (
                    "erased_key",
                    lambda: self.forge(ERASED, erased_keys={"b": [1, "0" * 64]}, person=7),
                ),
                "a purge too late": (
                    "purge_policy",
                    lambda: self.forge(
                        "retention.purge", before=str(Date.subtract(today, months=23))
                    ),
                ),
                "a purge of no day": ("purge_policy", lambda: self.forge("retention.purge")),
                "an erasure of no day": ("purge_policy", lambda: self.forge(ERASED, person=7)),
                "a bare leaf that nobody named": ("lane_bare", unnamed),
                "a whole one made bare": ("lane_bare", called_erased),
                "a name without a signature": (
                    "leaf_named",
                    [
                        f"{named} 'refused', named_signature = NULL, named_key = NULL "
                        f"WHERE id = {leaf}"
                    ],
                ),
                "a name by a stranger": (
                    "leaf_named",
                    [
                        f"{named} 'refused', named_signature = '{Signer().sign('x')}', "
                        f"named_key = '{self.witness.public}' WHERE id = {leaf}"
                    ],
                ),
            }
        )

    def test_absence_is_a_finding(self):
        """A64. Red when a lane without its signed head, a carried one without its upload, or a
        payroll file without its entry passes."""

        def carried():
            lines = self.env["biometric.carried"]._lines(
                self.device, "attlog.dat", b"9\t2026-03-04 08:00:00\t1\t0\t1\t0\n"
            )
            self.env["biometric.carried"].sudo()._ingest(self.device, lines)

        self.each_code(
            {
                "carried": ("lane_upload", carried),
                "a file": ("file_entry", [self._copy("export", self.file.id, name="'other'")]),
                "unsigned": (
                    "lane_unsigned",
                    [
                        "DELETE FROM biometric_lane_head",
                        "UPDATE biometric_agent SET last_seen_at = now() + interval '3 days'",
                    ],
                ),
            }
        )

    def test_payroll_files_and_days(self):
        """A64. Red when the digest of a day, or what of a file fits what, is not on the page."""
        row, files = f"WHERE id = {self.file.id}", "UPDATE biometric_export SET"
        control = "(SELECT store_fname FROM ir_attachment WHERE res_field = 'control' LIMIT 1)"
        data = "WHERE res_model = 'biometric.export' AND res_field = 'data'"
        days = f"UPDATE biometric_day SET worked_minutes = 900 WHERE id = {self.day().id}"
        self.each_code(
            {
                "bytes": (
                    "file_content",
                    [f"UPDATE ir_attachment SET store_fname = {control} {data}"],
                ),
                "digest": ("file_content", [f"{files} sha256 = repeat('0', 64) {row}"]),
                "who made it": (
                    "file_entry",
                    [f"{files} generated_by_id = 1 + generated_by_id {row}"],
                ),
                "total": ("file_control", [f"{files} total_minutes = 9 {row}"]),
                "minutes of a day": (
                    "file_day",
                    ["UPDATE biometric_export_day SET minutes = '{\"REG|regular\": 9}'"],
                ),
                "gone": (
                    "file_gone",
                    [
                        f"DELETE FROM biometric_export_day WHERE export_id = {self.file.id}",
                        f"DELETE FROM biometric_export {row}",
                    ],
                ),
                "a day": ("day_digest", [days]),
            }
        )
        self.assertEqual(self.day(WEEK[0]).worked_minutes, 480)


@tagged("post_install", "-at_install")
class TestSecondScriptPurge(TwoVerdicts, ExceptionCase):
    def test_an_honest_purge_has_no_finding(self):
        """A64. Red when what a removal names, or what stands after it, is not on the page."""
        self.company.biometric_retention_months = 2
        self.grow_old(100)
        self.assertGreater(self.purge(), 10)
        self.seal()
        self.assertEqual(self.said(), (set(), set()))
        self.each_code(
            {
                "digests gone": (
                    "erased_key",
                    [f"DELETE FROM biometric_erased_key WHERE company_id = {self.company.id}"],
                ),
                "a policy lowered beside the trail": (
                    "state_differs",
                    ["UPDATE res_company SET biometric_retention_months = 1"],
                ),
            }
        )
