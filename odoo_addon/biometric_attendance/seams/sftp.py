"""Files laid into a folder of another machine by SFTP: only where `paramiko` is installed, only to
a machine that proves the pinned key, with a key of our own, and complete from the moment their name
is there.

Owns the connection, its refusals and the renaming. Must not know what the files are.
"""

import base64
import binascii
import importlib.util
import io
import socket
from contextlib import contextmanager
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .deadline import TooLateError, within
from .webhook import WebhookError, public_address

# Seconds for one file, the connection included; a file of more bytes is no payroll file.
TIMEOUT, MOST = 60, 100_000_000
# Kinds of keys that a machine may be pinned by; others are too weak, or too rare to be tried.
KINDS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
)


class SftpError(Exception):
    """A file that was not laid; the message says why."""


class Place(NamedTuple):
    """Where files go: host, port, login and folder there; host_key: `kind base64` of the machine's
    key; private_key: ours, as OpenSSH writes it."""

    host: str
    port: int
    login: str
    folder: str
    host_key: str
    private_key: str


def available():
    """Whether this server can speak SFTP."""
    return importlib.util.find_spec("paramiko") is not None


def new_key(comment):
    """`(private key as OpenSSH writes it, public key as one line)`, Ed25519."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    ).decode()
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return private, f"{public.decode()} {comment}"


def check_host_key(text):
    """`(kind, bytes)` of a pinned key, as `ssh-keyscan` prints it, with or without the host's name
    before it; SftpError says what is wrong."""
    words = (text or "").split()
    kind = next((one for one in words if one in KINDS), None)
    place = words.index(kind) + 1 if kind else len(words)
    try:
        data = base64.b64decode(words[place], validate=True)
        if not data[4:].startswith(kind.encode()):
            raise ValueError
    except (IndexError, ValueError, binascii.Error) as error:
        raise SftpError(
            "The key of the server is one line as ssh-keyscan prints it, such as “ssh-ed25519 "
            "AAAA…”. Ask who runs that server to read it to you."
        ) from error
    return kind, data


def lay(place, name, data):
    """Writes `data` under another name and renames it to `name`. The same bytes again are no fault;
    other bytes under a name that is taken are."""
    if "/" in name or name.startswith(".") or len(data) > MOST:
        raise SftpError(f"{name}: no name of a file, or more than {MOST} bytes")
    try:
        within(TIMEOUT, "biometric sftp", lambda: _laid(place, name, data))
    except TooLateError as error:
        raise SftpError(f"{place.host}: {error}") from error


def _laid(place, name, data):
    with connected(place) as there:
        held = there.read(name)
        if held == data:
            return
        if held is not None:
            raise SftpError(f"{name}: another file of that name lies there")
        there.write(f".{name}.part", data)
        there.rename(f".{name}.part", name)


class Folder:
    """The folder at the other end. `client`: a paramiko.SFTPClient."""

    def __init__(self, client, folder):
        self._client, self._folder = client, folder.rstrip("/") or "."

    def _path(self, name):
        return f"{self._folder}/{name}"

    def read(self, name):
        """Bytes of a file, None where none is."""
        try:
            with self._client.open(self._path(name), "rb") as file:
                return file.read(MOST + 1)
        except FileNotFoundError:
            return None

    def write(self, name, data):
        with self._client.open(self._path(name), "wb") as file:
            file.write(data)

    def rename(self, name, to):
        self._client.rename(self._path(name), self._path(to))


@contextmanager
def connected(place):
    """Folder of a place whose machine proved the pinned key. Nothing of ours is said before it."""
    if not available():
        raise SftpError("this server cannot speak SFTP: python3-paramiko is not installed on it")
    import paramiko  # noqa: PLC0415 - only where it is installed

    kind, pinned = check_host_key(place.host_key)
    try:
        address = public_address(place.host, place.port)
        line = socket.create_connection((address, place.port), timeout=TIMEOUT)
    except (WebhookError, OSError) as error:
        raise SftpError(f"{place.host}: {error}") from error
    transport = paramiko.Transport(line)
    try:
        options = transport.get_security_options()
        # RSA keys are proven by newer signatures than the name of their kind says.
        options.key_types = [one for one in options.key_types if _proves(one, kind)]
        transport.start_client(timeout=TIMEOUT)
        if transport.get_remote_server_key().asbytes() != pinned:
            raise SftpError(f"{place.host}: the server shows another key than the pinned one")
        key = paramiko.Ed25519Key.from_private_key(io.StringIO(place.private_key))
        transport.auth_publickey(place.login, key)
        client = paramiko.SFTPClient.from_transport(transport)
        client.get_channel().settimeout(TIMEOUT)
        yield Folder(client, place.folder)
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise SftpError(f"{place.host}: {error}") from error
    finally:
        transport.close()


def _proves(signature, kind):
    return signature == kind or (kind == "ssh-rsa" and signature.startswith("rsa-sha2-"))
