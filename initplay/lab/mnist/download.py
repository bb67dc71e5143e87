"""The full MNIST from the network into the cache: checked first, then placed whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse, IncompleteRead, responses
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from initplay.lab.mnist.dataset import cache_dir
from initplay.lab.mnist.files import FILES
from initplay.words.whole import remove_abandoned, whole

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
"""Where FILE.gz is looked for, in order. The first is PyTorch's, the second TensorFlow's."""

MD5: dict[str, str] = dict(
    zip(
        FILES,
        (
            "6bbc9ace898e44ae57da46a324031adb",
            "a25bea736e30d166cdddb491f175f624",
            "2646ac647ad5339dbf082846283269ea",
            "27ae3e4e09519cfbb04c329615203637",
        ),
        strict=True,
    )
)
"""What each unpacked file hashes to: mirrors pack the same bytes differently."""

TIMEOUT = 20.0
"""Seconds without an answer or a byte after which a mirror is given up."""

OnProgress = Callable[[str, int, int | None], None]
"""Called with the file, the bytes that have come and, where the mirror tells, the bytes to come in all."""

_CHUNK = 2**16
_LARGEST = 64 * 2**20  # the largest file has 47 MB unpacked: a mirror that sends more sends something else
_NEEDS = "about 55 MB are needed: make room, or name another folder in INITPLAY_CACHE"


class FetchError(Exception):
    """The full MNIST cannot be had. The message is one sentence: what went wrong where, what to do."""


class Checked(NamedTuple):
    """One file of the cache, and whether it is what it should be."""

    file: str
    ok: bool
    sentence: str


class _MirrorFailed(Exception):
    """Why a mirror did not serve a file, without its name."""


class _MirrorUnfit(_MirrorFailed):
    """It answered, and would answer the same again: no second try."""


def fetch(
    mirror: str | None = None,
    on_progress: OnProgress | None = None,
    *,
    on_failure: Callable[[str], None] | None = None,
    folder: Path | None = None,
    files: Mapping[str, str] = MD5,
    timeout: float = TIMEOUT,
) -> Path:
    """Put what is missing or damaged into the cache folder, and return that folder.

    `mirror` is tried instead of MIRRORS. `on_failure` is told of each failed try in one sentence. Safe to
    interrupt, and to run twice at once. FetchError when every mirror failed or the disk refuses.
    """
    mirrors = (_as_base(mirror),) if mirror else MIRRORS
    folder = folder or cache_dir()
    missing = [checked.file for checked in verify(folder, files) if not checked.ok]
    if not missing:
        return folder
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        remove_abandoned(folder)
    for file in missing:
        content = _obtain(file, files[file], mirrors, timeout, on_progress, on_failure)
        with _writing(folder):
            _place(content, folder / file)
    return folder


def verify(folder: Path | None = None, files: Mapping[str, str] = MD5) -> list[Checked]:
    """Hash every file of the cache folder. Reads about 55 MB; changes nothing."""
    folder = folder or cache_dir()
    return [_check(folder / file, md5) for file, md5 in files.items()]


def _check(path: Path, md5: str) -> Checked:
    try:
        found = _md5(path.read_bytes())
    except FileNotFoundError:
        return Checked(path.name, False, f"{path} is not there: run `initplay data fetch`.")
    except OSError as error:
        why = error.strerror or str(error)
        return Checked(path.name, False, f"{path} cannot be read ({why}): mend that, or set INITPLAY_CACHE.")
    if found != md5:
        return Checked(
            path.name, False, f"{path} is damaged (md5 {found}, not {md5}): run `initplay data fetch`."
        )
    return Checked(path.name, True, f"{path} is whole.")


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


# From the network into memory


def _as_base(mirror: str) -> str:
    if not mirror.startswith(("http://", "https://")):
        raise FetchError(
            f"{mirror!r} is no mirror: give the http(s):// address of a folder with {FILES[0]}.gz."
        )
    return mirror if mirror.endswith("/") else f"{mirror}/"


def _obtain(
    file: str,
    md5: str,
    mirrors: tuple[str, ...],
    timeout: float,
    on_progress: OnProgress | None,
    on_failure: Callable[[str], None] | None,
) -> bytes:
    """The unpacked file, from the first mirror that has it; each is asked again unless it cannot help."""
    failures: dict[str, str] = {}
    unfit = set()
    for mirror in (*mirrors, *mirrors):
        if mirror in unfit:
            continue
        try:
            return _unpacked(_download(f"{mirror}{file}.gz", file, timeout, on_progress), md5)
        except _MirrorFailed as failure:
            failures[mirror] = f"{mirror}{file}.gz {failure}"
            if isinstance(failure, _MirrorUnfit):
                unfit.add(mirror)
            if on_failure:
                on_failure(f"{failures[mirror]}.")
    raise FetchError(
        f"{'; '.join(failures.values())}: check the network, or give another address with --mirror."
    )


def _download(url: str, file: str, timeout: float, on_progress: OnProgress | None) -> bytes:
    """What the mirror sends, as it is."""
    try:
        with urlopen(Request(url, headers={"User-Agent": "initplay"}), timeout=timeout) as response:
            return _received(response, file, on_progress)
    except HTTPError as error:
        error.close()
        kind = _MirrorFailed if error.code >= 500 else _MirrorUnfit
        raise kind(f"answered {error.code} {responses.get(error.code, '')}".rstrip()) from error
    except (OSError, HTTPException, ValueError) as error:  # ValueError: no address at all
        raise _MirrorFailed(_why(error)) from error


def _received(response: HTTPResponse, file: str, on_progress: OnProgress | None) -> bytes:
    total = response.length  # None where the mirror does not tell
    content = bytearray()
    while chunk := response.read(_CHUNK):
        content += chunk
        if len(content) > _LARGEST:
            raise _MirrorUnfit(f"sends more than {_LARGEST:,} bytes")
        if on_progress:
            on_progress(file, len(content), total)
    if total is not None and len(content) < total:
        raise _MirrorFailed("broke off before the end")
    return bytes(content)


def _why(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return "did not answer in time"
    if isinstance(reason, ssl.SSLCertVerificationError):
        mend = "install this system's CA certificates, or name a file of them in SSL_CERT_FILE"
        return f"has a certificate that cannot be verified ({mend})"
    if isinstance(error, URLError):
        return "cannot be reached"
    if isinstance(error, (ConnectionError, IncompleteRead)):
        return "broke off before the end"
    return f"gave no usable answer ({type(error).__name__})"


def _unpacked(content: bytes, md5: str) -> bytes:
    """What the mirror sent, unpacked; some servers unpack it themselves on the way."""
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(_LARGEST)
        except EOFError as error:
            raise _MirrorFailed("broke off before the end") from error
        except (OSError, zlib.error) as error:
            raise _MirrorFailed("sent a damaged file") from error
    if _md5(content) != md5:
        raise _MirrorUnfit("sent another file than MNIST's")
    return content


# From memory onto the disk


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FetchError(f"{folder} cannot be written ({error.strerror or error}); {_NEEDS}.") from error


def _place(content: bytes, path: Path) -> None:
    """Write it atomically: under its name there is always the whole file, or what was there before."""
    with whole(path) as beside, beside.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
