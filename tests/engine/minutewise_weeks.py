"""The second reading of weeks: daily minutes in, classes out, one minute after another.

Owns a slow model of S11 and S13 for examples of kind `period`. Shares no code with the engine.
"""

from datetime import date, timedelta

from .minutewise_pairs import DEFAULTS

OVER = ("overtime", "doubletime", "rest_day_overtime", "holiday_overtime")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def day_classes(row, rule):
    """Class of each minute of one row, by the daily rules alone."""
    kind, counter, names = row.get("day_type", "workday"), 0, []
    own = kind != "workday" and rule["off_day_classification"] == "separate"
    plain, over = (kind, f"{kind}_overtime") if own else ("regular", "overtime")
    limit = rule["ot_threshold_offday_minutes"] if own else rule["ot_daily_threshold_minutes"]
    double = rule["dt_daily_threshold_minutes"]
    if rule["leave_counts_as_worked_for_ot"]:
        counter = row.get("leave_minutes", 0)
    for _minute in range(row["worked_minutes"]):
        if double is not None and counter >= double:
            names.append("doubletime")
        else:
            names.append(over if limit is not None and counter >= limit else plain)
        counter += 1
    raw = [n for n, name in enumerate(names) if name in OVER]
    kept = 0 if len(raw) < rule["ot_min_minutes"] else len(raw)
    kept -= kept % rule["ot_round_unit_minutes"] if rule["ot_round_unit_minutes"] else 0
    for n in raw[kept:]:
        names[n] = "dropped"
    return names


def week_of(day, rule):
    back = (day.weekday() - DAYS.index(rule["week_start"])) % 7
    return day - timedelta(days=back)


def seventh_day(days, week):
    """The last of seven worked dates: eight hours of overtime, then doubletime."""
    dates = [week + timedelta(days=n) for n in range(7)]
    if not all(days.get(day) for day in dates):
        return
    paid = 0
    for n, name in enumerate(days[dates[-1]]):
        if name != "dropped":
            days[dates[-1]][n] = "overtime" if paid < 480 else "doubletime"
        paid += name != "dropped"


def excess(days, dates, limit, leave):
    """The latest straight minutes beyond a threshold become overtime."""
    straight = [(day, n) for day in dates for n, k in enumerate(days[day]) if k == "regular"]
    over = len(straight) + leave - limit
    for day, n in reversed(straight[-over:] if over > 0 else []):
        days[day][n] = "overtime"


def flexible_week(case, rule, days, dates):
    """`(due, short)` by date of a week that has hours and no times; its excess becomes overtime."""
    hours, rows = case["flexible"], {row["date"]: row for row in case["daily"]}
    kinds = {day: rows[day.isoformat()].get("day_type", "workday") for day in dates}
    pot = hours["week_minutes"] - hours["day_minutes"] * list(kinds.values()).count("holiday")
    budget = pot = max(0, pot)
    due, short, away, busy = dict.fromkeys(dates, 0), dict.fromkeys(dates, 0), 0, 0
    for day in dates:
        taken = rows[day.isoformat()].get("leave_minutes", 0)
        busy += taken + len(days[day])
        if kinds[day] != "workday":
            away += taken
            continue
        for kind in ("leave", "work"):
            for _minute in range(taken if kind == "leave" else len(days[day])):
                if pot:
                    pot, due[day] = pot - 1, due[day] + 1
                    away += kind == "leave"
    excess(days, dates, budget, away if rule["leave_counts_as_worked_for_ot"] else 0)
    last = max((day for day in dates if kinds[day] == "workday"), default=None)
    if last and pot:
        due[last] += pot
        short[last] = pot
    return due, short


def period(case):
    """Minutes by class of a whole example, overtime of each date, and each week."""
    rule = DEFAULTS | case["rules"]
    rows = sorted(case["daily"], key=lambda row: row["date"])
    days = {date.fromisoformat(row["date"]): day_classes(row, rule) for row in rows}
    leave = {date.fromisoformat(row["date"]): row.get("leave_minutes", 0) for row in rows}
    counts = rule["leave_counts_as_worked_for_ot"]
    weeks = {}
    for day in sorted(days):
        weeks.setdefault(week_of(day, rule), []).append(day)
    for week, dates in weeks.items():
        if rule["seventh_day_rule"]:
            seventh_day(days, week)
        if rule["ot_weekly_threshold_minutes"] is not None:
            taken = sum(leave[day] for day in dates) if counts else 0
            excess(days, dates, rule["ot_weekly_threshold_minutes"], taken)
    if rule["ot_period_days"]:
        first, spans = min(days), {}
        for day in sorted(days):
            spans.setdefault((day - first).days // rule["ot_period_days"], []).append(day)
        for dates in spans.values():
            taken = sum(leave[day] for day in dates) if counts else 0
            excess(days, dates, rule["ot_period_threshold_minutes"], taken)
    due, short = {}, {}
    for dates in weeks.values():
        if case.get("flexible") and len(dates) == 7:
            week_due, week_short = flexible_week(case, rule, days, dates)
            due, short = due | week_due, short | week_short
    minutes = [name for names in days.values() for name in names]
    answer = {f"{name}_minutes": minutes.count(name) for name in ("regular", *OVER)}
    answer["overtime_dropped_minutes"] = minutes.count("dropped")
    answer["overtime_by_date"] = {
        day.isoformat(): names.count("overtime") for day, names in days.items()
    }
    if case.get("flexible"):
        answer["due_by_date"] = {day.isoformat(): n for day, n in due.items() if n}
        answer["short_by_date"] = {day.isoformat(): n for day, n in short.items() if n}
        return answer
    answer["weeks"] = [
        {"week_start": week.isoformat()}
        | {
            name: sum(days[day].count(name) for day in dates)
            for name in ("regular", "overtime", "doubletime")
        }
        for week, dates in sorted(weeks.items())
    ]
    return answer
