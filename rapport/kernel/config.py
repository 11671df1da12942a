"""Settings of a deployment: read once from the environment, typed, and loud when wrong.

Each setting is `RAPPORT_<NAME>`; the two that the whole field knows keep their names, `DATABASE_URL` and
`REDIS_URL`. `<VARIABLE>_FILE` names a file that holds the value (for secrets). A wrong value stops the
start with the variable's name, what is wrong with it and how to mend it.
"""

from __future__ import annotations

import functools
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from rapport.kernel.announcing import find_address, local_address
from rapport.kernel.judging_settings import FIXES, explain_type, find_fault, nearest_hint

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Bytes = Annotated[int, msgspec.Meta(ge=1024)]

#: Settings known by the field's own name instead of `RAPPORT_…`.
WELL_KNOWN = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL"}


class ConfigError(Exception):
    """A setting is wrong; the message names the variable, the fault and the fix."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its type, its default and its unit."""

    #: The data folder: database, files, secret key, locks.
    home: str = ""
    database_url: str = ""
    redis_url: str = ""
    #: Signs sessions, tickets and reply addresses; made and kept in the data folder when not given.
    secret_key: str = ""
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: Port = 8000
    allowed_hosts: str = ""
    #: True behind a proxy that sets X-Forwarded-Proto and -For itself.
    behind_proxy: bool = False
    #: Who shows it may read /metrics from anywhere; without one they are read on the machine itself.
    metrics_token: str = ""
    debug: bool = False
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    #: Largest raw mail and largest webhook or API body, in bytes.
    max_mail_bytes: Bytes = 60_000_000
    max_body_bytes: Bytes = 1_000_000
    #: Largest single attachment that is kept, in bytes; a larger one is named, not stored.
    max_attachment_bytes: Bytes = 50_000_000
    #: Threads that render pages in one process.
    web_threads: Positive = 8
    #: Processes that `rapport up` starts: to serve pages and doors, and to work.
    edges: Positive = 2
    workers: Positive = 2
    #: Envelopes taken by a worker at once.
    work_batch: Positive = 200
    #: Seconds in which a sent reply can be taken back.
    undo_seconds: Annotated[int, msgspec.Meta(ge=0, le=600)] = 5
    #: Where system mail (invitations, sign-in links) goes out, smtp://user:password@host:587.
    smtp_url: str = ""
    mail_from: str = "rapport@localhost"
    #: Domain of the message ids that we make, when a mailbox has none.
    mail_domain: str = "rapport.invalid"
    #: S3-compatible storage of files; the data folder when empty.
    s3_bucket: str = ""
    s3_endpoint: str = ""
    #: Hosts inside the operator's own network that webhooks and cards may reach.
    net_allow: str = ""

    @property
    def home_path(self) -> Path:
        return Path(self.home).expanduser().resolve()

    @property
    def files_path(self) -> Path:
        return self.home_path / "files"

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_url).hostname or "localhost"


def variable_of(name: str) -> str:
    """The environment variable that holds the setting `name`."""
    return WELL_KNOWN.get(name, f"RAPPORT_{name.upper()}")


def load_config(environ: Mapping[str, str]) -> Config:
    """Read the settings out of an environment; raises ConfigError."""
    given = {}
    for name in Config.__struct_fields__:
        value = _read(environ, variable_of(name))
        if value is not None:
            given[name] = value
    _refuse_unknown(environ)
    given.setdefault("home", _default_home(environ))
    if "public_url" not in given and (address := _served_address(given)):
        given["public_url"] = address
    try:
        loaded = msgspec.convert(given, Config, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(str(error), given)) from None
    return _check(loaded)


@functools.cache
def config() -> Config:
    """The settings of this process, read at first use."""
    loaded = load_config(os.environ)
    if not loaded.secret_key:
        loaded = msgspec.structs.replace(loaded, secret_key=_kept_secret(loaded.home_path))
    return loaded


def _read(environ: Mapping[str, str], variable: str) -> str | None:
    """What is given, the variable itself before its file: an option of a command is handed on by the variable."""
    path = environ.get(f"{variable}_FILE")
    if environ.get(variable) or not path:
        return environ.get(variable) or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, ValueError) as error:
        fault = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ConfigError(
            f"{variable}_FILE: {path!r} cannot be read ({fault}); "
            f"name a readable file that holds the value"
        ) from None


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {variable_of(name) for name in Config.__struct_fields__}
    known |= {f"{variable}_FILE" for variable in known}
    for variable in environ:
        if variable.startswith("RAPPORT_") and variable not in known:
            raise ConfigError(f"{variable}: no such setting; {nearest_hint(variable, known)}")


def _default_home(environ: Mapping[str, str]) -> str:
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        return str(checkout / "data")
    base = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return str(Path(base) / "rapport")


def _served_address(given: Mapping[str, str]) -> str:
    """What people open where nobody has said so: what is served from here now, else our own port."""
    if address := find_address(Path(given["home"]).expanduser()):
        return address
    port = given.get("port", "")
    return local_address(given.get("host", ""), int(port)) if port.isdigit() and int(port) else ""


def _explain(message: str, given: Mapping[str, str]) -> str:
    fault, _, path = message.partition(" - at `$.")
    name = path.rstrip("`")
    value = repr(given.get(name, ""))
    return f"{variable_of(name)}: {value} is wrong: {explain_type(fault)}; {FIXES[name]}"


def _check(loaded: Config) -> Config:
    for name in FIXES:
        value = getattr(loaded, name)
        if isinstance(value, str) and value and (fault := find_fault(name, value)):
            raise ConfigError(f"{variable_of(name)}: {fault}; {FIXES[name]}")
    return loaded


def _kept_secret(home: Path) -> str:
    path = home / "secret.key"
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(
            f"RAPPORT_HOME: {str(home)!r} cannot be used ({error.strerror}); "
            "name a folder in which this user may write"
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
