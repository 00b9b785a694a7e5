"""Python's search for cycles, put off for a while: what makes many short-lived values without one
pays a tenth of its processor time for being searched again and again.

Must not know what is computed. Odoo's own context manager leaves the search off after an exception.
"""

import gc
from contextlib import contextmanager


@contextmanager
def no_search_for_cycles():
    """For a second or two of work that makes no cycles. Where two threads ask at once, the first to
    end turns it on again."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
