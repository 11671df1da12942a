"""The command says what it can do, and what is wrong, in words for an operator."""

from __future__ import annotations

import pytest

import rapport
from rapport.cli.commands import COMMANDS, module_of, parser_of


def test_help_names_every_command(command):
    told = command("--help")
    assert told.code == 0
    assert all(f"rapport {word} " in told.out for word in COMMANDS)


def test_without_a_word_the_help_is_shown(command):
    assert command().out == command("help").out


def test_the_version_is_told(command):
    assert command("--version").out == f"rapport {rapport.__version__}\n"


@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_explains_itself(word):
    told = parser_of(word, module_of(word)).format_help()
    assert f"usage: rapport {word}" in told
    assert len(told.splitlines()) > 5


def test_a_slip_of_the_pen_gets_a_hint(command):
    told = command("bakcup")
    assert told.code == 2
    assert "did you mean `rapport backup`? See" in told.err
    assert "no command 'xyzzy'. See" in command("xyzzy").err


@pytest.mark.parametrize(
    "words", ["doctor --offline", "migrate --check", "channel list", "token list", "envelopes"]
)
def test_a_command_needs_nothing_in_its_environment_but_the_database(process, database, words):
    told = process(*words.split())
    assert told.code == 0, told


def test_a_wrong_setting_is_one_line_with_its_name_and_the_fix(command, monkeypatch):
    monkeypatch.setenv("RAPPORT_PORT", "many")
    told = command("doctor")
    assert told.code == 78
    assert told.err.count("\n") == 1
    assert told.err.startswith("rapport: RAPPORT_PORT: 'many' is wrong")


def test_an_unknown_setting_stops_the_start(command, monkeypatch):
    monkeypatch.setenv("RAPPORT_PROT", "80")
    told = command("migrate")
    assert (told.code, told.err.count("\n")) == (78, 1)
    assert "RAPPORT_PROT: no such setting" in told.err


def test_a_database_that_is_away_is_named_without_a_traceback(process):
    told = process("channel", "list", DATABASE_URL="postgresql://ada@127.0.0.1:1/desk")
    assert told.code == 1
    assert "the database cannot be reached" in told.err
    assert "Traceback" not in told.err
