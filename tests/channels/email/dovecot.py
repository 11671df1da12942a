"""A real Dovecot for tests: throw-away, on a free port of the loopback, as root or as anybody."""

from __future__ import annotations

import getpass
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from imap_tools import MailBoxUnencrypted

CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
instance_name = {name}
{tls}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
mail_location = maildir:{folder}/mail/%u
auth_failure_delay = 0 secs
mailbox_idle_check_interval = 1 secs
mail_max_userip_connections = 100
passdb {{
  driver = static
  mechanisms = plain login
  args = password=secret
}}
{oauth}
{abilities}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  user = {user}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  user = {user}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap {{
  process_limit = 50
}}
service stats {{
  chroot =
  user = {user}
}}
"""


TLS = """ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
"""
OAUTH = """passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
"""
INTROSPECTION = """introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


@dataclass
class Mailbox:
    """One account (its password is "secret") on a running server."""

    folder: Path
    port: int
    user: str = "desk"

    @property
    def config(self) -> dict[str, Any]:
        return {
            "imap_host": "127.0.0.1",
            "imap_port": self.port,
            "imap_security": "none",
            "imap_user": self.user,
            "timeout": 10,
        }

    @contextmanager
    def open(self, folder: str = "INBOX") -> Iterator[MailBoxUnencrypted]:
        with MailBoxUnencrypted("127.0.0.1", self.port, 10) as mailbox:
            mailbox.login(self.user, "secret", initial_folder=folder)
            yield mailbox

    def fill(self, mails: list[bytes], *, seen: bool = False, folder: str = "INBOX") -> None:
        with self.open() as mailbox:
            for mail in mails:
                mailbox.append(mail, folder, flag_set=["\\Seen"] if seen else [])


class Dovecot:
    """The server's process; it can be stopped, started and made to forget.

    With a `certificate` (one file with its key) it speaks TLS, on `tls_port` from the first byte; with an
    `introspection_url` (RFC 7662) it lets tokens in that are active there. `abilities` are the words of
    CAPABILITY where it shall know no others.
    """

    def __init__(
        self,
        folder: Path,
        *,
        certificate: Path | None = None,
        introspection_url: str = "",
        abilities: str = "",
    ) -> None:
        self.folder, self.port = folder, _free_port()
        self.tls_port = _free_port() if certificate else 0
        self.certificate, self.introspection_url = certificate, introspection_url
        self.abilities = f"imap_capability = {abilities}" if abilities else ""
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "mail").mkdir()
        self._write_config()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [_program(), "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(200):
            if self.process.poll() is not None:
                pytest.fail(f"dovecot ended: {self.log()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        pytest.fail(f"dovecot does not listen: {self.log()}")

    def stop(self, sign: int = signal.SIGTERM) -> None:
        if self.process is None:
            return
        os.killpg(self.process.pid, sign)
        self.process.wait(10)
        self.process = None

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text()[-2000:] if path.exists() else ""

    def _write_config(self) -> None:
        user = getpass.getuser()
        entry = pwd.getpwnam(user)
        mail = entry
        if entry.pw_uid == 0:
            mail = pwd.getpwnam("nobody")
            shutil.chown(self.folder / "mail", mail.pw_uid, mail.pw_gid)
        if self.introspection_url:
            told = INTROSPECTION.format(url=self.introspection_url)
            (self.folder / "oauth2.conf").write_text(told)
        tls = TLS.format(certificate=self.certificate) if self.certificate else "ssl = no"
        (self.folder / "dovecot.conf").write_text(
            CONFIG.format(
                folder=self.folder,
                tls=tls,
                tls_port=self.tls_port,
                abilities=self.abilities,
                oauth=OAUTH.format(folder=self.folder) if self.introspection_url else "",
                name=f"tests{self.port}",
                user=mail.pw_name if entry.pw_uid == 0 else user,
                group=grp.getgrgid(mail.pw_gid).gr_name,
                uid=mail.pw_uid,
                gid=mail.pw_gid,
                port=self.port,
            )
        )


@contextmanager
def running_dovecot(**settings: Any) -> Iterator[Dovecot]:
    """A server in a folder of its own: pytest's are closed to the user that reads mail for root."""
    if _program() == "":
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have dovecot-imapd: nothing is skipped there")
        pytest.skip("dovecot-imapd is not installed")
    folder = Path(tempfile.mkdtemp(prefix="desk-dovecot-"))
    folder.chmod(0o711)
    server = Dovecot(folder, **settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    return Mailbox(dovecot.folder, dovecot.port)


def write_mails(count: int, *, start: int = 0, sender: str = "dora@mail.example") -> list[bytes]:
    """Mails that differ by their number only."""
    mails = []
    for number in range(start, start + count):
        mail = EmailMessage()
        mail["From"], mail["To"] = f"Dora <{sender}>", "desk@shop.example"
        mail["Subject"], mail["Message-ID"] = f"mail {number}", f"<{number}@mail.example>"
        mail["Date"] = "Sat, 21 Nov 2026 10:00:00 +0000"
        mail.set_content(f"Words {number}\n")
        mails.append(mail.as_bytes().replace(b"\n", b"\r\n"))
    return mails


def _program() -> str:
    return shutil.which("dovecot") or next(
        (path for path in ("/usr/sbin/dovecot",) if Path(path).exists()), ""
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
