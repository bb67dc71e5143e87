"""Who may come in: by the address they ask for, by the token, and by what their cookies say."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import re
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

SHORTEST_TOKEN = 16
"""Characters; chosen at random from 64, they are 96 bits, which nobody tries out over a network."""
_LENGTH = 32
"""Bytes of a secret."""
_VISITOR = re.compile(r"[0-9a-f]{32}")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address. A name that is not "localhost" is not looked up: no."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new_token() -> str:
    """One that nobody guesses, fit for an address."""
    return secrets.token_urlsafe(24)


def secret_of(folder: Path) -> bytes:
    """The folder's secret, made where there is none: only its owner can read it. Raises OSError.

    One that is too short, as a full disk leaves it, is drawn anew: whoever guesses it could be anybody.
    """
    path = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileNotFoundError):
        if len(found := path.read_bytes()) >= _LENGTH:
            return found
        path.unlink()
    with tempfile.NamedTemporaryFile(dir=folder) as file:  # its owner alone can read it
        file.write(secrets.token_bytes(_LENGTH))
        file.flush()
        with suppress(FileExistsError):  # another has begun at the same moment
            os.link(file.name, path)
    return path.read_bytes()


class Doorkeeper:
    """Knows the token, and signs what cookies say, so that nobody comes in as somebody else."""

    def __init__(self, secret: bytes, token: str) -> None:
        """Without a token everybody comes in who asks by a name of this machine alone."""
        self._secret = secret
        self._token = token

    @property
    def asks_for_token(self) -> bool:
        return bool(self._token)

    def knows(self, token: str) -> bool:
        """Whether it is the token; takes as long for any."""
        return hmac.compare_digest(self._sign("token", token), self._sign("token", self._token))

    def pass_for_token(self) -> str:
        """What the cookie of one who knew the token holds; worthless once the token is another."""
        return self._sign("pass", self._token)

    def lets_in(self, cookie: str) -> bool:
        return not self._token or _is_same(cookie, self.pass_for_token())

    def new_visitor(self) -> str:
        """The cookie of somebody who was never here."""
        visitor = secrets.token_hex(16)
        return f"{visitor}.{self._sign('visitor', visitor)}"

    def visitor(self, cookie: str) -> str | None:
        """Whose cookie it is, a name fit for a folder; None where it is not of our making."""
        visitor, _, signature = cookie.partition(".")
        signed = self._sign("visitor", visitor)
        return visitor if _is_same(signature, signed) and _VISITOR.fullmatch(visitor) else None

    def may_ask(self, host: str) -> bool:
        """Whether a request may name this host.

        Where no token is asked for, only a name of this machine: else the page of another site, whose name
        its owner lets point here, could ask as if it were ours.
        """
        return bool(self._token) or is_loopback(_name(host))

    @staticmethod
    def is_from_here(origin: str, host: str) -> bool:
        """Whether the page that asks is one of the host that it asks."""
        try:
            return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
        except ValueError:  # no address, as http://[
            return False

    def _sign(self, kind: str, text: str) -> str:
        message = f"{kind}:{text}".encode(errors="surrogatepass")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


def _is_same(one: str, other: str) -> bool:
    """Takes as long for any; bytes that are no text come as half characters."""
    return hmac.compare_digest(one.encode(errors="surrogatepass"), other.encode())


def _name(host: str) -> str:
    """`localhost` of `localhost:8000`, `::1` of `[::1]:8000`."""
    with suppress(ValueError):
        return urlsplit(f"//{host}").hostname or ""
    return ""
