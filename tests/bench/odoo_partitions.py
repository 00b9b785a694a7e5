"""Runs inside `odoo shell`: the punch table as it is, beside a copy cut by month. A prototype that
exists here alone; docs/scale.md draws the conclusion.

A unique index of a cut table contains what it is cut by, so the copy's is (company_id, key,
wall_date); the wall time is part of the key, so it stays unique. Started by odoo_size.ts.
"""

import hashlib
import json
import time

from psycopg2.extras import execute_values

COLUMNS = "company_id, device_id, key, serial, pin, wall_time, wall_date, status, stored_at"
INDEXES = (
    "CREATE UNIQUE INDEX ON {0} (company_id, key, wall_date)",
    "CREATE INDEX ON {0} (device_id, pin, wall_date)",
    "CREATE INDEX ON {0} (device_id, wall_date)",
    "CREATE INDEX ON {0} (company_id, wall_time DESC, id DESC)",
)


def timed(call, times=5):
    """Median milliseconds."""
    taken = []
    for _n in range(times):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return round(sorted(taken)[len(taken) // 2], 1)


def compare(env):
    cr = env.cr
    cr.execute("SET maintenance_work_mem = '512MB'")
    months = cut(cr)
    tables = ("biometric_punch", "punch_by_month")
    figures = {"months": months}
    cr.execute("SET session_replication_role = replica")
    for table in tables:
        figures[table] = {"mb": total(cr, table)} | lookups(cr, table)
    # By turns, so that other programs disturb both alike.
    spent = dict.fromkeys(tables, 0)
    for turn in range(6):
        for table in tables:
            spent[table] += inserts(cr, table, turn)
    for table in tables:
        figures[table]["inserts_a_second"] = round(6 * 3000 / spent[table])
        figures[table] |= removal(cr, table)
    print("FIGURE " + json.dumps({"partitions": figures}))
    cr.rollback()


def total(cr, table):
    cr.execute(
        """SELECT sum(pg_total_relation_size(c)) / 1048576 FROM (
               SELECT %(table)s::regclass UNION ALL
               SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = %(table)s::regclass
           ) t (c)""",
        {"table": table},
    )
    return int(cr.fetchone()[0])


def cut(cr):
    """Make the copy; returns how many months it has."""
    cr.execute("CREATE SEQUENCE punch_by_month_id")
    cr.execute(
        """CREATE TABLE punch_by_month (LIKE biometric_punch INCLUDING DEFAULTS)
               PARTITION BY RANGE (wall_date)"""
    )
    cr.execute("SELECT DISTINCT date_trunc('month', wall_date)::date FROM biometric_punch")
    months = sorted(row[0] for row in cr.fetchall())
    for month in months:
        cr.execute(
            f"""CREATE TABLE punch_{month:%Y_%m} PARTITION OF punch_by_month
                FOR VALUES FROM ('{month}') TO ('{month}'::date + interval '1 month')"""
        )
    cr.execute("CREATE TABLE punch_other PARTITION OF punch_by_month DEFAULT")
    cr.execute(
        f"INSERT INTO punch_by_month (id, {COLUMNS}) SELECT id, {COLUMNS} FROM biometric_punch"
    )
    for statement in INDEXES:
        cr.execute(statement.format("punch_by_month"))
    cr.execute("ANALYZE punch_by_month")
    cr.commit()
    return len(months)


def lookups(cr, table):
    cr.execute(
        """SELECT key, wall_date, device_id, company_id FROM biometric_punch
            WHERE serial LIKE 'D%%' ORDER BY wall_time DESC LIMIT 1000"""
    )
    rows = cr.fetchall()
    keys, (_key, day, device, company) = [row[0] for row in rows], rows[0]

    def ask(query, *values):
        def call():
            cr.execute(query.format(table), values)
            cr.fetchall()

        return timed(call)

    return {
        "keys_1000_ms": ask(
            "SELECT key FROM {} WHERE company_id = %s AND key = ANY(%s)", company, keys
        ),
        "keys_1000_with_day_ms": ask(
            "SELECT key FROM {} WHERE company_id = %s AND key = ANY(%s) AND wall_date = ANY(%s)",
            company,
            keys,
            sorted({row[1] for row in rows}),
        ),
        "confirm_a_day_ms": ask(
            "SELECT array_agg(key ORDER BY key) FROM {} WHERE device_id = %s AND wall_date = %s",
            device,
            day,
        ),
        "person_31_days_ms": ask(
            """SELECT id FROM {} WHERE device_id = %s AND pin = '7'
                AND wall_date > %s::date - 31 AND wall_date <= %s""",
            device,
            day,
            day,
        ),
        "first_page_ms": ask(
            "SELECT id FROM {} WHERE company_id = %s ORDER BY wall_time DESC, id DESC LIMIT 80",
            company,
        ),
    }


def inserts(cr, table, turn):
    """Seconds of three batches of 1,000 punches of the last day, as ingest's floor writes them."""
    cr.execute(
        """SELECT p.company_id, p.device_id, p.wall_date::text FROM biometric_punch p
            WHERE p.serial LIKE 'D%%' ORDER BY p.wall_time DESC LIMIT 1"""
    )
    company, device, day = cr.fetchone()
    unique = "company_id, key" + (", wall_date" if table == "punch_by_month" else "")
    taken = 0
    for batch in range(3):
        rows = []
        for n in range(1000):
            number = (turn * 3 + batch) * 1000 + n
            wall = f"{day} 20:{number // 60 % 60:02d}:{number % 60:02d}"
            key = hashlib.sha256(f"{table} {number}".encode()).hexdigest()
            rows.append((company, device, key, "D0", str(number), wall, wall[:10], "0"))
        began = time.perf_counter()
        execute_values(
            cr._obj,
            f"""INSERT INTO {table} ({COLUMNS}) VALUES %s
                ON CONFLICT ({unique}) DO NOTHING RETURNING key, id""",
            rows,
            template="(%s, %s, %s, %s, %s, %s, %s, %s, now())",
            page_size=1000,
            fetch=True,
        )
        cr.commit()
        taken += time.perf_counter() - began
    return taken


def removal(cr, table):
    """Seconds to be rid of the first whole month."""
    cr.execute(
        """SELECT (date_trunc('month', min(wall_date)) + interval '1 month')::date
             FROM biometric_punch"""
    )
    month = cr.fetchone()[0]
    began = time.perf_counter()
    if table == "punch_by_month":
        cr.execute("SELECT to_regclass(%s) IS NOT NULL", (f"punch_{month:%Y_%m}",))
        if cr.fetchone()[0]:
            cr.execute(f"DROP TABLE punch_{month:%Y_%m}")
    else:
        cr.execute(
            """DELETE FROM biometric_punch
                WHERE wall_date >= %s AND wall_date < %s::date + interval '1 month'""",
            (month, month),
        )
    taken = round(time.perf_counter() - began, 2)
    cr.rollback()
    return {"remove_a_month_seconds": taken}
