"""Configuring: what a mail channel knows of its servers, typed, out of its `config` and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Security = Literal["tls", "starttls", "none"]
Auth = Literal["password", "xoauth2", "none"]

#: Ports that go with a kind of security when none is given.
SMTP_PORTS: dict[Security, int] = {"tls": 465, "starttls": 587, "none": 25}
IMAP_PORTS: dict[Security, int] = {"tls": 993, "starttls": 143, "none": 143}


class Misconfigured(Exception):
    """The channel's settings are wrong; the message says which and how."""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """One server and how to sign in there; `password` is a token when `auth` is xoauth2."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    auth: Auth
    is_verified: bool = True
    timeout: float = 30.0
    #: Seconds for the answer to a whole mail: the other side may scan it first.
    verdict_timeout: float = 600.0


class MailConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`Channel.config` of a mail channel. Every field may be left out; an empty host switches a side off."""

    from_name: str = ""
    #: "plus": Reply-To is support+token@…; "none": replies are known by their references alone.
    reply_tokens: Literal["plus", "none"] = "plus"
    #: Whether the message that is answered is quoted below the answer.
    quotes_history: bool = True
    auth: Auth = "password"
    #: False accepts servers whose certificate nobody signed, as some in-house servers have.
    verify_certificates: bool = True
    smtp_host: str = ""
    smtp_port: Port = 0
    smtp_security: Security = "starttls"
    smtp_user: str = ""
    imap_host: str = ""
    imap_port: Port = 0
    imap_security: Security = "tls"
    imap_user: str = ""
    imap_folder: str = "INBOX"
    #: Whether the mail that already lies in a mailbox is taken in when it is connected.
    start_from: Literal["all", "now"] = "all"
    #: The server whose Authentication-Results are believed: its name, "*.example.com" for any below it, or
    #: "-" for one that writes no name. Empty believes nobody.
    authserv_id: Annotated[str, msgspec.Meta(max_length=255)] = ""
    #: Bytes of files that go along with one mail; what is above leaves as a link.
    most_attached_bytes: Annotated[int, msgspec.Meta(ge=0)] = 18_000_000
    #: Where a copy of what was sent is filed by IMAP; empty where the server does so itself.
    sent_folder: str = ""
    #: What becomes of a mail in the mailbox once it is stored here.
    after_fetch: Literal["leave", "seen", "move"] = "leave"
    archive_folder: str = ""
    poll_seconds: Annotated[int, msgspec.Meta(ge=1, le=86400)] = 120
    #: Minutes after which IDLE is renewed; below what firewalls forget.
    idle_minutes: Annotated[float, msgspec.Meta(gt=0, le=29)] = 5
    timeout: Annotated[float, msgspec.Meta(gt=0, le=600)] = 30.0
    #: RFC 5321 asks for ten minutes.
    verdict_timeout: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 600.0


def read_config(config: Mapping[str, Any]) -> MailConfig:
    """The typed settings; unknown keys are ignored; raises Misconfigured."""
    try:
        return msgspec.convert(dict(config), MailConfig, strict=False)
    except msgspec.ValidationError as error:
        raise Misconfigured(str(error)) from None


def smtp_server(config: MailConfig, secrets: Mapping[str, Any]) -> Server:
    """Where its mail goes out; raises Misconfigured when nobody has said where."""
    if not config.smtp_host:
        raise Misconfigured("smtp_host: the mailbox has no server for outgoing mail")
    return Server(
        host=config.smtp_host,
        port=config.smtp_port or SMTP_PORTS[config.smtp_security],
        security=config.smtp_security,
        user=config.smtp_user,
        password=_secret(config, secrets, "smtp_password"),
        auth=config.auth if config.smtp_user else "none",
        is_verified=config.verify_certificates,
        timeout=config.timeout,
        verdict_timeout=config.verdict_timeout,
    )


def imap_server(config: MailConfig, secrets: Mapping[str, Any]) -> Server:
    """Where its mail is read; raises Misconfigured when nobody has said where."""
    if not config.imap_host:
        raise Misconfigured("imap_host: the mailbox has no server for incoming mail")
    return Server(
        host=config.imap_host,
        port=config.imap_port or IMAP_PORTS[config.imap_security],
        security=config.imap_security,
        user=config.imap_user,
        password=_secret(config, secrets, "imap_password"),
        auth=config.auth,
        is_verified=config.verify_certificates,
        timeout=config.timeout,
    )


def _secret(config: MailConfig, secrets: Mapping[str, Any], name: str) -> str:
    if config.auth == "xoauth2":
        return str(secrets.get("access_token", ""))
    return str(secrets.get(name) or secrets.get("password", ""))
