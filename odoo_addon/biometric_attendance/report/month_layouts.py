"""Layouts of the monthly record as data: which columns, remarks and signatures a paper has.

Owns the list; a further layout is a further entry. Widths are pixels of a page of 1000. What a key
means and how it reads is biometric_month_record_print.py.
"""

from typing import NamedTuple


class Layout(NamedTuple):
    """columns: (key, width). sums: keys that are added up. remarks: keys of lines below the tables.
    certify: key of the words that the person signs. by_week: one table a workweek."""

    title: str
    columns: tuple
    sums: tuple
    remarks: tuple
    certify: str = ""
    signatures: tuple = ("employee", "supervisor")
    by_week: bool = False


LAYOUTS = {
    "plain": Layout(
        "plain",
        (
            ("date", 140),
            ("status", 104),
            ("in", 66),
            ("out", 72),
            ("pause", 66),
            ("due", 66),
            ("worked", 74),
            ("leave", 66),
            ("under", 76),
            ("over", 72),
            ("night", 64),
            ("findings", 134),
        ),
        ("pause", "due", "worked", "leave", "under", "over", "night"),
        ("zone", "rules"),
    ),
    # Civil Service Form No. 48: two arrivals and departures a day, undertime in hours and minutes.
    "cs_form_48": Layout(
        "cs_form_48",
        (
            ("day", 120),
            ("am_in", 140),
            ("am_out", 140),
            ("pm_in", 140),
            ("pm_out", 140),
            ("under_hours", 110),
            ("under_minutes", 110),
            ("mark", 100),
        ),
        ("under_hours", "under_minutes"),
        ("hours_official", "mark"),
        "cs_form_48",
        ("employee", "in_charge"),
    ),
    # Start, end and every pause of each day, what was ordinary and what was not.
    "eu_register": Layout(
        "eu_register",
        (
            ("date", 136),
            ("in", 66),
            ("out", 72),
            ("pauses", 190),
            ("pause", 62),
            ("worked", 72),
            ("ordinary", 78),
            ("over", 76),
            ("not_counted", 66),
            ("night", 62),
            ("findings", 120),
        ),
        ("pause", "worked", "ordinary", "over", "not_counted", "night"),
        ("pauses", "not_counted", "zone"),
    ),
    # Workers' Statute 12.4.c: ordinary and complementary hours of a part-timer, with the payslip.
    "es_part_time": Layout(
        "es_part_time",
        (
            ("date", 190),
            ("in", 120),
            ("out", 120),
            ("pause", 110),
            ("ordinary", 150),
            ("complementary", 160),
            ("worked", 150),
        ),
        ("pause", "ordinary", "complementary", "worked"),
        ("part_time", "zone"),
        "",
        ("employee", "employer"),
    ),
    "us_time_card": Layout(
        "us_time_card",
        (
            ("date", 160),
            ("spans", 260),
            ("regular", 100),
            ("overtime", 110),
            ("doubletime", 110),
            ("not_counted_decimal", 100),
            ("worked_decimal", 100),
            ("mark", 60),
        ),
        ("regular", "overtime", "doubletime", "not_counted_decimal", "worked_decimal"),
        ("decimals", "not_counted", "mark", "zone"),
        "us_time_card",
        by_week=True,
    ),
}
