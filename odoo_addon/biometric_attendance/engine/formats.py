"""Files that payroll programs import: the door to each program's file, and what each profile is.

Owns the list of profiles: encoding, what a second import does, how sure we are of its columns. The
files behind it own columns and limits; sums and codes come from payroll.py. Ids are never altered.
A value that a program cannot take refuses the whole file before a byte of it is written.
"""

import re
from dataclasses import dataclass
from typing import Literal

from . import format_adp, format_american, format_datev, format_world
from .format_adp import (
    WFN_ALPHABET,
    RunPeriod,
    run,
    run_file_name,
    wfn_file_name,
    wfn_table,
    workforce_now,
)
from .format_american import gusto, gusto_by_id, paychex_spi, quickbooks_iif
from .format_cells import Refused, Total, encoded
from .format_datev import (
    Client,
    Movement,
    lodas_hours_and_days,
    lodas_standard,
    payroll_calendar,
    payroll_month,
)
from .format_world import (
    Entry,
    employment_hero,
    exo_file_name,
    myob_account_right,
    myob_exo,
    sage_ireland,
    silae,
    xero,
)
from .spreadsheet_text import human_cell, human_text

__all__ = [
    "Client",
    "Entry",
    "Movement",
    "PROFILES",
    "Profile",
    "Refused",
    "RunPeriod",
    "Total",
    "employment_hero",
    "exo_file_name",
    "fits",
    "gusto",
    "gusto_by_id",
    "human_cell",
    "human_text",
    "lodas_hours_and_days",
    "lodas_standard",
    "myob_account_right",
    "myob_exo",
    "paychex_spi",
    "payroll_calendar",
    "payroll_month",
    "quickbooks_iif",
    "run",
    "run_file_name",
    "sage_ireland",
    "silae",
    "wfn_file_name",
    "wfn_table",
    "workforce_now",
    "xero",
]


@dataclass(frozen=True)
class Profile:
    """One payroll program. `second_import`: what importing the same period again does there, which
    decides whether a correction is a difference or the whole; `confidence`: A its maker's own page
    was read, B several implementations agree, C one: with B and C the first import is checked."""

    name: str
    second_import: Literal["replaces", "adds", "refused", "unknown"]
    confidence: Literal["A", "B", "C"]
    encoding: str = "utf-8"
    alphabet: str = ""

    def encode(self, text: str) -> bytes:
        """Bytes of the file; Refused for a character that the program has not."""
        return encoded(text, self.encoding, self.alphabet)


PROFILES: dict[str, Profile] = {
    "adp_wfn": Profile("ADP Workforce Now", "adds", "B", alphabet=WFN_ALPHABET),
    "adp_run": Profile("ADP RUN", "adds", "B"),
    "paychex_spi": Profile("Paychex Flex (SPI)", "adds", "A"),
    "gusto": Profile("Gusto", "replaces", "A"),
    "quickbooks_iif": Profile("QuickBooks Desktop", "adds", "B"),
    "xero": Profile("Xero, by a converter", "unknown", "B"),
    "myob_account_right": Profile("MYOB AccountRight", "adds", "A"),
    "myob_exo": Profile("MYOB Exo", "adds", "A"),
    "employment_hero": Profile("Employment Hero Payroll", "adds", "A"),
    "sage_ie": Profile("Sage Payroll, Ireland", "adds", "A"),
    "lodas_standard": Profile("DATEV LODAS, standard table", "adds", "B", "cp1252"),
    "lodas_stunden": Profile("DATEV LODAS, hours and days", "adds", "B", "cp1252"),
    "lug_calendar": Profile("DATEV Lohn und Gehalt, by day", "adds", "B", "cp1252"),
    "lug_month": Profile("DATEV Lohn und Gehalt, by month", "adds", "B", "cp1252"),
    "silae": Profile("Silae", "replaces", "C"),
}

# Forms of people's numbers; a program that is not here knows people by name.
_NUMBERS = {
    "adp_wfn": format_adp.WFN_NUMBER,
    "adp_run": format_adp.RUN_NUMBER,
    "paychex_spi": format_american.PAYCHEX_NUMBER,
    "gusto": format_american.GUSTO_NUMBER,
    "myob_account_right": rf".{{1,{format_world.MYOB_LONGEST}}}",
    "myob_exo": format_world.EXO_NUMBER,
    "employment_hero": rf".{{1,{format_world.EMPLOYMENT_HERO_LONGEST}}}",
    "sage_ie": format_world.SAGE_NUMBER,
    "lodas_standard": format_datev.NUMBER,
    "lodas_stunden": format_datev.NUMBER,
    "lug_calendar": format_datev.NUMBER,
    "lug_month": format_datev.NUMBER,
    "silae": rf".{{1,{format_world.SILAE_LONGEST}}}",
}


def fits(program: str, number: str) -> bool:
    """Whether the program takes such a number of a person: known before a file is made."""
    form = _NUMBERS.get(program)
    return form is None or bool(re.fullmatch(form, number, re.ASCII))
