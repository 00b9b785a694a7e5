"""The routes, over real HTTP, with good and bad input; what an agent's token opens and what not."""

import json
import logging
import re
import time
from unittest.mock import patch

from odoo.fields import Datetime
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.agent.biometric_agent_token import TOLD
from .common import AddonCase, Lane, digest


@tagged("post_install", "-at_install")
class TestAgentApi(HttpCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)

    def assertAnswer(self, answer, status, code):
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertEqual(answer.headers["Content-Type"].split(";")[0], "application/json")
        self.assertEqual(answer.json()["error"], code)
        self.assertNotIn("Traceback", answer.text)
        self.assertFalse(answer.headers.get("Set-Cookie"))

    # ------------------------------------------------------------------ punches

    def test_a_batch_is_stored_and_receipted(self):
        lane = Lane()
        body = lane.batch(lane.punch(), lane.punch(wall="2026-03-02 17:00:00"))
        answer = self.post("punches", body, self.token)
        self.assertEqual(answer.status_code, 200, answer.text)
        receipt = answer.json()
        self.assertEqual(receipt["batch_id"], body["batch_id"])
        self.assertEqual(receipt["lane"], lane.lane)
        self.assertEqual(receipt["head"], {"seq": 2, "hash": lane.hash})
        self.assertEqual(
            receipt["verdicts"],
            [{"seq": 1, "verdict": "stored"}, {"seq": 2, "verdict": "stored"}],
        )
        self.assertRegex(receipt["server_time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertFalse(answer.headers.get("Set-Cookie"))

    def test_what_a_batch_needs_of_its_agent_comes_with_the_token(self):
        """Red when the agent is read once more, or what came with its token is not what stands."""
        self.agent.sudo().write(
            {"public_key": "a key", "batches_signed_since": "2026-03-01 10:11:12"}
        )
        stands = {name: self.agent[name] for name in TOLD} | {"company_id": self.env.company.id}
        agents, backlog = type(self.agent), type(self.env["biometric.backlog"])
        told, turn = {}, backlog._turn

        def noting(one, agent, count):
            told.update({name: agent[name] for name in TOLD} | {"company_id": agent.company_id.id})
            return turn(one, agent, count)

        lane = Lane()
        with (
            patch.object(backlog, "_turn", noting),
            patch.object(agents, "_fetch_query", autospec=True) as read,
        ):
            answer = self.post("punches", lane.batch(lane.punch()), self.token)
        self.assertEqual(answer.json()["error"], "unsigned_batch", answer.text)
        self.assertEqual(told, stands)
        self.assertFalse(read.called)

    def test_what_came_with_a_token_is_of_its_request_alone(self):
        """Red when an agent that was moved to another company, a token that has just been rotated
        or another agent that calls over the same connection is taken for what came before."""
        other, others = self.make_agent()
        company = self.env["res.company"].create({"name": "Moved to"})
        self.agent.sudo().write({"public_key": "a key"})
        backlog = type(self.env["biometric.backlog"])
        told, turn = [], backlog._turn

        def noting(one, agent, count):
            companies = agent.company_id.id, agent.env.company.id, *agent.env.companies.ids
            told.append((agent.id, agent.public_key, companies))
            return turn(one, agent, count)

        offered = self.env["biometric.agent.token"]._issue(self.agent, "offered")
        first, lane = self.env.company.id, Lane()
        with patch.object(backlog, "_turn", noting):
            for token in (self.token, others, offered):
                self.post("punches", lane.batch(lane.punch()), token)
            self.assertEqual(
                self.post("punches", lane.batch(lane.punch()), self.token).status_code, 401
            )
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE biometric_agent SET company_id = %s WHERE id = %s",
                [company.id, self.agent.id],
            )
            self.env.invalidate_all()
            self.post("punches", lane.batch(lane.punch()), offered)
        self.assertEqual(
            told,
            [
                (self.agent.id, "a key", (first,) * 3),
                (other.id, other.public_key, (first,) * 3),
                (self.agent.id, "a key", (first,) * 3),
                (self.agent.id, "a key", (company.id,) * 3),
            ],
        )

    def test_wrong_envelopes_are_refused_with_the_field(self):
        """Red when the parser lets a shape through, or answers with a page."""
        good = Lane()
        batch = good.batch(good.punch())
        cases = [
            ("version", {**batch, "version": 2}),
            ("version", {**batch, "version": True}),
            ("batch_id", {**batch, "batch_id": "x"}),
            ("lane", {**batch, "lane": "A" * 32}),
            ("sightings", {**batch, "sightings": []}),
            ("sightings", {**batch, "sightings": "x"}),
            ("sightings", {**batch, "sightings": [1]}),
            ("sightings", {**batch, "sightings": [batch["sightings"][0]] * 1001}),
            ("seq", {**batch, "sightings": [{**batch["sightings"][0], "seq": 0}]}),
            ("seq", {**batch, "sightings": [{**batch["sightings"][0], "seq": "1"}]}),
            ("seq", {**batch, "sightings": [{**batch["sightings"][0], "seq": True}]}),
            ("seq", {**batch, "sightings": [{**batch["sightings"][0], "seq": 2**60}]}),
        ]
        for field, body in cases:
            with self.subTest(field=field):
                answer = self.post("punches", body, self.token)
                self.assertAnswer(answer, 400, "bad_request")
                self.assertIn(field, answer.json()["message"])
        self.assertFalse(self.env["biometric.lane"].search([("agent_id", "=", self.agent.id)]))

    def test_bodies_that_are_not_json(self):
        for raw in (
            b" ",
            b"{",
            b"\xff\xfe",
            b"[]",
            b"1",
            b'{"version": NaN}',
            b"[" * 100000,
            b'{"version": ' + b"9" * 5000 + b"}",
        ):
            with self.subTest(raw[:20]):
                answer = self.post("punches", None, self.token, raw=raw)
                self.assertAnswer(answer, 400, "bad_request")

    def test_size_and_encoding_limits(self):
        """S27. Red when a compressed body is inflated or a large one parsed."""
        big = b'{"version": 1, "x": "' + b"x" * (1024 * 1024) + b'"}'
        self.assertAnswer(self.post("punches", None, self.token, raw=big), 413, "too_large")
        gzip = {"Content-Encoding": "gzip"}
        self.assertAnswer(
            self.post("punches", {}, self.token, headers=gzip), 415, "unsupported_encoding"
        )
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertAnswer(
            self.post("punches", {}, self.token, headers=form), 415, "unsupported_encoding"
        )

    def test_model_and_field_names_in_the_payload_mean_nothing(self):
        """S15. Red when a key of the body reaches the ORM."""
        lane = Lane()
        row = lane.punch()
        row |= {
            "company_id": 99999,
            "device_id": 1,
            "id": 5,
            "employee_id": 1,
            "model": "res.users",
        }
        body = lane.batch(row) | {"db": "other", "model": "res.users", "domain": [], "context": {}}
        answer = self.post("punches", body, self.token)
        self.assertEqual(answer.json()["verdicts"], [{"seq": 1, "verdict": "stored"}])
        punch = self.env["biometric.punch"].search([])
        self.assertEqual(punch.company_id, self.env.company)

    def test_a_bug_is_a_503_in_json_and_stores_nothing(self):
        """R36. Red when an exception becomes a page, or the transaction survives it."""
        lane = Lane()
        ingest = self.env.registry["biometric.ingest"]
        with (
            patch.object(ingest, "_after", side_effect=RuntimeError("poison")),
            mute_logger("odoo.http"),
        ):
            answer = self.post("punches", lane.batch(lane.punch()), self.token)
        self.assertAnswer(answer, 503, "unavailable")
        self.assertNotIn("poison", answer.text)
        self.assertEqual(answer.headers["Retry-After"], "10")

    def test_retries_of_odoo_are_kept_and_end_in_503(self):
        """R31. Red when the controller swallows a serialization failure."""
        lane = Lane()
        ingest = self.env.registry["biometric.ingest"]
        original, calls = ingest._after, []
        failing = "DO $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '40001'; END $$"

        def fail_once(model, *args):
            calls.append(1)
            if len(calls) == 1:
                model.env.cr.execute(failing)
            return original(model, *args)

        def fail(model, *_args):
            model.env.cr.execute(failing)

        with (
            patch.object(ingest, "_after", fail_once),
            patch("odoo.service.model.time.sleep"),
            mute_logger("odoo.service.model", "odoo.sql_db"),
        ):
            answer = self.post("punches", lane.batch(lane.punch()), self.token)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(len(calls), 2)
        calls.clear()
        with (
            patch.object(ingest, "_after", fail),
            patch("odoo.service.model.time.sleep"),
            mute_logger("odoo.service.model", "odoo.sql_db", "odoo.http"),
        ):
            answer = self.post("punches", lane.batch(lane.punch(pin="8")), self.token)
        self.assertAnswer(answer, 503, "unavailable")

    # ------------------------------------------------------------------ tokens

    def test_no_token_is_401_in_json(self):
        """S38. Red when a wrong token gets another shape than none."""
        shapes = set()
        for header in (
            None,
            "Bearer wrong",
            "Bearer " + "x" * 10000,
            "Bearer é",
            "Bearer ",
            f"Basic {self.token}",
            f"Bearer {self.token[:-1]}",
        ):
            headers = {"Authorization": header.encode()} if header else None
            for path in ("punches", "confirm", "users", "sync"):
                answer = self.post(path, {}, headers=headers)
                self.assertAnswer(answer, 401, "unauthorized")
                shapes.add(answer.text)
        self.assertEqual(len(shapes), 1)

    def test_refusals_write_nothing_and_are_cheap(self):
        """S26. Red when a wrong token costs a write or more than a read or two."""
        self.post("punches", {}, "warm-up")
        logger = logging.getLogger("odoo.sql_db")
        with patch.object(logger, "isEnabledFor", return_value=False):
            start, began = self.env.cr.sql_log_count, time.monotonic()
            for _n in range(20):
                self.post("punches", {}, "wrong")
            spent = (time.monotonic() - began) / 20
        self.assertLessEqual((self.env.cr.sql_log_count - start) / 20, 3)
        self.assertLess(spent, 0.25, "seconds a refusal, test client and fresh connection included")

    def test_s38_each_refusal_costs_the_same(self):
        """S38. Red when no token, one that is none, one that is long, one of the right form or a
        revoked one costs a query more or less than another: the time of a refusal would tell which
        it was."""
        _agent, revoked = self.make_agent("Resolved on")
        _agent.action_revoke()
        self.env.flush_all()
        costs = {}
        self.post("punches", {}, "warm-up")
        for name, header in {
            "none": None,
            "empty": "Bearer ",
            "another scheme": f"Basic {self.token}",
            "short": "Bearer wrong",
            "long": "Bearer " + "x" * 10000,
            "nearly right": f"Bearer {self.token[:-1]}",
            "revoked": f"Bearer {revoked}",
        }.items():
            start = self.env.cr.sql_log_count
            answer = self.post("punches", {}, headers={"Authorization": header} if header else None)
            self.assertAnswer(answer, 401, "unauthorized")
            costs[name] = self.env.cr.sql_log_count - start
        self.assertEqual(len(set(costs.values())), 1, costs)

    def test_s33_an_agents_token_opens_no_route_of_odoo(self):
        """S33. Red when any route of the database that asks who is there, ours included, answers an
        agent's token with anything but a refusal."""
        headers = {"Authorization": f"Bearer {self.token}"}
        call = {"model": "biometric.device", "method": "search_read", "args": [[]], "kwargs": {}}
        body = json.dumps({"jsonrpc": "2.0", "params": call}).encode()
        tried, opened = set(), []
        for rule in self.env["ir.http"].routing_map().iter_rules():
            routing = rule.endpoint.routing
            if routing["auth"] in ("none", "public", "biometric_agent"):
                continue
            path = re.sub(r"<[^>]*>", "1", rule.rule)
            method = "POST" if "POST" in (rule.methods or ("POST",)) else "GET"
            sent = dict(headers)
            if routing["type"] != "http":
                sent["Content-Type"] = "application/json"
            tried.add(path)
            with mute_logger("odoo.http", "odoo.addons.rpc.controllers.jsonrpc"):
                answer = self.url_open(
                    path,
                    data=body if method == "POST" else None,
                    headers=sent,
                    allow_redirects=False,
                )
            away = answer.headers.get("Location", "")
            refused = answer.status_code in (400, 401, 403) or (
                answer.status_code == 303 and "/web/login" in away
            )
            if not refused and "SessionExpired" not in answer.text:
                opened.append((path, method, routing["auth"], answer.status_code))
        self.assertEqual(opened, [])
        self.assertGreater(len(tried), 100)

    def test_revocation_works_on_the_next_request(self):
        """S35. Red when a revoked token is still let in."""
        lane = Lane()
        self.assertEqual(
            self.post("punches", lane.batch(lane.punch()), self.token).status_code, 200
        )
        self.agent.action_revoke()
        self.env.flush_all()
        answer = self.post("punches", lane.batch(lane.punch()), self.token)
        self.assertAnswer(answer, 401, "unauthorized")
        entry = self.env["biometric.audit"].search([("action", "=", "agent.change")], limit=1)
        self.assertIn("revoked", entry.after)

    def test_expired_and_archived_are_401(self):
        row = self.env["biometric.agent.token"].search([("agent_id", "=", self.agent.id)])
        row.expires_at = Datetime.subtract(Datetime.now(), days=1)
        self.env.flush_all()
        self.assertAnswer(self.post("sync", {"version": 1}, self.token), 401, "unauthorized")
        row.expires_at = False
        self.agent.active = False
        self.env.flush_all()
        self.assertAnswer(self.post("sync", {"version": 1}, self.token), 401, "unauthorized")

    def test_a_revoked_token_and_a_revoked_agent_are_each_refused(self):
        """S35. Red when only one of the two is asked: revoking an agent revokes both."""
        row = self.env["biometric.agent.token"].search([("agent_id", "=", self.agent.id)])
        for revoked in (row, self.agent):
            before, revoked.state = revoked.state, "revoked"
            self.env.flush_all()
            answer = self.post("sync", {"version": 1}, self.token)
            self.assertAnswer(answer, 401, "unauthorized")
            revoked.state = before
            self.env.flush_all()
        self.assertEqual(self.post("sync", {"version": 1}, self.token).status_code, 200)

    def test_a_waiting_agent_may_only_sync(self):
        self.agent.state = "waiting"
        self.env.flush_all()
        lane = Lane()
        self.assertAnswer(
            self.post("punches", lane.batch(lane.punch()), self.token), 403, "waiting"
        )
        for path in ("confirm", "users"):
            body = {"version": 1, "serial": "SN1", "complete": False, "keys": ["0" * 64]}
            self.assertAnswer(self.post(path, body, self.token), 403, "waiting")
        answer = self.post("sync", {"version": 1}, self.token)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(answer.json()["state"], "waiting")

    def test_the_token_opens_nothing_else(self):
        """S33. Red when the auth method is used on another route, or the token is an API key."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        web = self.url_open("/web", headers=headers, allow_redirects=False)
        self.assertEqual(web.status_code, 303)
        json2 = self.url_open(
            "/json/2/biometric.device/search", data=b'{"domain": []}', headers=headers
        )
        self.assertIn(json2.status_code, (401, 403))
        call = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {
                "model": "biometric.device",
                "method": "search_read",
                "args": [[]],
                "kwargs": {},
            },
        }
        rpc = self.url_open("/web/dataset/call_kw", data=json.dumps(call).encode(), headers=headers)
        self.assertIn("error", rpc.json())
        with mute_logger("odoo.http"):
            other = self.url_open("/web/content/1", headers=headers, allow_redirects=False)
        self.assertGreaterEqual(other.status_code, 300)

    def test_the_secret_is_nowhere_in_the_database(self):
        """S34. Red when a token or code is stored or logged in the clear."""
        code = self.env["biometric.pairing"]._open(self.agent)
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = 'public'
                  AND data_type IN ('text', 'character varying', 'jsonb')
                  AND (table_name LIKE 'biometric%' OR table_name IN
                       ('mail_message', 'mail_tracking_value', 'ir_logging', 'bus_bus'))"""
        )
        columns = self.env.cr.fetchall()
        self.assertGreater(len(columns), 100)
        for table, column in columns:
            for secret in (self.token, code):
                self.env.cr.execute(
                    f'SELECT 1 FROM "{table}" WHERE "{column}"::text LIKE %s', (f"%{secret}%",)
                )
                self.assertFalse(self.env.cr.fetchone(), f"{table}.{column}")

    # ------------------------------------------------------------------ confirm, users

    def test_confirm_finds_the_days_and_keys_that_differ(self):
        """R43. Red when confirm answers from anything but the table, or by what another terminal
        of the branch recorded on that day."""
        self.make_device(self.agent, "SN2")
        lane = Lane()
        rows = [
            lane.punch(pin=str(n), wall=f"2026-03-0{2 + n // 5} 08:00:0{n % 5}") for n in range(10)
        ]
        beside = lane.punch(serial="SN2", wall="2026-03-02 08:00:00")
        self.store(self.agent, lane, *rows, beside)
        keys = sorted(row["key"] for row in rows[:5])
        day = {"day": "2026-03-02", "count": 5, "digest": digest(*keys)}
        later = {"day": "2026-03-03", "count": 6, "digest": "0" * 64}
        empty = {"day": "2026-03-04", "count": 0, "digest": digest("")}
        answer = self.post(
            "confirm", {"version": 1, "serial": "SN1", "days": [day, later, empty]}, self.token
        )
        self.assertEqual(answer.json()["differs"], ["2026-03-03"])
        wrong = {"digest": digest("others")}
        for other in (wrong, {"count": 4}, {"count": 6}, {"day": "2026-03-05"}):
            asked = {"version": 1, "serial": "SN1", "days": [day | other]}
            differs = self.post("confirm", asked, self.token).json()["differs"]
            self.assertEqual(differs, [other.get("day", "2026-03-02")], other)
        missing = digest("nothing")
        answer = self.post(
            "confirm", {"version": 1, "serial": "SN1", "keys": [missing, *keys]}, self.token
        )
        self.assertEqual(answer.json()["missing"], [missing])
        answer = self.post("confirm", {"version": 1, "serial": "OTHER", "keys": keys}, self.token)
        self.assertEqual(answer.json()["missing"], keys)

    def test_confirm_tells_which_unreadable_lines_nobody_decided_about(self):
        """R42. Red when a line counts as decided that Odoo lacks, that is another terminal's, or
        about which no named person said anything: the log would be cleared over it."""
        self.make_device(self.agent, "SN2")
        lane = Lane()
        rows = [lane.reject(raw=f"line {n}") for n in range(3)]
        rows.append(lane.reject(raw="line 9", serial="SN2"))
        self.store(self.agent, lane, *rows)
        sightings = self.env["biometric.sighting"].search([("kind", "=", "reject")])
        officer = new_test_user(self.env, "decides", groups="biometric_attendance.group_hr_officer")
        decide = self.env["biometric.decision"].with_user(officer)._decide
        decide(sightings.filtered(lambda s: s.raw == "line 0"), "discard", "a test of the reader")
        decide(
            sightings.filtered(lambda s: s.raw in ("line 1", "line 9")), "release", "seen it all"
        )

        def undecided(serial, *raws):
            asked = [digest(raw) for raw in raws]
            body = {"version": 1, "serial": serial, "rejects": asked}
            said = self.post("confirm", body, self.token).json()["undecided"]
            return [raw for raw in raws if digest(raw) in said]

        self.assertEqual(
            undecided("SN1", "line 2", "line 0", "line 1", "line 9", "never sent"),
            ["line 2", "line 9", "never sent"],
        )
        self.assertEqual(undecided("SN2", "line 9", "line 0"), ["line 0"])

    def test_confirm_and_users_refuse_bad_input(self):
        cases = [
            ("confirm", {"serial": "SN1", "rejects": ["0" * 64] * 1001}),
            ("confirm", {"serial": "SN1", "rejects": [7]}),
            ("confirm", {"serial": "a b", "keys": ["0" * 64]}),
            ("confirm", {"serial": "SN1"}),
            ("confirm", {"serial": "SN1", "keys": []}),
            ("confirm", {"serial": "SN1", "keys": ["x"]}),
            ("confirm", {"serial": "SN1", "keys": ["0" * 64] * 5001}),
            (
                "confirm",
                {"serial": "SN1", "days": [{"day": "2026-02-30", "count": 1, "digest": "0" * 64}]},
            ),
            ("users", {"serial": "SN1", "users": []}),
            ("users", {"serial": "SN1", "complete": True, "users": [{"pin": ""}]}),
            ("users", {"serial": "SN1", "complete": True, "users": [], "upload": {"id": "1"}}),
            ("users", {"serial": "SN1", "complete": True, "users": [{"pin": "1"}] * 1001}),
            (
                "users",
                {
                    "serial": "SN1",
                    "complete": True,
                    "users": [{"pin": "1", "credentials": {"finger": -1}}],
                },
            ),
        ]
        for path, body in cases:
            with self.subTest(path=path, body=str(body)[:60]):
                self.assertAnswer(
                    self.post(path, {"version": 1, **body}, self.token), 400, "bad_request"
                )

    def test_users_are_kept_with_their_state(self):
        user = {
            "pin": "7",
            "name": "ANA\x07<img src=x>",
            "privilege": "0",
            "card": "",
            "group": "1",
            "has_password": True,
            "credentials": {"finger": 2, "face": 1, "palm": 0},
            "template": "never",
            "password": "never",
        }
        body = {
            "version": 1,
            "serial": "SN1",
            "complete": True,
            "users": [user, {**user, "pin": "8"}],
        }
        self.assertEqual(self.post("users", body, self.token).json()["known"], 2)
        body["users"] = [user]
        self.assertEqual(self.post("users", body, self.token).json()["known"], 1)
        rows = self.env["biometric.device.user"].search([("device_id", "=", self.device.id)])
        self.assertEqual(
            dict(zip(rows.mapped("pin"), rows.mapped("sync_state"), strict=True)),
            {"7": "on_device", "8": "gone"},
        )
        self.assertEqual(rows[0].device_name, "ANA <img src=x>")
        self.assertEqual((rows[0].fingers, rows[0].faces, rows[0].has_password), (2, 1, True))

    def test_a_long_list_of_users_is_whole_only_with_all_its_parts(self):
        """Red when a part is taken for the whole list, or a repeated part counts twice."""
        first, second = (
            [{"pin": str(pin)} for pin in pins] for pins in (range(1000), range(1000, 1200))
        )

        def post(users, upload, total=1200):
            body = {
                "version": 1,
                "serial": "SN1",
                "complete": True,
                "users": users,
                "upload": {"id": f"00000000-0000-4000-8000-00000000000{upload}", "total": total},
            }
            answer = self.post("users", body, self.token)
            self.assertEqual(answer.status_code, 200, answer.text)
            return answer.json()["known"]

        def state(pin):
            rows = self.env["biometric.device.user"].search(
                [("device_id", "=", self.device.id), ("pin", "=", pin)]
            )
            return rows.sync_state

        self.post(
            "users",
            {"version": 1, "serial": "SN1", "complete": True, "users": [{"pin": "old"}]},
            self.token,
        )
        self.assertEqual(post(first, 1), 1001)
        self.assertEqual(post(first, 1), 1001, "a part that comes again proves nothing")
        self.assertEqual(state("old"), "on_device")
        self.assertEqual(post(second, 1), 1200)
        self.assertEqual(
            (state("old"), state("7"), state("1100")), ("gone", "on_device", "on_device")
        )
        self.assertEqual(post(second[:100], 2, 1100), 1200, "another list, its first part missing")
        self.assertEqual(post(first, 2, 1100), 1100)
        self.assertEqual((state("1099"), state("1100")), ("on_device", "gone"))

    def test_nothing_is_offered_where_nobody_wants_updates(self):
        answer = self.url_open(
            "/biometric/v1/file/metadata", headers={"Authorization": f"Bearer {self.token}"}
        )
        self.assertAnswer(answer, 404, "not_found")
