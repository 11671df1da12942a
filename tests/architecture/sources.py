"""The project's own files, as the lints read them."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "rapport"
#: The rooms of the domain, lowest first; a room that is not built yet has no folder.
ROOMS = (
    "accounts",
    "hours",
    "customers",
    "knowledge",
    "conversations",
    "community",
    "channels",
    "routing",
    "promises",
    "automation",
    "assist",
    "guides",
    "measures",
    "outreach",
    "feedback",
    "maturity",
    "workforce",
    "importing",
    "integrations",
)
EXEMPT = {"migrations", "vendor", "locale", "__pycache__"}


def files(pattern: str, *folders: str) -> list[Path]:
    """The project's files below these folders, without migrations, vendored files and catalogues."""
    found = (path for folder in folders for path in (ROOT / folder).rglob(pattern))
    return sorted(path for path in found if path.is_file() and not EXEMPT & set(path.parts))


def rooms() -> list[Path]:
    """The folders of the rooms that are built."""
    return [PACKAGE / room for room in ROOMS if (PACKAGE / room).is_dir()]


@functools.cache
def text_of(path: Path) -> str:
    """What the file says."""
    return path.read_text(encoding="utf-8")


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """The file, parsed."""
    return ast.parse(text_of(path))


def name_of(path: Path) -> str:
    """The path as the project names it: rapport/kernel/clock.py."""
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length_of(node: ast.stmt) -> int:
    """Lines from `def` to the last line."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain; calls within it are passed through (`a.b().c` → a.b.c)."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return node.id if isinstance(node, ast.Name) else ""


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that is imported, at whatever depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def report(faults: Iterable[str]) -> str:
    """The faults as a list that an editor can jump to."""
    return "\n  ".join(["", *sorted(faults)])
