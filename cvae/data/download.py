"""Fetch a large file over HTTP so that nothing which has arrived is lost.

    remote = look_up(url, Patience())
    fetch(remote, Path("archive.tar"), Patience())

The bytes gather in `archive.tar.part`; `archive.tar.json` says which file of the server they belong
to. `archive.tar` itself is there only once it is whole.
"""

# `requests` rather than urllib.request: it keeps redirects, proxies and time limits in one place,
# and notices a body that ends before its announced length, which http.client passes over.

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import requests
from tqdm import tqdm

from cvae.disk import write_text
from cvae.errors import InputError
from cvae.json_file import fitted, read_json

BLOCK = 1 << 16  # bytes read at once; less than that is lost where a connection breaks off
Result = TypeVar("Result")


@dataclass(frozen=True)
class Patience:
    """How long a server is put up with.

    retries: attempts after one that brought nothing; each new byte begins the count anew.
    pause: seconds before the first of them, doubled each time.
    timeout: seconds without an answer after which a connection counts as broken off.
    """

    retries: int = 5
    pause: float = 1.0
    timeout: float = 60.0


@dataclass(frozen=True)
class Remote:
    """A file as its server describes it.

    size: bytes.
    validator: changes whenever the file does (strong ETag or Last-Modified), or None where the
        server gives neither; what has arrived of such a file can't be continued.
    """

    url: str
    size: int
    validator: str | None


def look_up(url: str, patience: Patience) -> Remote:
    """Ask the server about the file at `url`, without fetching it.

    Raises InputError if the address is no HTTP address, the server can't be reached or has no such
    file, or it does not say how large the file is.
    """

    def ask() -> Remote:
        with _get(url, patience) as response:
            return _describe(url, response)

    return _persist(ask, url, patience, gained=lambda: 0)


def begun(file: Path) -> Remote | None:
    """What `file` was begun from, or None if nothing of it has arrived."""
    try:
        return fitted(Remote, read_json(_record(file)), "it")
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        raise InputError(
            f"{_record(file)} is damaged: delete the folder {file.parent} and begin anew."
        ) from error


def arrived(file: Path) -> int:
    """Bytes of `file` that are there already."""
    return next((path.stat().st_size for path in (file, _part(file)) if path.exists()), 0)


def fetch(remote: Remote, file: Path, patience: Patience) -> None:
    """Fetch `remote` into `file`, going on where an earlier call was cut off.

    Begins anew where the server's file has changed since, or where the server can't continue.
    Raises InputError if the connection keeps breaking off, the file changes on the way, its size
    is not the announced one, or the disk refuses.
    """
    part = _part(file)
    try:
        if remote.validator is None or begun(file) != remote:
            part.unlink(missing_ok=True)
            write_text(_record(file), json.dumps(asdict(remote)))
        with tqdm(
            total=remote.size, unit="B", unit_scale=True, unit_divisor=1024, desc="download"
        ) as progress:
            _persist(
                lambda: _receive(remote, part, progress, patience),
                remote.url,
                patience,
                gained=lambda: arrived(file),
            )
        if part.stat().st_size != remote.size:
            part.unlink()
            raise InputError(
                f"{remote.url} sent more than the {remote.size} bytes it announced: "
                "run the command again, or take another --url."
            )
        part.rename(file)
    except OSError as error:
        raise InputError(
            f"{part} can't be written ({error.strerror}): make room or choose another place, and "
            "run the command again; it goes on where it was."
        ) from error


def _receive(remote: Remote, part: Path, progress: tqdm, patience: Patience) -> None:
    """Add to `part` what one connection brings."""
    have = part.stat().st_size if part.exists() else 0
    if have >= remote.size > 0:
        return
    headers = {}
    if have and remote.validator:
        # If-Range: of a file that has changed the server sends the whole instead of the rest.
        headers = {"Range": f"bytes={have}-", "If-Range": remote.validator}
    with _get(remote.url, patience, headers) as response:
        continued = response.status_code == 206
        if continued:
            _check_range(response, have, remote)
        elif _describe(remote.url, response) != remote:
            raise InputError(
                f"{remote.url} changed while it was fetched: run the command again to begin anew."
            )
        progress.reset(remote.size)
        progress.initial = progress.n = have if continued else 0
        # Unbuffered: what has arrived is in the file even if the process is killed.
        with part.open("ab" if continued else "wb", buffering=0) as file:
            for block in response.iter_content(BLOCK):
                file.write(block)
                progress.update(len(block))
            os.fsync(file.fileno())
    if part.stat().st_size < remote.size:
        raise requests.ConnectionError("the body ended early")


def _get(url: str, patience: Patience, headers: dict[str, str] | None = None) -> requests.Response:
    """The opened answer; requests' exceptions for everything but 200 and 206."""
    # Not compressed on the way: lengths and ranges then count the bytes of the file.
    headers = {"Accept-Encoding": "identity"} | (headers or {})
    response = requests.get(url, headers=headers, stream=True, timeout=patience.timeout)
    response.raise_for_status()
    return response


def _describe(url: str, response: requests.Response) -> Remote:
    size = response.headers.get("Content-Length")
    if size is None:
        raise InputError(
            f"{url} does not say how large it is, so nobody could tell whether it arrived whole: "
            "take another --url."
        )
    etag = response.headers.get("ETag", "W/")
    strong = None if etag.startswith("W/") else etag  # a weak one does not vouch for every byte
    return Remote(url, int(size), strong or response.headers.get("Last-Modified"))


def _check_range(response: requests.Response, have: int, remote: Remote) -> None:
    expected = f"bytes {have}-{remote.size - 1}/{remote.size}"
    sent = response.headers.get("Content-Range")
    if sent != expected:
        raise InputError(
            f"{remote.url} sent {sent!r} where {expected!r} was asked for: run the command again, "
            "or take another --url."
        )


def _persist(
    attempt: Callable[[], Result], url: str, patience: Patience, gained: Callable[[], int]
) -> Result:
    """`attempt()`, tried again after what may pass; `gained()` tells what all of them brought."""
    failures, furthest = 0, gained()
    while True:
        try:
            return attempt()
        except requests.RequestException as error:
            reason = _reason(error, patience)
            if not _may_pass(error):
                raise InputError(f"{url} can't be fetched ({reason}): correct --url.") from error
            if gained() > furthest:
                failures, furthest = 0, gained()
            failures += 1
            if failures > patience.retries:
                raise InputError(
                    f"{url} can't be fetched ({reason}): look at the network or take another "
                    "--url, and run the command again; it goes on where it was."
                ) from error
            pause = patience.pause * 2 ** (failures - 1)
            tqdm.write(f"{url}: {reason}; trying again in {pause:.0f} s.", file=sys.stderr)
            time.sleep(pause)


def _may_pass(error: requests.RequestException) -> bool:
    """Whether it is worth trying again; not where the address is wrong or the file absent."""
    if isinstance(error, requests.HTTPError):
        status = _answer(error).status_code
        return status >= 500 or status in (408, 429)
    # Addresses that are none are ValueErrors too.
    return not isinstance(error, ValueError | requests.TooManyRedirects)


def _reason(error: requests.RequestException, patience: Patience) -> str:
    if isinstance(error, requests.HTTPError):
        return f"the server says {_answer(error).status_code} {_answer(error).reason}"
    if isinstance(error, requests.TooManyRedirects):
        return "it redirects in a circle"
    if isinstance(error, ValueError):
        return "that is no address of a file on an HTTP server"
    if isinstance(error, requests.Timeout):
        return f"no answer for {patience.timeout:.0f} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    return "no connection, or it broke off"


def _answer(error: requests.HTTPError) -> requests.Response:
    assert error.response is not None, "raise_for_status gives its errors the answer"
    return error.response


def _part(file: Path) -> Path:
    return file.with_name(file.name + ".part")


def _record(file: Path) -> Path:
    return file.with_name(file.name + ".json")
