"""What tests/bench/period.ts runs inside an Odoo shell, behind the library of days_odoo.py: `env`
and EMPLOYEES are given.

A month of days is laid and computed; then its gate is looked at, the cockpit read and the period
closed: locked, its days kept, its file made.
"""

# ruff: noqa: F821 - names come from the shell and from days_odoo.py
import resource

print("| what | count | seconds | processor seconds | queries | per 1,000 | |")
print("|---|---|---|---|---|---|---|")
agent, device, people = world(EMPLOYEES, "BENCH")
for number, person in enumerate(people):
    person.barcode = f"B{number:05d}"
lay_punches(device, agent, people, FIRST, DAYS)
device.complete_until = "2026-05-01 00:00:00"
pairs = [(person, day) for person in people.ids for day in DATES]
su["biometric.day.rebuild"]._rebuild(pairs)
su["biometric.stale.day"].search([], limit=1_000_000).unlink()
env.cr.commit()
env.cr.execute("ANALYZE biometric_day")
group = su["biometric.period.group"].create({"name": "All", "anchor": str(FIRST.replace(day=2))})
month = group.period_ids.sorted("date_from")[0]
env.cr.commit()


def peak():
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MiB"


env.invalidate_all()
with Measure() as opened:
    data = su["biometric.period"].get_cockpit_data(month.id)
print(f"| the gate says | {data['gate']['open']:,} | | | | | {data['gate']['kinds'][:3]} |")
report("cockpit read", EMPLOYEES, opened, "employees")
env.invalidate_all()
with Measure() as compared:
    month.get_cockpit_check(True)
report("second reading: days compared, the file made", EMPLOYEES, compared, "employees")
env.invalidate_all()
with Measure() as deep:
    found = month._gate(deep=True)
report("gate with every day computed once more", EMPLOYEES, deep, "employees")
# Forgotten punches are in every real month: two people let them pass.
month.write(
    {
        "override_reason": "measured",
        "override_asked_by_id": env.uid,
        "override_asked_at": "2026-04-01 00:00:00",
        "override_confirmed_by_id": env.uid,
        "override_confirmed_at": "2026-04-01 00:00:00",
        "override_blockers": [list(one) for one in found.blockers],
    }
)
env.cr.commit()
env.invalidate_all()
before = peak()
with Measure() as closed:
    export = month._close()
lines = f"employees; {export.line_count:,} lines"
report("gate, lock and file", EMPLOYEES, closed, lines, lines=export.line_count)
print(f"| memory before and after closing | | | | | | {before}, {peak()} |")
