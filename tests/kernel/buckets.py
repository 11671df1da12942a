"""A small server that speaks the documented S3 protocol, as much of it as a storage of files needs."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

KEY, SECRET = "AKIATESTS", "hush/hush"


class Bucket:
    """What lies in it; `is_away` answers 503 to everything."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.parts: dict[int, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.is_away = False
        self.url = ""


def signature_of(method: str, target: str, headers: dict[str, str], secret: str) -> str:
    """Signature Version 4 of a request, from its own Authorization header's scope and list of headers."""
    _, _, rest = headers["authorization"].partition(" ")
    told = dict(part.strip().split("=", 1) for part in rest.split(","))
    _key, day, region, service, ending = told["Credential"].split("/")
    parts = urlsplit(target)
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    names = told["SignedHeaders"].split(";")
    request = "\n".join(
        [
            method,
            quote(unquote(parts.path), safe="/-_.~"),
            "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in query),
            *(f"{name}:{' '.join(headers[name].split())}" for name in names),
            "",
            told["SignedHeaders"],
            headers["x-amz-content-sha256"],
        ]
    )
    digest = hashlib.sha256(request.encode()).hexdigest()
    scope = f"{day}/{region}/{service}/{ending}"
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{digest}"
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, ending):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def plain(body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of a body that came in chunks of S3's own."""
    if not headers.get("x-amz-content-sha256", "").startswith("STREAMING"):
        return body
    found = b""
    while body:
        head, _, body = body.partition(b"\r\n")
        size = int(head.partition(b";")[0], 16)
        if size == 0:
            break
        found, body = found + body[:size], body[size + 2 :]
    return found


class Handler(BaseHTTPRequestHandler):
    """Answers for the bucket that its subclass names."""

    bucket: Bucket
    protocol_version = "HTTP/1.1"

    def serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        if headers.get("expect"):
            self.send_response_only(100)
            self.end_headers()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        name = unquote(urlsplit(self.path).path).removeprefix("/files/")
        self.bucket.asked.append((self.command, name))
        given = headers.get("authorization", "").rpartition("Signature=")[2]
        if self.bucket.is_away:
            self.tell(503)
        elif not given or given != signature_of(self.command, self.path, headers, SECRET):
            self.tell(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        else:
            self.act(name, plain(body, headers), headers.get("range", ""))

    def act(self, name: str, body: bytes, wanted: str) -> None:
        query = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if self.command == "POST":
            self.join(name, is_begin="uploads" in query)
        elif "partNumber" in query:
            self.bucket.parts[int(query["partNumber"])] = body
            self.tell(200)
        elif self.command == "PUT":
            self.bucket.files[name] = body
            self.tell(200)
        elif name not in self.bucket.files:
            self.tell(404, b"<Error><Code>NoSuchKey</Code></Error>")
        elif self.command == "DELETE":
            del self.bucket.files[name]
            self.tell(204)
        elif wanted:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            whole = self.bucket.files[name]
            part = whole[int(first) : int(last) + 1 if last else None]
            self.tell(206, part, of=f"bytes {first}-{int(first) + len(part) - 1}/{len(whole)}")
        else:
            self.tell(200, self.bucket.files[name])

    def join(self, name: str, *, is_begin: bool) -> None:
        """A large file comes in parts."""
        if is_begin:
            self.tell(
                200,
                b"<InitiateMultipartUploadResult><UploadId>1</UploadId>"
                b"</InitiateMultipartUploadResult>",
            )
            return
        self.bucket.files[name] = b"".join(part for _, part in sorted(self.bucket.parts.items()))
        self.bucket.parts.clear()
        self.tell(200, b"<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def tell(self, status: int, body: bytes = b"", *, of: str = "") -> None:
        self.send_response(status)
        if of:
            self.send_header("content-range", of)
        self.send_header("content-length", str(len(body)))
        self.send_header("etag", f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"')
        self.send_header("last-modified", "Sun, 22 Nov 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def running_bucket() -> Iterator[Bucket]:
    """The server on a free port for the length of the block; it holds one bucket, `files`."""
    bucket = Bucket()

    here = type("Here", (Handler,), {"bucket": bucket})
    server = ThreadingHTTPServer(("127.0.0.1", 0), here)
    server.daemon_threads = True
    bucket.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
