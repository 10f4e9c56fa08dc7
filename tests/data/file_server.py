"""A small HTTP server on the loopback address that can be told to misbehave."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """Serves `content` at `url`, whatever the path; use it in a `with`.

    content: the file.
    etag: sent as ETag, or not if None.
    ranges: whether requests for a range are honoured.
    cut_after: bytes after which each body breaks off, or None.
    hold_after: bytes after which each body waits until the server ends, or None.
    says_size: whether Content-Length is sent; a number is sent instead of the true size.
    surplus: bytes too many at the end of a range.
    statuses: what the next requests are answered with; 200 serves the file.
    asked: the Range header of each request, None where there was none.
    """

    content: bytes
    etag: str | None = '"first"'
    ranges: bool = True
    cut_after: int | None = None
    hold_after: int | None = None
    says_size: bool | int = True
    surplus: int = 0
    statuses: list[int] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)

    def __enter__(self) -> "FileServer":
        self.ended = threading.Event()
        self.held = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:
                self._answer(handler)

            def log_message(handler, *_) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/bair.tar"

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        self.asked.append(asked)
        status = self.statuses.pop(0) if self.statuses else 200
        if status != 200:
            handler.send_error(status)
            return
        start = 0
        if asked and self.ranges and handler.headers.get("If-Range") == self.etag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        body = self.content[start:] + bytes(self.surplus if start else 0)
        handler.send_response(206 if start else 200)
        if start:
            size = len(self.content)
            handler.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        if self.etag:
            handler.send_header("ETag", self.etag)
        if self.says_size:
            size = len(body) if self.says_size is True else self.says_size
            handler.send_header("Content-Length", str(size))
        handler.end_headers()
        self._send(handler, body)

    def _send(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        try:
            if self.hold_after is not None:
                handler.wfile.write(body[: self.hold_after])
                self.held.set()
                self.ended.wait()
            else:
                handler.wfile.write(body[: self.cut_after])
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has seen enough
