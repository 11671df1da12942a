"""Docs: whatever an operator can set or run has a heading that tells about it."""

from __future__ import annotations

import importlib.util
import re

import msgspec
import pytest

from rapport.cli.commands import COMMANDS
from rapport.kernel.config import Config, variable_of
from tests.architecture.sources import ROOT, text_of


def headings(page: str) -> set[str]:
    return set(re.findall(r"^#{2,4} `([^`]+)`$", text_of(ROOT / "docs" / page), re.MULTILINE))


def test_every_setting_has_a_heading_and_every_heading_a_setting():
    assert headings("settings.md") == {variable_of(name) for name in Config.__struct_fields__}


def test_every_command_has_a_heading_and_every_heading_a_command():
    assert headings("commands.md") == {f"rapport {word}" for word in COMMANDS}


@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_has_a_module(word):
    assert importlib.util.find_spec(f"rapport.cli.{word.replace('-', '_')}")


def test_the_default_of_every_setting_is_told():
    parts = re.split(r"^### `", text_of(ROOT / "docs" / "settings.md"), flags=re.MULTILINE)[1:]
    told = {
        part.split("`")[0]: re.search(r"^Default: (.+)\.$", part, re.MULTILINE) for part in parts
    }
    assert all(told.values())
    for field in msgspec.structs.fields(Config):
        if field.default != "":
            default = str(field.default).lower() if field.type is bool else str(field.default)
            assert f"`{default}`" in told[variable_of(field.name)][1]
