"""Docs: whatever can be set, run, asked for or heard of has a heading that tells about it."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from typing import Any

import msgspec
import pytest

from rapport.accounts.granting_tokens import SCOPES
from rapport.channels.email.bridging_providers import PROVIDERS
from rapport.channels.email.configuring import MailConfig
from rapport.channels.models import DeliveryState
from rapport.channels.webhook.configuring import WebhookConfig
from rapport.channels.webhook.payload import Payload
from rapport.cli.commands import COMMANDS
from rapport.kernel.config import Config, variable_of
from rapport.kernel.journal import Event
from rapport.kernel.journal.events import KINDS
from rapport.web.api.application import api
from tests.architecture.pages import (
    dead_links,
    is_defined,
    named_code,
    pages,
    sections,
    strange_words,
)
from tests.architecture.sources import ROOT, name_of, report, text_of

#: What all events of a room's part share is told once, above its kinds.
SHARED = {
    "conversation",
    "team",
    "left_team",
    "delivery",
    "only_to",
    "channel",
    "envelope",
    "number",
}
SHARED |= {"agent", "message"}


def headings(page: str) -> set[str]:
    return set(sections(page))


def test_every_setting_has_a_heading_and_every_heading_a_setting():
    assert headings("settings.md") == {variable_of(name) for name in Config.__struct_fields__}


def test_every_command_has_a_heading_and_every_heading_a_command():
    assert headings("commands.md") == {f"rapport {word}" for word in COMMANDS}


@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_has_a_module(word):
    assert importlib.util.find_spec(f"rapport.cli.{word.replace('-', '_')}")


def test_the_default_of_every_setting_is_told():
    told = {
        name: re.search(r"^Default: (.+)\.$", words, re.MULTILINE)
        for name, words in sections("settings.md").items()
    }
    assert all(told.values())
    for field in msgspec.structs.fields(Config):
        if field.default != "":
            default = str(field.default).lower() if field.type is bool else str(field.default)
            assert f"`{default}`" in told[variable_of(field.name)][1]


def kinds() -> dict[str, type[Event]]:
    """The program's own kinds; tests make some too."""
    return {k: c for k, c in KINDS.items() if c.__module__.startswith("rapport.")}


def test_every_kind_of_event_has_a_heading_and_every_heading_a_kind():
    assert headings("events.md") == set(kinds())


def test_every_field_of_an_event_is_told():
    told = sections("events.md")
    missing = [
        f"{kind}: {field.name}"
        for kind, cls in kinds().items()
        for field in dataclasses.fields(cls)
        if field.name not in {"by", "at"} | SHARED and f"- `{field.name}`: " not in told[kind]
    ]
    assert not missing, report(missing)


def operations() -> dict[str, Any]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }


def test_every_operation_of_the_api_has_a_heading_and_every_heading_an_operation():
    assert headings("api.md") == set(operations())


def test_every_filter_of_the_api_is_told():
    told = sections("api.md")
    missing = [
        f"{name}: {parameter['name']}"
        for name, operation in operations().items()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and parameter["name"] not in ("cursor", "limit")
        if f"`{parameter['name']}`" not in told[name]
    ]
    assert not missing, report(missing)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("api.md", SCOPES),
        ("mail.md", PROVIDERS),
        ("mailboxes.md", MailConfig.__struct_fields__),
        ("webhook-channel.md", WebhookConfig.__struct_fields__),
        ("webhook-channel.md", Payload.__struct_fields__),
        ("mail.md", [state.value for state in DeliveryState if state != "withdrawn"]),
    ],
)
def test_every_word_of_a_closed_list_is_told(page, words):
    told = text_of(ROOT / "docs" / page)
    missing = [word for word in words if not re.search(rf"\b{re.escape(word)}", told)]
    if "*" in words:
        assert "`*`" in told
        missing = [word for word in missing if word != "*"]
    assert not missing, report(missing)


def test_every_metric_is_told_and_no_other():
    counted = set(re.findall(r'"(rapport_\w+)"', text_of(ROOT / "rapport/edge/measuring.py")))
    told = re.findall(r"`(rapport_\w+?)(?:_total)?[`{]", text_of(ROOT / "docs" / "operating.md"))
    assert set(told) == counted


def test_links_between_pages_lead_somewhere():
    faults = [f"{name_of(page)}: {fault}" for page in pages() for fault in dead_links(page)]
    assert not faults, report(faults)


def test_every_page_of_docs_stands_in_the_index():
    index = text_of(ROOT / "docs" / "index.md")
    missing = [
        page.name
        for page in (ROOT / "docs").glob("*.md")
        if page.name != "index.md" and f"]({page.name})" not in index
    ]
    assert not missing, report(missing)


def test_no_page_names_a_registry_or_a_folder_of_one_machine():
    faults = [
        f"{name_of(page)}: {word}" for page in pages() for word in strange_words(text_of(page))
    ]
    assert not faults, report(faults)


def test_the_code_that_a_page_names_is_there():
    faults = [
        f"{name_of(page)}: {path}:{name}"
        for page in pages()
        for path, name in named_code(text_of(page))
        if not is_defined(path, name)
    ]
    assert not faults, report(faults)


@pytest.mark.parametrize(
    "bad", ["from https://" + "py" + "pi.org/simple", "see /home/ada/desk", "in `/mnt/desk/data`"]
)
def test_the_lint_sees_a_strange_word(bad):
    assert strange_words(bad)


@pytest.mark.parametrize(
    "good",
    ["`POST /hooks/email/<secret>`", "in /etc/systemd/system", "and/or", "https://a.example/b"],
)
def test_the_lint_knows_our_own_words(good):
    assert not strange_words(good)


@pytest.mark.parametrize(("page", "lines"), [("ARCHITECTURE.md", 150), ("STYLE.md", 200)])
def test_a_page_that_everybody_reads_is_short(page, lines):
    assert len(text_of(ROOT / page).splitlines()) <= lines


def test_the_changelog_names_this_release_or_what_comes():
    from rapport import __version__

    words = text_of(ROOT / "CHANGELOG.md")
    assert re.search(r"^## Unreleased$", words, re.MULTILINE)
    assert __version__ in words
