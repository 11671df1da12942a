"""Setting up: guess a mailbox's servers from its address, and prove that they let us in, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rapport.channels.contract import Outcome
from rapport.channels.email.configuring import (
    MailConfig,
    Misconfigured,
    imap_server,
    read_config,
    smtp_server,
)
from rapport.channels.email.handing_over import Stopped, open_session
from rapport.channels.email.reaching import (
    FAULTS,
    NoEntry,
    connect_mailbox,
    leave_mailbox,
    sign_in,
    words_of,
)
from rapport.kernel.mail.authenticating import NAMELESS


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried: its name for people, whether it went well, and the server's words."""

    name: str
    is_ok: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """The servers of a well-known provider, and whether it knows plus addresses."""

    imap: str
    smtp: str
    smtp_security: str = "starttls"
    auth: str = "password"
    reply_tokens: str = "plus"
    sent_folder: str = ""
    authserv_id: str = ""


#: Providers by name. Where mail sent by SMTP is filed by the provider itself no sent folder is given.
PROVIDERS = {
    "google": Provider("imap.gmail.com", "smtp.gmail.com", authserv_id="mx.google.com"),
    "microsoft": Provider(
        "outlook.office365.com", "smtp.office365.com", auth="xoauth2", authserv_id=NAMELESS
    ),
    "yahoo": Provider(
        "imap.mail.yahoo.com",
        "smtp.mail.yahoo.com",
        "tls",
        reply_tokens="none",
        authserv_id="*.yahoo.com",
    ),
    "icloud": Provider("imap.mail.me.com", "smtp.mail.me.com", authserv_id="*.icloud.com"),
    "fastmail": Provider(
        "imap.fastmail.com",
        "smtp.fastmail.com",
        "tls",
        sent_folder="Sent",
        authserv_id="*.messagingengine.com",
    ),
    "zoho": Provider("imap.zoho.com", "smtp.zoho.com", "tls"),
    "gmx": Provider("imap.gmx.net", "mail.gmx.net", reply_tokens="none", sent_folder="Gesendet"),
    "webde": Provider("imap.web.de", "smtp.web.de", reply_tokens="none", sent_folder="Gesendet"),
    "qq": Provider("imap.qq.com", "smtp.qq.com", "tls", reply_tokens="none"),
    "netease": Provider("imap.163.com", "smtp.163.com", "tls", reply_tokens="none"),
    "netease126": Provider("imap.126.com", "smtp.126.com", "tls", reply_tokens="none"),
    "wp": Provider("imap.wp.pl", "smtp.wp.pl", "tls", reply_tokens="none"),
    "onet": Provider("imap.poczta.onet.pl", "smtp.poczta.onet.pl", "tls", reply_tokens="none"),
    "interia": Provider("poczta.interia.pl", "poczta.interia.pl", "tls", reply_tokens="none"),
}
DOMAINS = {
    "gmail.com": "google",
    "googlemail.com": "google",
    "outlook.com": "microsoft",
    "hotmail.com": "microsoft",
    "live.com": "microsoft",
    "office365.com": "microsoft",
    "onmicrosoft.com": "microsoft",
    "yahoo.com": "yahoo",
    "yahoo.com.tw": "yahoo",
    "yahoo.com.hk": "yahoo",
    "icloud.com": "icloud",
    "me.com": "icloud",
    "fastmail.com": "fastmail",
    "fastmail.fm": "fastmail",
    "zoho.com": "zoho",
    "zohomail.com": "zoho",
    "gmx.net": "gmx",
    "gmx.de": "gmx",
    "web.de": "webde",
    "qq.com": "qq",
    "foxmail.com": "qq",
    "163.com": "netease",
    "126.com": "netease126",
    "wp.pl": "wp",
    "onet.pl": "onet",
    "op.pl": "onet",
    "interia.pl": "interia",
}


def guess_config(address: str) -> dict[str, Any]:
    """Likely settings for an address, ready for `Channel.config`. Asks nobody: no DNS, no network."""
    domain = address.strip().lower().rpartition("@")[2]
    known = next((DOMAINS[d] for d in _with_parents(domain) if d in DOMAINS), "")
    provider = PROVIDERS.get(known) or Provider(
        f"imap.{domain}", f"smtp.{domain}", sent_folder="Sent"
    )
    return {
        "imap_host": provider.imap,
        "imap_port": 993,
        "imap_security": "tls",
        "imap_user": address,
        "smtp_host": provider.smtp,
        "smtp_port": 465 if provider.smtp_security == "tls" else 587,
        "smtp_security": provider.smtp_security,
        "smtp_user": address,
        "auth": provider.auth,
        "reply_tokens": provider.reply_tokens,
        "sent_folder": provider.sent_folder,
        "authserv_id": provider.authserv_id,
    }


def guess_checker(imap_host: str) -> str:
    """The server whose word on senders counts where mail is read from this host; "" where nobody knows."""
    host = imap_host.strip().lower()
    return next((one.authserv_id for one in PROVIDERS.values() if one.imap == host), "")


def check_credentials(config: Mapping[str, Any], secrets: Mapping[str, Any]) -> list[Step]:
    """Try both servers for real, in order, stopping at each side's first fault. Sends and changes nothing."""
    try:
        settings = read_config(config)
    except Misconfigured as error:
        return [Step(_("Settings"), False, str(error))]
    steps: list[Step] = []
    if settings.imap_host:
        steps += _check_imap(settings, secrets)
    if settings.smtp_host:
        steps += _check_smtp(settings, secrets)
    return steps or [Step(_("Settings"), False, _("Neither incoming nor outgoing mail is set up."))]


def is_fine(steps: list[Step]) -> bool:
    """Whether every step went well."""
    return all(step.is_ok for step in steps)


def _check_imap(settings: MailConfig, secrets: Mapping[str, Any]) -> list[Step]:
    server = imap_server(settings, secrets)
    where = f"{server.host}:{server.port}"
    steps: list[Step] = []
    try:
        mailbox = connect_mailbox(server)
    except FAULTS as error:
        return [Step(_("Reach the server for incoming mail"), False, f"{where}: {words_of(error)}")]
    steps.append(Step(_("Reach the server for incoming mail"), True, where))
    try:
        attempts: list[tuple[str, Callable[[], object]]] = [
            (_("Sign in to incoming mail"), lambda: sign_in(mailbox, server)),
            (
                _("Open the folder %s") % settings.imap_folder,
                lambda: mailbox.folder.set(settings.imap_folder, readonly=True),
            ),
        ]
        for name, attempt in attempts:
            try:
                attempt()
            except (*FAULTS, NoEntry) as error:
                return [*steps, Step(name, False, words_of(error))]
            steps.append(Step(name, True))
    finally:
        leave_mailbox(mailbox)
    return steps


def _check_smtp(settings: MailConfig, secrets: Mapping[str, Any]) -> list[Step]:
    server = smtp_server(settings, secrets)
    reach = _("Reach the server for outgoing mail")
    name = _("Sign in to outgoing mail") if server.user else reach
    try:
        smtp = open_session(server)
    except Stopped as stop:
        is_reached = stop.result.outcome is Outcome.AUTH_INVALID
        return [Step(name if is_reached else reach, False, stop.result.error)]
    try:
        smtp.quit()
    except OSError:
        pass  # the session stood; how it ends does not matter
    finally:
        smtp.close()
    return [Step(name, True, f"{server.host}:{server.port}")]


def _with_parents(domain: str) -> list[str]:
    parts = domain.split(".")
    return [".".join(parts[place:]) for place in range(len(parts) - 1)]
