"""The one way in and out of a binary field. Must not know what is in a file."""

import base64


def raw(value):
    """Bytes of what a binary field holds; b"" for none. ValueError where it is no base64."""
    return base64.b64decode(value or b"", validate=True)


def packed(data):
    """What to write into a binary field for these bytes."""
    return base64.b64encode(data).decode()
