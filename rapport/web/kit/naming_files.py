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

OURS = Path(__file__).resolve().parent.parent / "static"
HTMX = "django_htmx/htmx-4.min.js"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file as it was at the start: css/base.5f0c7a91d2e4.css, its content type, its bytes."""

    name: str
    kind: str
    body: bytes


class NamedStorage(StaticFilesStorage):
    """Django's storage, whose addresses name the content; plain ones while developing."""

    def url(self, name: str | None) -> str:
        named = None if settings.DEBUG else named_files().get(name or "")
        return super().url(named.name if named else name)


class NamedFilesMiddleware:
    """Serves the named files. It stands before WhiteNoise, which has all others by plain addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        files = [] if settings.DEBUG else named_files().values()
        self.named = {f"{settings.STATIC_URL}{file.name}": file for file in files}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        file = self.named.get(request.path_info)
        if file is None or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        headers = {"Cache-Control": FOR_GOOD}
        return HttpResponse(file.body, content_type=file.kind, headers=headers)


@lru_cache(maxsize=1)
def named_files() -> dict[str, NamedFile]:
    """What pages ask for, by its plain name: everything of ours, and htmx."""
    return read_files(OURS) | {HTMX: _read(HTMX, Path(str(finders.find(HTMX))))}


def read_files(folder: Path) -> dict[str, NamedFile]:
    """The files of a folder by their names in it."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in KINDS]
    names = [path.relative_to(folder).as_posix() for path in paths]
    return {name: _read(name, path) for name, path in zip(names, paths, strict=True)}


def _read(name: str, path: Path) -> NamedFile:
    body = path.read_bytes()
    sum_of_it = blake2b(body, digest_size=6).hexdigest()
    stem = name.removesuffix(path.suffix)
    return NamedFile(f"{stem}.{sum_of_it}{path.suffix}", KINDS[path.suffix], body)
