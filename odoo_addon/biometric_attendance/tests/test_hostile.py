"""A branch that lies or floods, over real HTTP: it hurts itself only, and is answered in JSON."""

import json
import uuid
from contextlib import closing
from http.client import HTTPConnection

from odoo.tests import HttpCase, tagged
from odoo.tests.common import HOST

from .common import AddonCase, Lane, Signer
from .sync_case import T0, SyncCase, text

# What no field of the contract takes, or takes at its end: of every kind of value.
ODD = (
    None,
    True,
    -1,
    2**31,
    2**63,
    10**40,
    "",
    "x" * 5000,
    "9999-12-31T23:59:59.999Z",
    "9999-12-31 23:59:59",
    "0001-01-01 00:00:00",
    "\ud800",
    "a\tb'\";--",
    {},
    [[]],
)


def places(value, path=()):
    """Paths of every field below `value`, its own objects and lists included; of lists the first
    row of each kind."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        kinds = [str(row.get("kind") if isinstance(row, dict) else "") for row in value]
        for at, kind in enumerate(kinds):
            if kind not in kinds[:at]:
                yield from places(value[at], (*path, at))


def changed(value, path, odd):
    """A copy of `value` with `odd` at `path`."""
    head, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[head] = changed(copy[head], rest, odd) if rest else odd
    return copy


@tagged("post_install", "-at_install")
class TestHostileRoutes(HttpCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)
        cls.signer = Signer(bytes(range(32)))

    def assertJson(self, answer, status, code):
        self.assertEqual(answer.status_code, status, answer.text[:200])
        self.assertEqual(answer.headers["Content-Type"].split(";")[0], "application/json")
        self.assertEqual(answer.json()["error"], code)
        self.assertTrue(answer.json()["message"])

    def bodies(self):
        """(route, a body that it takes), every field of the contract in it."""
        lane = Lane()
        rows = [lane.punch(), lane.reject(), Lane.bare(lane.punch(pin="8"), "x")]
        host = {"name": "p", "os": "l", "arch": "a", "agent_version": "1"}
        pair = {"code": "BBBBBBBB", "public_key": self.signer.public, "signature": "x"}
        day = {"day": "2026-03-02", "count": 1, "digest": "0" * 64}
        user = {"pin": "7", "name": "A", "privilege": 0, "card": "1", "group": "1"}
        user |= {"has_password": True, "credentials": {"finger": 1, "face": 1, "palm": 1}}
        upload = {"id": str(uuid.uuid4()), "total": 1}
        return [
            ("pair", pair | {"host": host, "can": ["x"]}),
            ("confirm", {"serial": "SN1", "days": [day]}),
            ("confirm", {"serial": "SN1", "keys": ["0" * 64]}),
            ("confirm", {"serial": "SN1", "rejects": ["0" * 64]}),
            ("users", {"serial": "SN1", "complete": True, "users": [user], "upload": upload}),
            ("punches", self.signer.seal(lane.batch(*rows))),
            ("sync", self.sync_body()),
        ]

    def sync_body(self):
        at, wall = text(T0), "2026-03-02 08:00:00"
        counts = ("read", "new", "duplicate", "rejected", "device_count", "vanished")
        run = {"id": str(uuid.uuid4()), "serial": "SN1", "command_id": 3, "channel": "poll"}
        run |= dict.fromkeys(counts, 1) | {"asked_by": "plan", "message": "m"}
        run |= {"window_from": wall, "window_to": "2026-03-04 08:00:00", "outcome": "complete"}
        run |= {"holes": [{"from": wall, "to": "2026-03-03 08:00:00"}]}
        run |= {"started_at": at, "ended_at": at, "lost_from": wall, "lost_to": wall}
        told = {"serial": "SN1", "peer": "10.0.0.9", "state": "heard", "family": "att"}
        told |= {"dialect": "att", "facts": {"punches": 5, "capacity": 10}, "upload_idle": True}
        numbers = ("pending", "clock_offset_seconds", "rejects", "discarded_biometrics")
        instants = ("last_heard_at", "last_punch_at", "unbroken_since", "polled_at")
        told |= dict.fromkeys(numbers, 1) | dict.fromkeys(instants, at)
        told |= {"complete_read_at": at, "oldest_pending_at": at}
        seen = {"serial": "SN9", "peer": "10.0.0.8", "family": "att", "count": 1}
        queue = {"pending": 0, "parked": 0, "oldest_pending_at": at, "bytes": 1}
        agent = {"version": "1", "started_at": at, "uptime_seconds": 5, "clock": "ok"}
        agent |= {"clock_at": at, "host": {"name": "pi", "os": "linux", "arch": "arm64"}}
        agent |= {"queue": queue, "disk": {"free_bytes": 1, "total_bytes": 2}}
        agent |= {"errors": [{"code": "x", "message": "y", "at": at, "count": 1}]}
        progress = {"step": "reading", "done": 1, "total": 2}
        command = {"id": 5, "state": "done", "return": 0, "message": "", "progress": progress}
        head = {"company_id": self.env.company.id, "seq": 1}
        return {
            "agent": agent,
            "lane": {"id": "ab" * 16, "seq": 1, "hash": "0" * 64, "signature": ""},
            "devices": [told],
            "unknown": [seen | {"first_seen_at": at, "last_seen_at": at}],
            "runs": [run],
            "commands": [command],
            "token_confirm": False,
            "countersigned": [head | {"hash": "0" * 64, "signature": "x"}],
            "remembered": [head],
        }

    def answered(self, route, body, token):
        """(status, kind of content, text) of a POST over a bare connection: what `url_open` does
        around one costs as much as half of what Odoo does with it."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.env.cr.flush()
        self.env.cr.clear()
        with self.allow_requests():
            cookies = "; ".join(f"{name}={value}" for name, value in self.opener.cookies.items())
            line = HTTPConnection(HOST, self.http_port(), timeout=60)
            with closing(line):
                sent = json.dumps(body).encode()
                line.request("POST", f"/biometric/v1/{route}", sent, headers | {"Cookie": cookies})
                answer = line.getresponse()
                text = answer.read().decode()
        return answer.status, answer.headers.get_content_type(), text

    def test_s65_no_value_of_any_field_breaks_a_route(self):
        """S65. Red when a field's end is not checked: `clock_at` of the year 9999 was a 503."""
        tried = 0
        for route, plain in self.bodies():
            body = {"version": 1, **plain}
            token = None if route == "pair" else self.token
            for path in places(body):
                for odd in ODD:
                    status, kind, text = self.answered(route, changed(body, path, odd), token)
                    tried += 1
                    with self.subTest(route=route, path=path, odd=str(odd)[:30]):
                        self.assertLess(status, 500, text[:200])
                        self.assertEqual(kind, "application/json")
        self.assertGreater(tried, 1200)

    def test_s65_punches_of_any_time_and_text(self):
        """S65. Red when a stamp at the end of the calendar breaks what follows an ingest."""
        lane = Lane()
        rows = [
            lane.punch(wall=wall, pin=pin, received_at=at)
            for wall in ("9999-12-31 23:59:59", "0001-01-01 00:00:00", "1970-01-01 00:00:00")
            for pin in ("7", "\u0661", "a\tb", "x" * 64)
            for at in ("9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z", text(T0))
        ]
        answer = self.post("punches", lane.batch(*rows), self.token)
        self.assertEqual(answer.status_code, 200, answer.text)
        verdicts = [row["verdict"] for row in answer.json()["verdicts"]]
        self.assertEqual(len(verdicts), len(rows))
        self.assertEqual(set(verdicts[::3] + verdicts[1::3]), {"rejected"})
        self.without_commits()
        self.env["biometric.day.rebuild"]._cron_rebuild()

    def test_s66_a_clock_of_the_year_9999_is_a_400(self):
        """S66. Red when instants are taken from any year."""
        body = {"version": 1, "agent": {"clock_at": "9999-12-31T23:59:59.999Z"}}
        answer = self.post("sync", body, self.token)
        self.assertJson(answer, 400, "bad_request")
        self.assertEqual(answer.json()["message"], "clock_at: a year from 1970 to 2099 expected")

    def test_s67_what_odoo_answers_by_itself_is_json_too(self):
        """S67. Red when Odoo's own page reaches an agent: another database, method, path."""
        nowhere = {"X-Odoo-Database": "no_such_database"}
        self.opener.cookies.clear()
        self.assertJson(self.post("sync", {}, self.token, nowhere), 404, "not_found")
        self.assertJson(self.post("nothing", {}, self.token), 404, "not_found")
        self.assertJson(self.url_open("/biometric/v1/punches"), 405, "bad_request")
        answer = self.opener.put(self.base_url() + "/biometric/v1/sync", timeout=60)
        self.assertJson(answer, 405, "bad_request")
        page = self.url_open("/biometric/v2/punches")
        self.assertIn("text/html", page.headers["Content-Type"], "only the agent's own path")


@tagged("post_install", "-at_install")
class TestWaitingTerminals(SyncCase):
    def rows(self, start, count):
        return [dict(self.heard(), serial=f"F{n}") for n in range(start, start + count)]

    def waiting(self, agent=None):
        return self.env["biometric.device"].search_count(
            [("agent_id", "=", (agent or self.agent).id), ("state", "=", "waiting")]
        )

    def test_s68_an_agent_floods_its_own_list_and_no_more(self):
        """S68. Red when the bound holds for one request, or for terminals that knock alone."""
        for start in range(0, 600, 100):
            self.sync(devices=self.rows(start, 100))
        self.assertEqual(self.waiting(), 200)
        answer = self.sync(devices=[self.heard()])
        self.assertIn("SN1", [row["serial"] for row in answer["devices"]])
        lane = Lane()
        rows = [lane.punch(serial="NEW1"), lane.punch()]
        _head, verdicts = self.store(self.agent, lane, *rows)
        self.assertEqual(verdicts, ["no_room", "stored"])
        self.assertEqual(self.waiting(), 200)
        receive = self.env["biometric.device.user"]._receive
        self.assertEqual(receive(self.agent, "NEW2", [], True), 0)
        self.env["biometric.device"].search([("serial", "=", "F0")]).action_refuse()
        self.assertEqual(self.store(self.agent, lane, rows[0])[1], ["device_waiting"])

    def test_s68_an_agent_nobody_approved_shows_a_few(self):
        """S68. Red when who merely holds a code can fill the list of terminals."""
        self.agent.state = "waiting"
        for start in range(0, 300, 100):
            self.sync(devices=self.rows(start, 100), runs=[])
        self.assertEqual(self.waiting(), 20)

    def test_s68_several_agents_flood_one_company_and_no_more(self):
        """S68. Red when each agent has its own room, however many there are."""
        for number in range(7):
            self.agent, _token = self.make_agent(name=f"Branch {number}")
            for start in range(0, 200, 100):
                rows = self.rows(number * 1000 + start, 100)
                self.sync(devices=rows)
        count = self.env["biometric.device"].search_count(
            [("company_id", "=", self.env.company.id), ("state", "=", "waiting")]
        )
        self.assertEqual(count, 1000)
