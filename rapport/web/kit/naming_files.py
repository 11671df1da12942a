"""Naming files: a file's address names its content, so that a browser may keep it for good.

Each file is read once, at the start. An upgrade that replaces the files under a running process changes
neither what its pages ask for nor what they get, and the pages after it ask for other addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from rapport.web.kit.compressing import pack, takes_gzip
from rapport.web.kit.layering import SHEETS

OURS = Path(__file__).resolve().parent.parent / "static"
#: The style sheets in one file: a head and an answer for each would weigh more than most of them.
ALL_SHEETS = "css/all.css"
HTMX = "django_htmx/htmx-4.min.js"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file as it was at the start: css/base.5f0c7a91d2e4.css, its content type, its bytes, plain and as gzip."""

    name: str
    kind: str
    body: bytes
    packed: bytes


class NamedStorage(StaticFilesStorage):
    """Django's storage, whose addresses name the content; plain ones while developing."""

    def url(self, name: str | None) -> str:
        named = None if settings.DEBUG else named_files().get(name or "")
        return super().url(named.name if named else name)


class NamedFilesMiddleware:
    """Serves the named files. It stands before WhiteNoise, which has all others by plain addresses, and
    before what makes the heads of pages: a style sheet needs no policy, and there are many of them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        files = [] if settings.DEBUG else named_files().values()
        self.named = {f"{settings.STATIC_URL}{file.name}": file for file in files}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        file = self.named.get(request.path_info)
        if file is None or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        headers = {
            "Cache-Control": FOR_GOOD,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if not takes_gzip(request):
            return HttpResponse(file.body, content_type=file.kind, headers=headers)
        headers["Content-Encoding"] = "gzip"
        return HttpResponse(file.packed, content_type=file.kind, headers=headers)


@lru_cache(maxsize=1)
def named_files() -> dict[str, NamedFile]:
    """What pages ask for, by its plain name: everything of ours, the style sheets in one, and htmx."""
    ours = read_files(OURS)
    sheets = b"".join(ours[f"css/{name}.css"].body for name in SHEETS)
    htmx = Path(str(finders.find(HTMX))).read_bytes()
    return ours | {ALL_SHEETS: _named(ALL_SHEETS, sheets), HTMX: _named(HTMX, htmx)}


def read_files(folder: Path) -> dict[str, NamedFile]:
    """The files of a folder by their names in it."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in KINDS]
    names = [path.relative_to(folder).as_posix() for path in paths]
    return {name: _named(name, path.read_bytes()) for name, path in zip(names, paths, strict=True)}


def _named(name: str, body: bytes) -> NamedFile:
    stem, dot, kind = name.rpartition(".")
    sum_of_it = blake2b(body, digest_size=6).hexdigest()
    return NamedFile(f"{stem}.{sum_of_it}{dot}{kind}", KINDS[dot + kind], body, pack(body, level=9))
