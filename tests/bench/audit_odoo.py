"""What tests/bench/audit.ts runs inside Odoo shells, one step each: `env` and ARGUMENTS are given.

fill: ENTRIES entries of one company, sealed by the sealer. verify: one run of the verifier, with
the memory of a process that does nothing else. export: the company as a file.
"""

# ruff: noqa: F821 - env and ARGUMENTS come from the shell
import json
import resource
import time

COMPANY = "Bench of a million"


def peak_mb():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def figure(**values):
    print("FIGURE " + json.dumps(values))


def company():
    return env["res.company"].search([("name", "=", COMPANY)])


def fill(count):
    found = env["res.company"].create({"name": COMPANY})
    agent = env["biometric.agent"].create({"name": "Bench", "tz": "UTC", "company_id": found.id})
    env.cr.execute(
        """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form, actor_salt,
               content_salt, user_id, real_user_id, login, user_name, address, action, model,
               res_id, record_name, before, after, reason, self_approved)
           SELECT %s, date_trunc('milliseconds', now() AT TIME ZONE 'UTC'), (n / 3)::text, '1',
                  md5(n::text), md5(n::text || 'c'), 2, 2, 'admin', 'Mitchell Admin', '10.0.0.7',
                  'adjustment.approve', 'biometric.agent', %s, 'Ana, 2026-03-02',
                  json_build_object('state', 'requested', 'minutes', n %% 480)::text,
                  json_build_object('state', 'approved', 'minutes', n %% 480)::text,
                  'forgot to punch out, seen by the shift leader', false
             FROM generate_series(1, %s) n""",
        (found.id, agent.id, count),
    )
    began = time.perf_counter()
    while env["biometric.audit"]._seal(1000):
        env.cr.commit()
    env.cr.execute("ANALYZE biometric_audit")
    env.cr.commit()
    figure(entries=count, seal_seconds=round(time.perf_counter() - began, 1))


def verify():
    before = peak_mb()
    check = env["biometric.audit.check"]._begin(company(), "bench")
    began, used = time.perf_counter(), time.process_time()
    while check._step():
        pass
    env.cr.commit()
    figure(
        state=check.state,
        rows=check.row_count,
        odoo_seconds=round(time.perf_counter() - began, 1),
        odoo_cpu_seconds=round(time.process_time() - used, 1),
        odoo_mb_before=before,
        odoo_mb_peak=peak_mb(),
    )


def export(path):
    began = time.perf_counter()
    with open(path, "wb") as file:
        env["biometric.company.export"]._write(company(), file)
    env.cr.commit()
    figure(export_seconds=round(time.perf_counter() - began, 1), export_mb_peak=peak_mb())


STEP, *REST = ARGUMENTS
{"fill": fill, "verify": verify, "export": export}[STEP](*REST)
