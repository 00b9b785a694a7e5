"""What the load programs of the benches share: a connection, percentiles, processor time.

Agents are simulated by the wire alone (docs/contract.md). Must not know what is measured.
"""

import http.client
import json
import os
from urllib.parse import urlsplit

import psycopg2


class Agent:
    """One client of a running Odoo. asked: {"url", "db"}."""

    def __init__(self, asked):
        self.db = asked["db"]
        self.connection = http.client.HTTPConnection(urlsplit(asked["url"]).netloc, timeout=60)

    def raw(self, path, token, body):
        """Bytes of the answer; whatever is not 200 raises."""
        status, _headers, data = self._ask(path, token, body)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {data[:300]!r}")
        return data

    def answer(self, path, token, body):
        """(status, headers, the answer) whatever it is."""
        status, headers, data = self._ask(f"/biometric/v1/{path}", token, body)
        return status, headers, json.loads(data)

    def _ask(self, path, token, body):
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "X-Odoo-Database": self.db,
        }
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def post(self, path, token, body):
        return json.loads(self.raw(f"/biometric/v1/{path}", token, body))


def percentile(times, share):
    """Milliseconds."""
    return round(sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000, 1)


def processes(root):
    """Ids of a process and of all below it."""
    parents = {}
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                parents[int(entry)] = int(file.read().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def cpu(pids):
    """Processor seconds these processes used so far."""
    ticks = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def ended(pid):
    """Processor seconds that the children of a process had used when they ended."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def postmaster(asked):
    """Id of the process that starts PostgreSQL's others. asked: {"dsn"}."""
    with open(f"/proc/{min(backends(asked))}/stat", encoding="ascii", errors="replace") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


def servers(asked):
    """Odoo's processes, and PostgreSQL's that serve this database. asked: {"dsn", "pid"}."""
    return processes(asked["pid"]) | backends(asked)


def backends(asked):
    """Ids of PostgreSQL's processes that serve this database now. asked: {"dsn"}."""
    with psycopg2.connect(asked["dsn"]) as connection, connection.cursor() as cr:
        cr.execute(
            """SELECT pid FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                  AND backend_type = 'client backend'"""
        )
        return {pid for (pid,) in cr.fetchall()}
