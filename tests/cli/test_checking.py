"""The doctor names the step that fails, on real servers: Redis, mailboxes, the disk, the clock."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from rapport.channels.models import Channel
from rapport.kernel import clock
from rapport.kernel.secrets import seal
from tests.channels.email.dovecot import Mailbox, dovecot, mailbox
from tests.channels.sinks import smtp_sink
from tests.cli.conftest import Ended
from tests.cli.test_up import wait
from tests.edge.test_bus import redis_url

__all__ = ["dovecot", "mailbox", "redis_url"]
REACH = "check host, port and security"
SIGN_IN = "check user and password"


@pytest.fixture
def guarded_redis(redis_url: str) -> str:
    """The same Redis, which wants a password from now on."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.config_set("requirepass", "s3cret")
    return redis_url


def add_mailbox(password: str = "secret", **config: object) -> Channel:
    sealed = seal({"password": password})
    return Channel.objects.create(
        kind="email", name="Help", address="help@maple.example", config=config, sealed=sealed
    )


def the_failure(told: Ended) -> tuple[str, str]:
    """The one line that failed, and its fix."""
    lines = told.out.splitlines()
    (number,) = [at for at, line in enumerate(lines) if line.startswith("FAILED")]
    assert told.code == 1
    return lines[number], lines[number + 1]


def test_a_redis_that_rings_is_called_well(process, database, redis_url):
    told = process("doctor", "--offline", REDIS_URL=redis_url)
    assert told.code == 0, told.out + told.err
    assert "Redis: rung and heard" in told.out


def test_a_redis_that_is_away_is_named_with_its_setting(process, database, tmp_path):
    told = process("doctor", "--offline", REDIS_URL=f"unix://{tmp_path}/none.sock")
    failed, fix = the_failure(told)
    assert failed.startswith("FAILED  bus")
    assert "→ check REDIS_URL" in fix


def test_a_redis_that_wants_a_password_is_named_without_ours(process, database, guarded_redis):
    wrong = guarded_redis.replace("unix://", "unix://ada:wr0ng@")
    for url in (guarded_redis, wrong):
        failed, fix = the_failure(process("doctor", "--offline", REDIS_URL=url))
        assert failed.startswith("FAILED  bus")
        assert "its password" in fix
        assert "wr0ng" not in failed + fix


def test_a_mailbox_that_lets_us_in_is_told_step_by_step(command, database, mailbox: Mailbox):
    with smtp_sink() as sink:
        add_mailbox(**mailbox.config | sink.config)
        told = command("channel", "check")
    assert told.code == 0, told.out
    for words in ("Reach the server for incoming", "Sign in to incoming", "Open the folder INBOX"):
        assert words in told.out
    assert "Reach the server for outgoing mail" in told.out


def test_a_wrong_imap_password_is_told_apart_from_a_wrong_host(command, database, mailbox: Mailbox):
    channel = add_mailbox("wrong", **mailbox.config)
    failed, fix = the_failure(command("channel", "check"))
    assert "Sign in to incoming mail" in failed
    assert SIGN_IN in fix
    channel.config["imap_host"] = "imap.nowhere.invalid"
    channel.save()
    failed, fix = the_failure(command("doctor"))
    assert "Reach the server for incoming mail: imap.nowhere.invalid" in failed
    assert REACH in fix


def test_a_folder_that_is_not_there_is_named(command, database, mailbox: Mailbox):
    add_mailbox(**mailbox.config, imap_folder="Nowhere")
    failed, fix = the_failure(command("channel", "check"))
    assert "Open the folder Nowhere" in failed
    assert "name of the folder" in fix


def test_a_wrong_smtp_password_is_told_apart_from_a_closed_port(command, database):
    with smtp_sink(users={"desk": "secret"}) as sink:
        channel = add_mailbox("wrong", **sink.config, smtp_user="desk")
        failed, fix = the_failure(command("channel", "check"))
        assert "Sign in to outgoing mail" in failed
        assert SIGN_IN in fix
    channel.config["smtp_port"] = 1
    channel.save()
    failed, fix = the_failure(command("channel", "check"))
    assert "Reach the server for outgoing mail" in failed
    assert REACH in fix


def test_a_password_of_another_secret_key_hides_no_other_channel(command, database):
    Channel.objects.create(
        kind="email", name="Old", address="old@maple.example", sealed="x", config={"smtp_host": "x"}
    )
    add_mailbox(imap_host="127.0.0.1", imap_port=1, imap_security="none")
    told = command("channel", "check")
    assert told.code == 1
    assert "enter it again" in told.out
    assert "help@maple.example: Reach the server" in told.out


def test_clocks_that_disagree_are_named_with_the_way_to_set_them(command, database):
    with clock.frozen_at(clock.now() + timedelta(seconds=30)):
        failed, fix = the_failure(command("doctor", "--offline"))
    assert failed.startswith("FAILED  clock")
    assert "timedatectl" in fix


def test_a_data_folder_that_cannot_be_is_one_line_with_the_setting(process, tmp_path):
    (tmp_path / "file").touch()
    told = process("doctor", RAPPORT_HOME=str(tmp_path / "file" / "desk"))
    assert (told.code, told.err.count("\n")) == (78, 1)
    assert told.err.startswith("rapport: RAPPORT_HOME:")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_is_named(process, database, tmp_path: Path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine mounts nothing")
    try:
        failed, fix = the_failure(process("doctor", "--offline", RAPPORT_HOME=str(small)))
    finally:
        wait(lambda: subprocess.run(["umount", str(small)]).returncode == 0)
    assert failed.startswith("FAILED  disk")
    assert "free some space" in fix
