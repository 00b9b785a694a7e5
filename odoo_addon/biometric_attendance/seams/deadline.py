"""One call to a far end that is over after so many seconds, whatever the far end does.

Time-outs of a socket begin anew with every byte, and a far end that sends one now and then would
hold whoever asks for hours: so the call runs in a thread of its own.
"""

import threading


class TooLateError(Exception):
    """No whole answer came in time."""


def within(seconds, name, call):
    """What `call()` returns or raises; TooLateError after so many seconds. name: of the thread."""
    came = []

    def ask():
        try:
            came.append((call(), None))
        except Exception as error:  # it is raised again where it was asked for
            came.append((None, error))

    thread = threading.Thread(target=ask, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if not came:
        raise TooLateError(f"no whole answer within {seconds} seconds")
    answer, error = came[0]
    if error is not None:
        raise error
    return answer
