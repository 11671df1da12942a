"""A setting that is wrong stops the start with its name, what is wrong with it, and what to give instead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from rapport.kernel.config import Config, ConfigError, load_config, variable_of
from rapport.kernel.judging_settings import FIXES

#: Settings of free text: whatever is given is what the operator means.
FREE = {"home", "host", "s3_bucket"}

WRONG = [
    ("RAPPORT_PORT", "many", "'many' is wrong: it is no whole number; give a port from 0 to 65535"),
    ("RAPPORT_PORT", "70000", "'70000' is wrong: it is more than 65535; give a port"),
    ("RAPPORT_EDGES", "0", "'0' is wrong: it is less than 1; give a whole number from 1 on"),
    ("RAPPORT_WORKERS", "1.5", "'1.5' is wrong: it is no whole number; give a whole"),
    ("RAPPORT_MAX_MAIL_BYTES", "60M", "'60M' is wrong: it is no whole number; give a number of bytes"),
    ("RAPPORT_UNDO_SECONDS", "601", "'601' is wrong: it is more than 600; give whole seconds"),
    ("RAPPORT_BEHIND_PROXY", "perhaps", "'perhaps' is wrong: it is neither true nor false; give true"),
    ("RAPPORT_LOG_LEVEL", "LOUD", "'LOUD' is wrong: there is no such choice; give one of: DEBUG"),
    ("RAPPORT_PUBLIC_URL", "desk.example.com", "must start with http://; give the address that"),
    ("RAPPORT_PUBLIC_URL", "https://", "the address names no host; give the address that people"),
    ("DATABASE_URL", "mysql://ada:hush@x/desk", "must start with postgresql://; give postgresql://"),
    ("DATABASE_URL", "postgresql://ada:hush@x:port/desk", "it cannot be read as an address; give"),
    ("REDIS_URL", "http://x", "must start with redis://; give redis://host:6379/0"),
    ("RAPPORT_SMTP_URL", "smtp://ada:hush@[x", "it cannot be read as an address; give smtp://"),
    ("RAPPORT_S3_ENDPOINT", "s3.example.com", "must start with https://; give an address such as"),
    ("RAPPORT_METRICS_TOKEN", "too short", "not 16 to 200 letters, digits or marks; give a long"),
    ("RAPPORT_SECRET_KEY", "hush", "shorter than 32 characters; give a long random text"),
    ("RAPPORT_MAIL_FROM", "Support", "'Support' is wrong: it holds no mail address; give an address"),
    ("RAPPORT_MAIL_DOMAIN", "a@b", "'a@b' is wrong: it is no domain; give a domain such as"),
    ("RAPPORT_ALLOWED_HOSTS", "a.example,https://b", "'https://b' is wrong: it is no host name; give"),
    ("RAPPORT_NET_ALLOW", "10.0.0.0/99", "'10.0.0.0/99' is wrong: it is no host name; give hosts or"),
]  # fmt: skip


@pytest.mark.parametrize(("variable", "value", "words"), WRONG)
def test_a_wrong_setting_is_named_with_its_fault_and_its_fix(
    variable: str, value: str, words: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config({variable: value})
    assert str(refused.value).startswith(f"{variable}: ")
    assert words in str(refused.value)
    assert "hush" not in str(refused.value)


def test_every_setting_whose_value_can_be_wrong_has_a_fix() -> None:
    assert set(FIXES) | FREE == set(Config.__struct_fields__)
    assert {variable for variable, _, _ in WRONG} <= {variable_of(name) for name in FIXES}


RIGHT = {
    "DATABASE_URL": "postgresql:///desk?host=/run/postgresql",
    "REDIS_URL": "unix:///run/redis.sock",
    "RAPPORT_ALLOWED_HOSTS": "desk.example.com, .example.org,[::1]",
    "RAPPORT_NET_ALLOW": "crm.local, 10.1.0.0/16,fd00::/8,127.0.0.1",
    "RAPPORT_MAIL_FROM": "Support <desk@localhost>",
    "RAPPORT_SMTP_URL": "smtp://localhost:25?security=none",
    "RAPPORT_SECRET_KEY": "k" * 32,
    "RAPPORT_DEBUG": "true",
    "RAPPORT_PORT": "0",
}


@pytest.mark.parametrize("variable", RIGHT)
def test_what_the_docs_show_is_taken(variable: str) -> None:
    assert load_config({variable: RIGHT[variable]})


def test_what_is_given_empty_is_not_given() -> None:
    empty = {variable_of(name): "" for name in Config.__struct_fields__ if name != "home"}
    defaults = msgspec.to_builtins(load_config({}))
    assert msgspec.to_builtins(load_config(empty)) == defaults


@pytest.mark.parametrize("name", Config.__struct_fields__)
def test_every_setting_can_come_out_of_a_file(name: str, tmp_path: Path) -> None:
    variable = variable_of(name)
    value = RIGHT.get(variable, {"home": str(tmp_path), "log_format": "json"}.get(name, ""))
    if not value:
        value = {int: "1024", bool: "true"}.get(type(getattr(Config(), name)), "https://a.example")
        value = {"undo_seconds": "7", "log_level": "ERROR", "mail_domain": "a.example"}.get(
            name, value
        )
    (tmp_path / "value").write_text(f"{value}\n")
    by_file = load_config({f"{variable}_FILE": str(tmp_path / "value")})
    assert getattr(by_file, name) == getattr(load_config({variable: value}), name)
    assert str(getattr(by_file, name)).lower() == value.lower()


def test_an_option_that_was_handed_on_counts_before_a_file(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("9000")
    both = {"RAPPORT_PORT": "8080", "RAPPORT_PORT_FILE": str(tmp_path / "port")}
    assert load_config(both).port == 8080


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "key"
    if content:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"RAPPORT_SECRET_KEY_FILE: '.*/key' cannot be read \("):
        load_config({"RAPPORT_SECRET_KEY_FILE": str(path)})


def test_a_setting_that_does_not_exist_is_told_what_was_probably_meant() -> None:
    with pytest.raises(ConfigError, match=r"no such setting; did you mean RAPPORT_PORT\?"):
        load_config({"RAPPORT_PROT": "80"})
    with pytest.raises(ConfigError, match=r"no such setting; docs/settings\.md lists"):
        load_config({"RAPPORT_XYZZY": "80"})


def test_further_hosts_are_added_to_those_that_serve_anyway() -> None:
    words = "import json, rapport.settings as s; print(json.dumps(s.ALLOWED_HOSTS))"
    given = {"RAPPORT_ALLOWED_HOSTS": "desk.local, .b.example", "RAPPORT_PUBLIC_URL": "https://a.b"}
    told = subprocess.check_output([sys.executable, "-c", words], env=os.environ | given)
    assert {"desk.local", ".b.example", "a.b", "localhost", "127.0.0.1"} <= set(json.loads(told))
