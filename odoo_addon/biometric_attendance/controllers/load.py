"""How busy this worker is, and how long it therefore lets agents gather before their next post.

A branch delivers live punches one by one; when thousands of people come at once, one request for
many punches costs a tenth. Judged by the processor time of this process and by the time it spent
on punches, waiting for the database included: whichever fills more of it. Both cost nothing to ask.
Pure but for the two clocks that are handed in; must not know requests.
"""

import time
from contextlib import contextmanager

# Seconds over which the share is taken: longer than one dear request, shorter than a rush.
WINDOW = 2.0
# Share of the time below which nobody waits.
FREE = 0.5
# The contract's limit: a punch is to be seen soon.
MAX_WAIT_MS = 2000


class Load:
    """Of one process. wall and used: seconds that passed, and of them on the processor."""

    def __init__(self, wall=time.monotonic, used=time.process_time):
        self._wall, self._used = wall, used
        self._since = (wall(), used(), 0.0)
        self._share = self._served = 0.0

    @contextmanager
    def serving(self):
        """Around a request for punches."""
        began = self._wall()
        try:
            yield
        finally:
            self._served += self._wall() - began

    def wait_ms(self):
        """Milliseconds, 0 while the worker has room; growing to the limit when it has none."""
        now, used, served = self._wall(), self._used(), self._served
        at, used_before, served_before = self._since
        if now - at >= WINDOW:
            self._share = max(used - used_before, served - served_before) / (now - at)
            self._since = (now, used, served)
        over = (self._share - FREE) / (1 - FREE)
        return round(MAX_WAIT_MS * min(max(over, 0.0), 1.0))


LOAD = Load()
