"""Seams: the clock, the network and the database are each reached by one way."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import (
    dotted,
    files,
    imported,
    name_of,
    report,
    text_of,
    tree_of,
)

CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now")
#: Who opens connections, and where that may be; the bench is a client that measures us.
NETWORK = ("httpx", "requests", "aiohttp", "http.client", "urllib.request", "urllib3", "ftplib")
NETWORK_HOMES = ("rapport/kernel/net/", "rapport/cli/benching/")
RAW = ("socket", "ssl", "smtplib", "imaplib", "imap_tools")
RAW_HOMES = (*NETWORK_HOMES, "rapport/channels/email/", "rapport/edge/", "rapport/kernel/pg/")
#: The supervisor looks whether its port is free and knocks at its own door.
RAW_HOMES += ("rapport/cli/",)
WRITES = {"create", "acreate", "update", "delete", "get_or_create", "update_or_create"}
WRITES |= {"bulk_create", "bulk_update", "select_for_update"}
KEEPERS = {"session", "cache", "messages", "storage"}


def clock_readings(tree: ast.Module, where: str) -> list[str]:
    """Calls that ask another clock than the kernel's."""
    return [
        f"{where}:{node.lineno}: ask kernel.clock.now() instead of {dotted(node.func)}()"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func).endswith(CLOCKS)
    ]


def ways_out(tree: ast.Module, where: str) -> list[str]:
    """Imports that reach the network without the kernel's guard."""
    faults = []
    for line, name in imported(tree):
        if _is_one_of(name, NETWORK) and not where.startswith(NETWORK_HOMES):
            faults.append(f"{where}:{line}: {name} outside kernel.net")
        if _is_one_of(name, RAW) and not where.startswith(RAW_HOMES):
            faults.append(f"{where}:{line}: {name} outside kernel.net and the mail channel")
    return faults


def _is_one_of(name: str, modules: tuple[str, ...]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def direct_writes(tree: ast.Module, where: str) -> list[str]:
    """Writes that a surface makes itself instead of asking an ability."""
    faults = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        *chain, verb = dotted(node.func).split(".")
        by_hand = "objects" in chain and verb in WRITES
        one_row = verb in ("save", "delete") and not node.args and not KEEPERS & set(chain)
        if by_hand or one_row:
            faults.append(f"{where}:{node.lineno}: {dotted(node.func)} writes; ask an ability")
    return faults


def prints(tree: ast.Module, where: str) -> list[str]:
    """Words on standard output, which belong to the command line."""
    return [
        f"{where}:{node.lineno}: print() outside the command line"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func) in ("print", "sys.stdout.write")
    ]


def test_nobody_asks_another_clock():
    faults = []
    for path in files("*.py", "rapport"):
        if name_of(path) != "rapport/kernel/clock.py":
            faults += clock_readings(tree_of(path), name_of(path))
    assert not faults, report(faults)


def test_there_is_one_way_out_to_the_network():
    faults = []
    for path in files("*.py", "rapport"):
        faults += ways_out(tree_of(path), name_of(path))
    assert not faults, report(faults)


def test_the_web_writes_by_abilities_only():
    faults = []
    for path in files("*.py", "rapport/web"):
        faults += direct_writes(tree_of(path), name_of(path))
    assert not faults, report(faults)


def test_only_the_command_line_prints():
    faults = []
    for path in files("*.py", "rapport"):
        if not name_of(path).startswith("rapport/cli/"):
            faults += prints(tree_of(path), name_of(path))
    assert not faults, report(faults)


def test_every_module_has_its_annotations_postponed():
    faults = [
        name_of(path)
        for path in files("*.py", "rapport", "tests", "bench", "bin")
        if len(tree_of(path).body) > bool(ast.get_docstring(tree_of(path)))
        and "from __future__ import annotations\n" not in text_of(path)
    ]
    assert not faults, report(faults)


@pytest.mark.parametrize(
    "bad",
    ["datetime.now(UTC)", "datetime.datetime.utcnow()", "timezone.now()", "date.today()"],
)
def test_the_lint_sees_another_clock(bad):
    assert clock_readings(ast.parse(bad), "rapport/a.py")


def test_the_lint_knows_our_clock():
    assert not clock_readings(ast.parse("clock.now()\ntime.monotonic()"), "rapport/a.py")


@pytest.mark.parametrize(
    "bad",
    ["import httpx", "from requests import get", "import socket", "from urllib import request"],
)
def test_the_lint_sees_another_way_out(bad):
    assert ways_out(ast.parse(bad), "rapport/customers/merging.py")


@pytest.mark.parametrize(
    ("good", "where"),
    [
        ("import httpx", "rapport/kernel/net/fetching.py"),
        ("import smtplib", "rapport/channels/email/sending.py"),
        ("from urllib.parse import urlsplit", "rapport/settings.py"),
    ],
)
def test_the_lint_knows_who_may_go_out(good, where):
    assert not ways_out(ast.parse(good), where)


@pytest.mark.parametrize(
    "bad",
    [
        "Agent.objects.create(name='Ada')",
        "Agent.objects.filter(pk=1).update(name='Ada')",
        "agent.save()",
        "form.save()",
        "agent.delete()",
    ],
)
def test_the_lint_sees_a_surface_that_writes(bad):
    assert direct_writes(ast.parse(bad), "rapport/web/a.py")


@pytest.mark.parametrize(
    "good",
    ["Agent.objects.filter(pk=1)", "request.session.save()", "cache.delete('x')", "solve(c, by=a)"],
)
def test_the_lint_lets_a_surface_read(good):
    assert not direct_writes(ast.parse(good), "rapport/web/a.py")


def test_the_lint_sees_a_print():
    assert prints(ast.parse("print('x')"), "rapport/a.py")
    assert not prints(ast.parse("log.info('x')"), "rapport/a.py")
