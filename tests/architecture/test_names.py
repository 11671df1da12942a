"""Names: the `ls` of a room is the list of what it can do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, files, name_of, report, rooms, tree_of

GENERIC = {"services", "service", "utils", "util", "helpers", "helper", "managers", "manager"}
GENERIC |= {"constants", "base", "common", "misc", "tools", "mixins", "views"}
#: Modules of a room that are no ability.
FRAMES = {"__init__", "apps", "access", "events", "jobs", "contract", "registry", "inbound"}
FRAMES |= {"door", "payload"}
NO_GERUNDS = {"string", "thing", "king", "ring", "spring", "wing", "sibling", "ceiling"}
SIGNALS = ("django.db.models.signals", "django.dispatch", "django.core.signals")


def is_gerund(name: str) -> bool:
    """`solving`, `granting_tokens`: the first word is what is done."""
    first = name.split("_")[0]
    return first.endswith("ing") and first not in NO_GERUNDS


def misnamed(room: Path) -> list[str]:
    """Modules of a room (or of a channel's package) that are neither ability nor frame."""
    return [
        f"{name_of(path)}: an ability is named by a gerund (solving, snoozing)"
        for path in sorted(room.glob("*.py"))
        if path.stem not in FRAMES and not is_gerund(path.stem)
    ]


def hidden_writes(tree: ast.Module, where: str) -> list[str]:
    """Overrides and signals, which write other rows behind the caller's back."""
    faults = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            faults += [
                f"{where}:{item.lineno}: {node.name} overrides {item.name}()"
                for item in node.body
                if isinstance(item, ast.FunctionDef) and item.name in ("save", "delete")
            ]
        elif isinstance(node, ast.ImportFrom) and node.module in SIGNALS:
            faults.append(f"{where}:{node.lineno}: signals hide the flow; let a follower listen")
    return faults


def undocumented(tree: ast.Module, where: str) -> list[str]:
    """A module, or a public function of one, without a sentence about itself."""
    faults = [] if ast.get_docstring(tree) or not tree.body else [f"{where}: no docstring"]
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_"
    ]
    return faults + [
        f"{where}:{node.lineno}: {node.name} has no docstring"
        for node in public
        if not ast.get_docstring(node)
    ]


def test_no_module_has_a_name_that_is_a_promise_to_rot():
    named = [path for path in files("*.py", "rapport") if path.stem in GENERIC]
    named += [path for path in PACKAGE.rglob("*") if path.is_dir() and path.name in GENERIC]
    assert not named, report(map(name_of, named))


def test_the_modules_of_a_room_are_abilities_or_known_frames():
    faults = []
    for room in rooms():
        faults += misnamed(room)
        for package in room.iterdir():
            if package.is_dir() and package.name not in ("models", "migrations"):
                faults += misnamed(package)
    assert not faults, report(faults)


def test_every_room_says_what_it_is_and_what_it_never_does():
    faults = []
    for room in [*rooms(), PACKAGE / "kernel"]:
        words = ast.get_docstring(tree_of(room / "__init__.py")) or ""
        if not 3 <= len(words.splitlines()) <= 10:
            faults.append(f"{name_of(room)}/__init__.py: say in five lines what this room is")
    assert not faults, report(faults)


def test_every_module_and_public_function_has_a_docstring():
    faults = []
    for path in files("*.py", "rapport"):
        faults += undocumented(tree_of(path), name_of(path))
    assert not faults, report(faults)


def test_models_neither_override_save_nor_listen_to_signals():
    faults = []
    for path in files("*.py", "rapport"):
        faults += hidden_writes(tree_of(path), name_of(path))
    assert not faults, report(faults)


@pytest.mark.parametrize("name", ["solving", "granting_tokens", "setting_up"])
def test_the_lint_knows_a_gerund(name):
    assert is_gerund(name)


@pytest.mark.parametrize("name", ["solver", "string", "thing_making", "solve_ing"])
def test_the_lint_knows_what_is_no_gerund(name):
    assert not is_gerund(name)


@pytest.mark.parametrize(
    "bad",
    [
        "class A(Model):\n    def save(self): ...",
        "class A(Model):\n    def delete(self): ...",
        "from django.db.models.signals import post_save",
        "from django.dispatch import receiver",
    ],
)
def test_the_lint_sees_what_happens_behind_the_back(bad):
    assert hidden_writes(ast.parse(bad), "a.py")


def test_the_lint_lets_queries_and_functions_be():
    good = "class A(QuerySet):\n    def open(self): ...\n\ndef save(x): ..."
    assert not hidden_writes(ast.parse(good), "a.py")


def test_the_lint_asks_for_a_sentence():
    assert undocumented(ast.parse("def solve(): ..."), "a.py")
    assert undocumented(ast.parse('"""Solving."""\ndef solve(): ...'), "a.py")
    assert not undocumented(ast.parse('"""Solving."""\ndef _solve(): ...'), "a.py")
