"""Receive a large file over HTTP in as many pieces as the network breaks it into.

Only the standard library is used, so that any Python can fetch the data. The one thing it lacks on
some systems, a list of certificate authorities, comes from certifi, which JupyterLab installs.
"""

import http.client
import json
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ..progress import progress

__all__ = ["Part", "TransferError", "receive"]

BLOCK = 1 << 18  # bytes moved at a time
BUSY = {429, 500, 502, 503, 504}  # answers of a server that may soon give another


class TransferError(Exception):
    """The file was not received completely; the message says why, in one sentence."""


class _Interrupted(TransferError):
    """An attempt ended too early, and the next may fare better."""


class Part:
    """The bytes received so far in one file, and in a second file the edition they belong to."""

    def __init__(self, path):
        self.path = Path(path)
        self._notes = Path(f"{path}.json")

    @property
    def size(self):
        return self.path.stat().st_size if self.path.exists() else 0

    def edition(self, url):
        """Return the mark that the server at `url` gave these bytes, or None if it is not known."""
        try:
            notes = json.loads(self._notes.read_text())
            return notes["edition"] if notes["url"] == url else None
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def note_edition(self, url, edition):
        self._notes.write_text(json.dumps({"url": url, "edition": edition}))

    def remove(self):
        self.path.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)


def receive(url, part, size, *, timeout=10, attempts=4, pause=1):
    """Receive the file of `size` bytes at `url` into `part`, continuing from what is there.

    Inputs:
    - url: an address that begins with http:// or https://
    - part: Part
    - timeout: seconds to wait for each answer
    - attempts: how many attempts in a row may bring nothing new. A server that has never answered
      is not asked again, so that without a network the caller is told within seconds.
    - pause: seconds before the second of these attempts, doubled for each further one

    Raises TransferError, and OSError if the bytes cannot be written.
    """
    _expect_address(url)
    furthest, fruitless, answered = part.size, 0, False
    name = PurePosixPath(urlsplit(url).path).name
    with progress(total=size, desc=name, unit="B", initial=part.size) as bar:
        while part.size < size:
            try:
                with _ask(url, part, timeout) as answer:
                    answered = True
                    _append(answer, url, part, size, bar)
            except _Interrupted:
                if part.size > furthest:
                    furthest, fruitless = part.size, 0
                fruitless += 1
                if not answered or fruitless == attempts:
                    raise
                time.sleep(pause * 2 ** (fruitless - 1))


def _expect_address(url):
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and parts.hostname and url.isascii()
        _ = parts.port  # is looked at only now
    except ValueError:
        is_one = False
    if not is_one or any(letter.isspace() for letter in url):
        raise TransferError(
            f"The address is {url!r}, expected one that begins with https://, in ASCII letters."
        )


def _ask(url, part, timeout):
    """Ask for what is missing, and return the answer, whatever its status."""
    headers = {"User-Agent": "cs231n-kit", "Accept-Encoding": "identity"}
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
        if edition := part.edition(url):
            headers["If-Range"] = edition  # of another edition the server sends all
    try:
        _look_up(url, timeout)
        request = urllib.request.Request(url, headers=headers)
        return urllib.request.urlopen(request, timeout=timeout, context=_certificates())
    except urllib.error.HTTPError as answer:
        return answer
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(urlsplit(url).hostname, error, timeout) from error
    except ValueError as error:  # an address that we are sent on to, or a mark with a line end
        raise TransferError(f"{url} cannot be fetched: {error}.") from error


def _unreachable(host, error, timeout):
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return TransferError(
            f"The certificate of {host} could not be verified: {reason.verify_message}."
        )
    if isinstance(reason, TimeoutError):
        return _Interrupted(f"{host} did not answer within {timeout:g} seconds.")
    if isinstance(reason, socket.gaierror):
        return _Interrupted(f"{host} was not found: no network, or no such name.")
    return _Interrupted(f"{host} could not be reached: {reason or repr(reason)}.")


def _append(answer, url, part, size, bar):
    """Write the body of an answer to its place in `part`."""
    start = _expect_start(answer, url, part, size)
    bar.update(start - bar.n)
    if start == 0:
        edition = answer.headers.get("ETag", "")
        weak = not edition or edition.startswith("W/")  # weak marks cannot be asked for again
        part.note_edition(url, answer.headers.get("Last-Modified") if weak else edition)
    received = start
    with open(part.path, "ab" if start else "wb") as file:
        while block := _read_block(answer, received, size):
            received += len(block)
            if received > size:
                break
            file.write(block)
            bar.update(len(block))
    if received > size:
        part.remove()
        raise TransferError(f"{url} has more than {size:,} bytes: it is another file.")
    if received < size:
        raise _Interrupted(f"The connection was cut after {_share(received, size)}.")


def _read_block(answer, received, size):
    try:
        return answer.read1(BLOCK)
    except TimeoutError as error:
        raise _Interrupted(f"The server stopped sending after {_share(received, size)}.") from error
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(f"The connection was cut after {_share(received, size)}.") from error


def _expect_start(answer, url, part, size):
    """Return the place in the file at which the body of an answer starts."""
    start, total = 0, answer.headers.get("Content-Length")
    if answer.status == 206:
        start, total = _content_range(answer)
    elif answer.status in BUSY:
        raise _Interrupted(f"{url} cannot be fetched now: {answer.status} {answer.reason}.")
    elif answer.status == 416:  # the server has no such range
        part.remove()
        raise _Interrupted(f"{url} cannot be continued: {answer.status} {answer.reason}.")
    elif answer.status != 200:
        raise TransferError(f"{url} cannot be fetched: {answer.status} {answer.reason}.")
    if total not in (None, str(size)):
        raise TransferError(f"{url} has {_readable(total)} bytes, expected {size:,}.")
    if start not in (0, part.size):
        part.remove()
        raise _Interrupted(f"{url} was continued at byte {start:,}, which was not asked for.")
    return start


def _readable(number):
    """Write what a server calls a number of bytes, be it one or not."""
    is_number = number.isascii() and number.isdigit() and len(number) < 20
    return f"{int(number):,}" if is_number else f"{number[:40]!r}"


def _content_range(answer):
    """Return where the body of a partial answer starts, and the size of the whole if known."""
    header = answer.headers.get("Content-Range", "")
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", header)
    if not match:
        raise TransferError(
            f"The server answered with Content-Range {header!r}, expected one like 'bytes 0-9/10'."
        )
    start, total = match.groups()
    if len(start) > 19:
        raise TransferError(
            f"The server answered with byte {start[:19]}..., expected one of the file."
        )
    return int(start), None if total == "*" else total


def _look_up(url, timeout):
    """Look up the host's address, for no longer than `timeout`; the system has no such limit.

    Raises TimeoutError or socket.gaierror. Behind a proxy it is the proxy that looks it up.
    """
    parts = urlsplit(url)
    if parts.scheme in urllib.request.getproxies():
        return
    outcome = []

    def look_up():
        try:
            outcome.append(socket.getaddrinfo(parts.hostname, parts.port))
        except OSError as error:
            outcome.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(timeout)
    if not outcome:
        raise TimeoutError
    if isinstance(outcome[0], OSError):
        raise outcome[0]


def _certificates():
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:  # such as Python from python.org on macOS
        try:
            import certifi
        except ImportError:
            return context
        context.load_verify_locations(certifi.where())
    return context


def _share(received, size):
    return f"{received / 1e6:,.1f} of {size / 1e6:,.1f} MB"
