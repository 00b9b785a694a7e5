"""Whether an agent's Ed25519 key signed a text: lane heads, audit heads, emergency files.

Pure: no odoo, no database. What is signed is spelled in chain.py and docs/contract.md; whose key
counts is the caller's business.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def is_signed(public_key, signature, text):
    """Whether `signature` (base64) by `public_key` (base64) covers `text`."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key or ""))
        key.verify(base64.b64decode(signature, validate=True), text.encode())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
