"""A person's name as a terminal keeps it. Pure."""

# Bytes of a name in a terminal's record.
MAX_NAME_BYTES = 24


def terminal_name(name):
    """As much of a name as a terminal keeps, cut between characters."""
    short = ""
    for character in " ".join((name or "").split()):
        if len((short + character).encode()) > MAX_NAME_BYTES:
            break
        short += character
    return short.rstrip()
