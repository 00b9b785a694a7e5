"""A statement that the database works on while Python computes what comes next.

Python and PostgreSQL are two processes: a job that lets one wait for the other leaves a core idle.
Statements given here run one after the other in the order they were given, on the connection and in
the transaction of the cursor: what is kept, and that all of it is kept or nothing, is as without.
Must not know what is written.
"""

from concurrent.futures import ThreadPoolExecutor


class Behind:
    """Of one cursor, as a context. Whoever computes meanwhile asks the cursor nothing: it would
    wait. Leaving the context waits for what was begun, after an error too."""

    def __init__(self, cr):
        self._cr, self._last = cr, None
        # its thread begins with the first statement that something is computed beside
        self._thread = ThreadPoolExecutor(1, "behind")
        self.changed = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, *_error):
        try:
            if kind is None:
                self.wait()
        finally:
            # after an error the transaction is over, whatever came of the statement
            self._thread.shutdown()

    def begin(self, sql, values):
        """Begin a statement once the one before has ended."""
        self.wait()
        self._last = self._thread.submit(self._run, sql, values)

    def execute(self, sql, values):
        """A statement beside which nothing is left to compute."""
        self.wait()
        self._cr.execute(sql, values)
        self.changed += self._cr.rowcount

    def wait(self):
        """Until nothing runs; raises what the statement raised. `changed`: rows so far."""
        last, self._last = self._last, None
        if last is not None:
            self.changed += last.result()

    def _run(self, sql, values):
        # of its own: two threads may share a connection, not a cursor
        with self._cr.connection.cursor() as own:
            own.execute(sql, values)
            return own.rowcount
