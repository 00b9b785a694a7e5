"""How much of a worker each company's agents take, and who is therefore asked to come later.

A company that asks without a pause, be it a rush of punches one by one or an agent in a circle, may
take a part of each worker while others have agents there too. Beyond it its requests are answered
*slow down* before Odoo looks at them, because Odoo's own part of a request is the dearest one of a
refusal. Nothing is refused for good, whatever a company has paid: its agents keep what they have
and come back as they were told. An agent that takes little is served all the same, so that one that
runs in a circle costs its own company's other branches nothing.

Counted in the memory of each process, by the time that its requests took there, the database's part
included; a batch that was given a turn (biometric.backlog) is left out, it rests before it works.
Pure but for the clock that is handed in, and the gate at the end. Must not know models, states or
what is asked.
"""

import hashlib
import json
import logging
import math
import time
from contextlib import contextmanager

from odoo.tools import config

_logger = logging.getLogger(__name__)

# Seconds of each worker's time that one company may take in a second: of two workers both are then
# its own for a twenty-fifth of the time, which is what a neighbour's slowest hundredth waits for.
PART = 0.2
# Seconds of it that a company which took less has in store, and may be behind at most.
STORE = 1.0
# Part of a worker below which an agent's syncs and questions are always answered.
LITTLE = 0.03
# Seconds after which what was taken counts for a third.
MEMORY = 10.0
# Seconds after its last request that a company is a neighbour.
NEAR = 60.0
# The contract's limit of `wait_ms`.
MAX_GATHER_MS = 2000
# Seconds between two lines of the log about one company.
QUIET = 60.0
# Tokens that a process knows at most; then it begins anew.
MOST = 20_000


class Use:
    """Seconds that somebody took lately."""

    def __init__(self):
        self._sum, self._at = 0.0, -math.inf

    def add(self, seconds, now):
        self._sum, self._at = self._now(now) + seconds, now

    def rate(self, now):
        """Seconds in a second."""
        return self._now(now) / MEMORY

    def _now(self, now):
        return self._sum * math.exp((self._at - now) / MEMORY)


class Account:
    """Of one company: what it may still take, in seconds."""

    def __init__(self, now):
        self.left, self.at, self.heard = STORE, now, now
        self.punching, self.refused, self.said = set(), 0, -math.inf

    def fill(self, now):
        self.left = min(STORE, self.left + (now - self.at) * PART)
        self.at = now

    def take(self, seconds):
        self.left = max(-STORE, self.left - seconds)


class Shares:
    """Of one process, which serves one request at a time. clock: in seconds."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._forget()

    def _forget(self):
        # {token's digest: company}, {(token's digest, is it punches): Use}, {company: Account}
        self._company, self._uses, self._accounts = {}, {}, {}
        self._asking, self._began = None, 0.0

    def wait(self, who, is_punches):
        """Seconds after which a request is served; 0: now. who: its token's digest."""
        company, now = self._company.get(who), self._clock()
        if company is None:
            return 0
        account = self._filled(company, now)
        if account.left > 0 or not self._has_neighbours(company, now):
            return 0
        spared = PART / max(1, len(account.punching)) / 2 if is_punches else LITTLE
        if self._use(who, is_punches).rate(now) < spared:
            return 0
        self._say(company, account, now)
        return max(1, math.ceil(-account.left / PART))

    @staticmethod
    def _say(company, account, now):
        """The operator's log says which company is loud."""
        account.refused += 1
        if now - account.said >= QUIET:
            _logger.info(
                "Company %s of database %s takes its whole part of this worker: "
                "%s requests were asked to come later",
                company[1],
                company[0],
                account.refused,
            )
            account.refused, account.said = 0, now

    @contextmanager
    def serving(self, who, is_punches):
        """Around a request that is served."""
        self._asking, self._began = (who, is_punches), self._clock()
        try:
            yield
        finally:
            self._charge(who, is_punches)
            self._asking = None

    def is_of(self, company):
        """The request being served is a known agent's, of this company (of any database)."""
        if self._asking is None:
            return
        who, is_punches = self._asking
        if who not in self._company and len(self._company) >= MOST:
            began = self._began
            self._forget()
            self._asking, self._began = (who, is_punches), began
        self._company[who] = company
        account = self._filled(company, self._clock())
        account.heard = account.at
        if is_punches:
            account.punching.add(who)

    def leave_out(self):
        """What the request being served takes is no company's."""
        self._began = math.inf

    def gather_ms(self):
        """How long the agent being served is to gather before its next post, so that its company
        comes out with its part: 0 while half of the store is there."""
        company = self._company.get(self._asking[0]) if self._asking else None
        now = self._clock()
        if company is None or not self._has_neighbours(company, now):
            return 0
        missing = 1 - self._filled(company, now).left / (STORE / 2)
        return round(MAX_GATHER_MS * min(max(missing, 0.0), 1.0))

    def _charge(self, who, is_punches):
        company, now = self._company.get(who), self._clock()
        seconds = max(0.0, now - self._began)
        if company is not None:
            self._filled(company, now).take(seconds)
            self._use(who, is_punches).add(seconds, now)

    def _filled(self, company, now):
        account = self._accounts.setdefault(company, Account(now))
        account.fill(now)
        return account

    def _use(self, who, is_punches):
        return self._uses.setdefault((who, is_punches), Use())

    def _has_neighbours(self, company, now):
        return any(
            other != company and now - account.heard < NEAR
            for other, account in self._accounts.items()
        )


SHARES = Shares()


def is_counted():
    """Threads of one server wait for each other, so that no time is any one's own."""
    return bool(config["workers"])


def gate(application):
    """The WSGI application of the agents' routes, with its answer to who comes later."""

    def call(environ, start_response):
        if not is_counted():
            return application(environ, start_response)
        who = hashlib.sha256(environ.get("HTTP_AUTHORIZATION", "").encode()).digest()
        is_punches = environ["PATH_INFO"].endswith("/punches")
        wait = SHARES.wait(who, is_punches)
        if wait:
            return _later(start_response, wait)
        with SHARES.serving(who, is_punches):
            return application(environ, start_response)

    return call


def _later(start_response, seconds):
    """The contract's answer; the server reads what of the body is still on its way."""
    said = {"error": "slow_down", "message": "other companies are served first"}
    data = json.dumps(said).encode()
    head = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(data))),
        ("Cache-Control", "no-store"),
        ("Retry-After", str(seconds)),
    ]
    start_response("429 TOO MANY REQUESTS", head)
    return [data]
