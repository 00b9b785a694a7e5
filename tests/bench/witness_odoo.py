"""In an Odoo shell: what signatures cost an ingest, and what 400 remembered heads cost a sync.

ARGUMENTS: entries of the trail. Prints one line `FIGURE JSON`; changes are rolled back.
"""

# ruff: noqa: F821 - env and ARGUMENTS come from the shell
import base64
import json
import statistics
import time

from odoo.addons.biometric_attendance.contract import chain, wire, wire_seal
from odoo.addons.biometric_attendance.tests.common import Lane, Signer

TURNS = 12
(ENTRIES,) = ARGUMENTS
signer = Signer()
agent = env["biometric.agent"].create({"name": "Bench"})
agent.write({"public_key": signer.public, "state": "active"})
lanes = {False: Lane("a" * 32), True: Lane("b" * 32)}
number = 0


def batch(lane, count):
    global number
    rows = []
    for _n in range(count):
        number += 1
        wall = f"2026-03-{number % 28 + 1:02d} {number // 3600 % 24:02d}:{number // 60 % 60:02d}"
        rows.append(lane.punch(pin=str(number), wall=f"{wall}:{number % 60:02d}"))
    return lane.batch(*rows)


def ingest(body, signed):
    """Seconds of (all time, this process's processor) for one batch as the route takes it."""
    began, used = time.perf_counter(), time.process_time()
    batch_id, name, sightings = wire.parse_batch(body)
    held = None
    if signed:
        seal = wire_seal.parse_seal(body)
        held, refusal = env["biometric.signed.batch"]._judge(agent, name, batch_id, seal)
        assert refusal is None
    env["biometric.ingest"]._store_batch(agent, name, sightings, held)
    env.flush_all()
    return time.perf_counter() - began, time.process_time() - used


figures = {}
ingest(signer.seal(batch(lanes[True], 1)), True)
for count in (1, 100, 1000):
    spent = {False: [], True: []}
    for _turn in range(TURNS):
        for signed in (False, True):
            body = batch(lanes[signed], count)
            body = json.loads(json.dumps(signer.seal(body) if signed else body))
            spent[signed].append(ingest(body, signed))
    for at, what in enumerate(("", "cpu_")):
        plain, sealed = (statistics.median(row[at] for row in spent[way]) for way in (False, True))
        figures[f"{what}ms_{count}"] = [round(plain * 1000, 2), round(sealed * 1000, 2)]
        figures[f"{what}ratio_{count}"] = round(plain / sealed, 3)

env.cr.execute("SET LOCAL biometric.allow_change = 'on'")
env.cr.execute("SELECT COALESCE(max(seq), 0) FROM biometric_audit WHERE company_id = %s", (1,))
first = env.cr.fetchone()[0]
env.cr.execute(
    """INSERT INTO biometric_audit (form, company_id, seq, happened_at, sealed_at, transaction_id,
           user_id, action, model, res_id, actor_digest, content_digest, previous_hash, hash)
       SELECT '1', 1, %s + n, now(), now(), 1, 1, 'bench', 'bench', n, md5(n::text), md5(n::text),
              md5(n::text), md5(n::text) FROM generate_series(1, %s) n""",
    (first, ENTRIES),
)
env.cr.execute("ANALYZE biometric_audit")
step = max(ENTRIES // 400, 1)
asked = [{"company_id": 1, "seq": first + 1 + n * step} for n in range(400)]
spent = []
for _turn in range(TURNS):
    began = time.perf_counter()
    answer = env["biometric.audit.witness"]._hashes(agent, asked)
    spent.append(time.perf_counter() - began)
assert sum(row["hash"] is not None for row in answer) == 400
figures |= {
    "trail": first + ENTRIES,
    "ms_400_remembered": round(statistics.median(spent) * 1000, 2),
}
text = chain.batch_text("a" * 32, "x", "y")
began = time.process_time()
for _turn in range(1000):
    base64.b64decode(signer.sign(text))
figures["cpu_ms_sign"] = round(time.process_time() - began, 3)
print("FIGURE " + json.dumps(figures))
env.cr.rollback()
