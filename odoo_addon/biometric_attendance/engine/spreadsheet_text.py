"""Text that a spreadsheet would compute, in files that people open: one rule for all of them.

Only names and other free text are ever disarmed. An id, a code or a number of a payroll file stays
as it is: an apostrophe in an id is a lost payment, and -1.50 is a number. Pure.
"""

# What a cell begins with that a spreadsheet takes for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def human_cell(text: str) -> str:
    """The text of a free-text cell, with an apostrophe before a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def as_meant(text: str) -> str:
    """A cell that comes back, without the apostrophe that disarmed it."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text
