"""Rule sets of known regimes, as data: only what differs from the defaults.

Owns nothing but parameters; no code anywhere asks for a regime by name. None of this is legal
advice: `confirm` lists what a specialist must confirm before it is relied on.
"""

from collections.abc import Mapping, Sequence
from typing import TypedDict


class Regime(TypedDict):
    """Name on screen, parameters that differ from the defaults, what a specialist must confirm."""

    name: str
    rules: Mapping[str, object]
    confirm: Sequence[str]


_US_MEAL: dict[str, object] = {
    "meal_required_after_minutes": 300,
    "second_meal_required_after_minutes": 600,
    "meal_min_minutes": 30,
}
_DAILY_WEEKLY: dict[str, object] = {
    "ot_daily_threshold_minutes": 480,
    "dt_daily_threshold_minutes": 720,
    "ot_weekly_threshold_minutes": 2400,
    "off_day_classification": "none",
}

REGIMES: dict[str, Regime] = {
    "house": {
        "name": "Company rules: overtime beyond the scheduled minutes",
        "rules": {},
        "confirm": [],
    },
    "ph_private": {
        "name": "Philippines, private sector",
        "rules": {
            "ot_daily_threshold_minutes": 480,
            "off_day_classification": "separate",
            "day_class_attribution": "calendar",
            "night_window": ["22:00", "06:00"],
            "rate_table": {
                "regular": 100,
                "overtime": 125,
                "rest_day": 130,
                "rest_day_overtime": 169,
                "holiday": 200,
                "holiday_overtime": 260,
                "night": 10,
            },
        },
        "confirm": ["rates of holidays that fall on rest days"],
    },
    "ph_government": {
        "name": "Philippines, government: compensatory overtime credit",
        "rules": {
            "ot_daily_threshold_minutes": 480,
            "day_class_attribution": "calendar",
            "night_window": ["22:00", "06:00"],
            "ot_requires_approval": True,
            "cto_eligible": True,
            "cto_requires_authority_ref": True,
            "cto_multiplier_workday": 1,
            "cto_multiplier_rest_day": 1.5,
            "cto_multiplier_holiday": 1.5,
            "cto_cap_per_month_minutes": 2400,
            "cto_balance_cap_minutes": 7200,
            "cto_credit_timing": "on_certificate",
            "cto_expiry_policy": "end_of_year_plus",
            "cto_expiry_value": 1,
            "cto_usage_block_minutes": [240, 480],
            "cto_max_consecutive_days": 5,
        },
        "confirm": [
            "expiry: end of the following year, or one year from the service",
            "what happens to credits on separation and transfer",
        ],
    },
    "us_flsa": {
        "name": "United States, FLSA, private sector",
        "rules": {
            "ot_daily_threshold_minutes": None,
            "ot_weekly_threshold_minutes": 2400,
            "off_day_classification": "none",
            "short_break_paid_max_minutes": 20,
        },
        "confirm": [],
    },
    "us_public": {
        "name": "United States, public agency: compensatory time",
        "rules": {
            "ot_daily_threshold_minutes": None,
            "ot_weekly_threshold_minutes": 2400,
            "off_day_classification": "none",
            "short_break_paid_max_minutes": 20,
            "cto_eligible": True,
            "cto_requires_authority_ref": True,
            "cto_multiplier_workday": 1.5,
            "cto_balance_cap_minutes": 14400,
            "cto_over_cap": "pay_cash",
            "cto_on_termination": "pay_cash",
            "cto_cash_convertible": True,
        },
        "confirm": ["cap: 28800 minutes for public safety and seasonal work"],
    },
    "us_public_safety": {
        "name": "United States, public safety or seasonal work: compensatory time up to 480 hours",
        "rules": {
            "ot_daily_threshold_minutes": None,
            "ot_weekly_threshold_minutes": 2400,
            "off_day_classification": "none",
            "short_break_paid_max_minutes": 20,
            "cto_eligible": True,
            "cto_requires_authority_ref": True,
            "cto_multiplier_workday": 1.5,
            "cto_balance_cap_minutes": 28800,
            "cto_over_cap": "pay_cash",
            "cto_on_termination": "pay_cash",
            "cto_cash_convertible": True,
        },
        "confirm": ["29 CFR 553.22-.24: whose work is public safety, emergency or seasonal"],
    },
    "us_public_7k_28": {
        "name": "United States, public safety, 28-day work period",
        "rules": {
            "ot_daily_threshold_minutes": None,
            "ot_period_days": 28,
            "ot_period_threshold_minutes": 12720,
            "off_day_classification": "none",
            "short_break_paid_max_minutes": 20,
            "max_session_minutes": 1560,
        },
        "confirm": ["ot_period_anchor: first date of a work period of this employer"],
    },
    "california": {
        "name": "California",
        "rules": _DAILY_WEEKLY
        | _US_MEAL
        | {"seventh_day_rule": True, "short_break_paid_max_minutes": 20},
        "confirm": ["rounding of punches: avoid it, meal punches above all"],
    },
    "california_state": {
        "name": "California State University: compensatory time",
        "rules": {
            "ot_daily_threshold_minutes": None,
            "ot_weekly_threshold_minutes": 2400,
            "off_day_classification": "none",
            "short_break_paid_max_minutes": 20,
            "cto_eligible": True,
            "cto_requires_authority_ref": True,
            "cto_multiplier_workday": 1.5,
            "cto_input_round_unit_minutes": 15,
            "cto_credit_timing": "next_month_first",
            "cto_balance_cap_minutes": 14400,
            "cto_over_cap": "pay_cash",
            "cto_on_termination": "pay_cash",
            "cto_cash_convertible": True,
        },
        "confirm": [
            "what is above 120 hours on 31 December: paid by the agreement of the unit",
            "holiday time is an account of its own there",
        ],
    },
    "british_columbia": {
        "name": "British Columbia",
        "rules": _DAILY_WEEKLY
        | {
            "cto_eligible": True,
            "cto_requires_authority_ref": True,
            "cto_multiplier_workday": 1.5,
            "cto_multiplier_rest_day": 1.5,
            "cto_multiplier_holiday": 1.5,
            "cto_cash_convertible": True,
            "cto_on_termination": "pay_cash",
            "cto_on_expiry": "pay_cash",
        },
        "confirm": ["time bank only at the employee's written request"],
    },
    "canada_federal": {
        "name": "Canada, federal",
        "rules": {
            "ot_daily_threshold_minutes": 480,
            "ot_weekly_threshold_minutes": 2400,
            "off_day_classification": "none",
            "cto_eligible": True,
            "cto_requires_authority_ref": True,
            "cto_multiplier_workday": 1.5,
            "cto_expiry_policy": "months_after_period_end",
            "cto_expiry_value": 3,
            "cto_on_expiry": "pay_cash",
            "cto_on_termination": "pay_cash",
            "cto_cash_convertible": True,
        },
        "confirm": ["months until use: up to 12 by agreement"],
    },
    "toil": {
        "name": "Time off in lieu, hour for hour, used within six months",
        "rules": {
            "cto_eligible": True,
            "cto_multiplier_rest_day": 1,
            "cto_multiplier_holiday": 1,
            "cto_expiry_policy": "months_after_earn",
            "cto_expiry_value": 6,
            "cto_on_expiry": "pay_cash",
            "cto_on_termination": "pay_cash",
            "cto_cash_convertible": True,
        },
        "confirm": ["months until use, and whether what is left is paid: house rules"],
    },
    "germany_flex": {
        "name": "Germany, Austria, Switzerland: flex account",
        "rules": {
            "ot_daily_threshold_minutes": None,
            "off_day_classification": "none",
            "flex_account": True,
            "flex_yellow_minutes": 1200,
            "flex_red_minutes": 2400,
            "flex_settlement": "year",
            "flex_carry_minutes": 2400,
            "flex_over_carry": "forfeit",
            "flex_beyond_red": "pay_cash",
        },
        "confirm": [
            "bands, settlement, cut, and what is worked at the limit: by agreement with the works "
            "council"
        ],
    },
    "france_cor": {
        "name": "France: compulsory compensatory rest for overtime (COR)",
        "rules": {
            "ot_daily_threshold_minutes": None,
            "ot_weekly_threshold_minutes": 2100,
            "off_day_classification": "none",
            "cto_eligible": True,
            "cto_multiplier_rest_day": 1,
            "cto_multiplier_holiday": 1,
            "cto_contingent_minutes": 13200,
            "cto_beside_pay": True,
            "cto_opens_at_minutes": 420,
            "cto_take_within_months": 2,
            "cto_answer_days": 7,
            "cto_notice_days": 7,
            "cto_on_termination": "pay_cash",
        },
        "confirm": [
            "D3121-18 and following: half of it up to 20 employees (multiplier 0.5)",
            "D3121-24: 220 hours a year unless an agreement says otherwise; what lies above earns",
            "L3121-30: the rest comes beside the pay of the overtime",
        ],
    },
    "ontario": {
        "name": "Ontario",
        "rules": {
            "ot_daily_threshold_minutes": None,
            "ot_weekly_threshold_minutes": 2640,
            "off_day_classification": "none",
        },
        "confirm": [],
    },
    "eu_flags": {
        "name": "European Union: rest and hours as exceptions only",
        "rules": {
            "min_daily_rest_minutes": 660,
            "min_weekly_rest_minutes": 2100,
            "max_weekly_minutes": 2880,
            "averaging_weeks": 17,
            "meal_required_after_minutes": 360,
        },
        "confirm": ["length of the break over six hours: national law or agreement"],
    },
    "japan": {
        "name": "Japan",
        "rules": {
            "ot_daily_threshold_minutes": 480,
            "ot_weekly_threshold_minutes": 2400,
            "ot_month_tier_minutes": 3600,
            "night_window": ["22:00", "05:00"],
        },
        "confirm": ["statutory and non-statutory rest days"],
    },
}
