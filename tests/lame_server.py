"""A web server on localhost that goes wrong in the way it is told to, one way for each request."""

import contextlib
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class LameServer:
    """Serves one file at /archive.tar.gz; `answers` says how, in order, and after that rightly."""

    def __init__(self, content):
        self.content = content
        self.edition = '"first"'
        self.answers = []
        self.requests = []  # the headers of each
        self.over = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/archive.tar.gz"

    @contextlib.contextmanager
    def running(self):
        handler = type("Handler", (_Handler,), {"lame": self})
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield self
            finally:
                self.over.set()
                server.shutdown()
                thread.join()


def rightly(request):
    """Send the file, or the part of it that was asked for."""
    request.send_part(request.asked_from())


def without_ranges(request):
    """Send the whole file, whatever part of it was asked for."""
    request.send_part(0)


def without_length(content):
    """Send something without telling its length beforehand."""

    def answer(request):
        request.send_response(200)
        request.end_headers()
        request.wfile.write(content)

    return answer


def with_length(length):
    """Say that the file has some other length, which need not be a number."""

    def answer(request):
        request.send_response(200)
        request.send_header("Content-Length", length)
        request.end_headers()
        request.close_connection = True

    return answer


def cut_after(size):
    """Break off the connection after `size` bytes."""

    def answer(request):
        request.send_part(request.asked_from(), size)

    return answer


def cut_after_whole(size):
    """Ignore the part that was asked for, and break off after `size` bytes."""

    def answer(request):
        request.send_part(0, size)

    return answer


def silent_after(size):
    """Send `size` bytes, and then nothing, with the connection left open."""

    def answer(request):
        request.send_part(request.asked_from(), size, close=False)
        request.lame.over.wait()

    return answer


def status(code):
    """Answer with an error and its page."""

    def answer(request):
        request.send_error(code)

    return answer


def another_file(content):
    """Send something else, and call it the archive."""

    def answer(request):
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def never(request):
    """Take the request and do not answer it."""
    request.lame.over.wait()


class _Handler(BaseHTTPRequestHandler):
    lame = None

    def do_GET(self):
        self.lame.requests.append(dict(self.headers))
        answers = self.lame.answers
        answer = answers.pop(0) if answers else rightly
        with contextlib.suppress(ConnectionError):
            answer(self)

    def asked_from(self):
        """Return the place from which the file is asked for, 0 if that is of another edition."""
        if self.headers.get("If-Range", self.lame.edition) != self.lame.edition:
            return 0
        return int(re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "bytes=0-"))[1])

    def send_part(self, start, size=None, close=True):
        content = self.lame.content
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", self.lame.edition)
        self.end_headers()
        part = content[start:] if size is None else content[start : start + size]
        self.wfile.write(part)
        self.wfile.flush()
        if size is not None and close:
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_):
        pass
