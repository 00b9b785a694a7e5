"""One signed HTTPS request to an address that somebody typed in: resolved once, refused where it
leads into a private network, and sent to exactly what was resolved.

Owns the refusals and the signature. Must not know what is sent.
"""

import hashlib
import hmac
import ipaddress
import os
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

import urllib3

from .deadline import TooLateError, within

# Seconds for the whole request, and bytes of an answer that are kept.
TIMEOUT, MOST_ANSWER = 30, 2000
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Names or addresses, parted by commas, that may be private: whoever runs the server says so.
ALLOWED = "BIOMETRIC_DELIVERY_HOSTS"


class WebhookError(Exception):
    """A request that was not made, or not taken; the message says why."""


class Answer(NamedTuple):
    """What the far end said: HTTP status and the beginning of its text."""

    status: int
    text: str


def check_url(url):
    """`(host, port, path)` of an address that may be asked; WebhookError says what is wrong."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise WebhookError(f"{url}: no address") from error
    if parts.scheme != "https" or not parts.hostname:
        raise WebhookError(f"{url}: an address begins with https://")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise WebhookError(f"{url}: blanks and letters beyond ASCII are written with % (%20)")
    if parts.username or parts.password or parts.fragment:
        raise WebhookError(f"{url}: no name, password or # in an address")
    path = parts.path or "/"
    return parts.hostname, port, f"{path}?{parts.query}" if parts.query else path


def public_address(host, port):
    """The address to connect to: the first that the name resolves to. Refused where any of them is
    private, loopback, link-local or otherwise not of the public network."""
    allowed = {one.strip() for one in os.environ.get(ALLOWED, "").split(",") if one.strip()}
    try:
        found = [one[4][0] for one in socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)]
    except OSError as error:
        raise WebhookError(f"{host}: the name cannot be resolved") from error
    for text in found:
        address = ipaddress.ip_address(text.partition("%")[0])
        if all(one.is_global and not one.is_multicast for one in _reached(address)):
            continue
        if not {host, text} & allowed:
            raise WebhookError(f"{host}: {text} is no address of the public network")
    return found[0]


def _reached(address):
    """An address and those of the older network that it may lead to: mapped, or by the gateways of
    NAT64, 6to4 and Teredo."""
    if address.version == 4:
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    inner = [address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *filter(None, inner)]


def digest(data):
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def signature(secret, moment, body):
    """HMAC-SHA-256 in hexadecimal over the time, a point and the SHA-256 of the body."""
    text = f"{moment}.{digest(body)}".encode()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def post(url, body, headers, ca_certs=None):
    """POSTs `body`; a redirect is an answer like any other and is not followed."""
    host, port, path = check_url(url)
    address = public_address(host, port)
    try:
        return within(
            TIMEOUT,
            "biometric webhook",
            lambda: _asked(host, address, port, path, body, headers, ca_certs),
        )
    except (urllib3.exceptions.HTTPError, OSError, TooLateError) as error:
        raise WebhookError(f"{host}: {error}") from error


def _asked(host, address, port, path, body, headers, ca_certs):
    pool = urllib3.HTTPSConnectionPool(
        address,
        port,
        server_hostname=host,
        assert_hostname=host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=ca_certs,
        timeout=urllib3.Timeout(total=TIMEOUT),
        retries=False,
        maxsize=1,
    )
    named = host if port == 443 else f"{host}:{port}"
    try:
        answer = pool.urlopen(
            "POST",
            path,
            body=body,
            headers={"Host": named, **headers},
            redirect=False,
            preload_content=False,
        )
        text = answer.read(MOST_ANSWER, decode_content=False).decode(errors="replace")
        return Answer(answer.status, text)
    finally:
        pool.close()
