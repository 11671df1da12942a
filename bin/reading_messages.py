"""Reads the translatable texts out of templates and modules, without GNU gettext."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

#: Which argument is what: c = context, s = singular, p = plural.
ROLES = {"gettext": "s", "ngettext": "sp", "pgettext": "cs", "npgettext": "csp"}
CALLS = {"_": "s", "gettext_noop": "s", **ROLES, **{f"{n}_lazy": r for n, r in ROLES.items()}}
LITERAL = r"""(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
IN_TEMPLATE = re.compile(rf"(?<![\w.])(_|n?p?gettext)\(((?:\s*u?{LITERAL}\s*,?)+)", re.DOTALL)
HOLES = {"python-format": r"%(\(\w+\))?[sd]", "python-brace-format": r"{\w*}"}


def gather(root: Path) -> dict[tuple[str, str], polib.POEntry]:
    """Every text of the package by text and context, with the files that say it."""
    found: dict[tuple[str, str], polib.POEntry] = {}
    for path in sorted((root / "rapport").rglob("*.*")):
        is_template = "templates" in path.parts and path.suffix in (".html", ".txt")
        if not is_template and (path.suffix != ".py" or "migrations" in path.parts):
            continue
        read = in_template if is_template else in_module
        for entry in read(path.read_text(encoding="utf-8")):
            kept = found.setdefault((entry.msgid, entry.msgctxt or ""), entry)
            kept.msgid_plural = kept.msgid_plural or entry.msgid_plural
            place = (path.relative_to(root).as_posix(), "")
            kept.occurrences = sorted({*kept.occurrences, place})
    return found


def in_module(source: str) -> Iterator[polib.POEntry]:
    """The texts of a Python module; what is no literal is somebody else's text already."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            words = [getattr(argument, "value", None) for argument in node.args]
            yield from _entry(name, [word for word in words if isinstance(word, str)])


def in_template(source: str) -> Iterator[polib.POEntry]:
    """The texts of a template, as Django itself sees them."""
    for call in IN_TEMPLATE.finditer(templatize(source)):
        yield from _entry(call[1], [ast.literal_eval(w) for w in re.findall(LITERAL, call[2])])


def _entry(name: str, words: list[str]) -> Iterator[polib.POEntry]:
    roles = CALLS.get(name, "")
    if roles and len(words) >= len(roles):
        said = dict(zip(roles, words, strict=False))
        flags = [flag for flag, hole in HOLES.items() if re.search(hole, said["s"])]
        plural, context = said.get("p", ""), said.get("c")
        yield polib.POEntry(msgid=said["s"], msgid_plural=plural, msgctxt=context, flags=flags)
