"""Text that a spreadsheet would change, in files that people open: one rule for all of them.

An id, a code or a number of a file for a payroll program stays as it is: an apostrophe in an id is
a lost payment, and -1.50 is a number. In files for people every text is disarmed, ids too: 00042
would become 42, and 1E5 a hundred thousand. Pure.
"""

import re

# What a cell begins with that a spreadsheet takes for a formula; wide signs in East Asia.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")

# A spreadsheet shows whole numbers of up to eleven digits, and dates as ISO has them, as they are.
_KEPT = re.compile(r"0|[1-9][0-9]{0,10}|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9:.Z+-]+)?")
# Amounts, parts of them, and what is read as a date or a time of day. Digits of every script.
_AMOUNT = r"[\d.,]*\d[\d.,]*(?:E[+-]?\d+)?%?"
_DATE = r"\d+[-/.: ]\d+(?:[-/.: ]\d+)*(?: ?[AP]M)?"
# Months as the languages of this addon's users begin them: a spreadsheet reads those of its own.
_MONTH = (
    "(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
    "|JÄN|MÄR|MRZ|MAI|OKT|DEZ|FÉV|FEV|AVR|JUI|AOÛ|AOU|DÉC|ENE|ABR|AGO|DIC|GEN|MAG|GIU|LUG|SET|OTT"
    "|MRT|MAA|MEI|OUT)[^\\W\\d_]*"
)
_NAMED = rf"(?:\d+[-/. ]*)?{_MONTH}[-/. ]*\d+|\d+[-/. ]*{_MONTH}"
# Truth, as the languages of this addon's users write it in a cell.
_TRUTH = "TRUE|FALSE|WAHR|FALSCH|VRAI|FAUX|VERDADERO|FALSO|VERO|WAAR|ONWAAR"
_READ = re.compile(f"(?:{_AMOUNT}|{_DATE}|{_NAMED}|{_TRUTH})", re.IGNORECASE)


def human_cell(text: str) -> str:
    """The text of a name or other free text in a payroll file, with an apostrophe before a
    formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def human_text(text: str) -> str:
    """The cell of any text in a file for people, with an apostrophe before what a spreadsheet
    would change. `as_meant` gives back exactly `text`."""
    return f"'{text}" if _changes(text) else text


def as_meant(text: str) -> str:
    """A cell that comes back, without the apostrophe that disarmed it."""
    return text[1:] if text[:1] == "'" and _changes(text[1:]) else text


def _changes(text: str) -> bool:
    """Whether a spreadsheet would make something else of it, or `as_meant` would."""
    bare = text.lstrip("'")
    plain = bare.strip()
    return bare.startswith(FORMULA) or bool(_READ.fullmatch(plain) and not _KEPT.fullmatch(plain))
