"""Gathers every translatable text of templates and modules into the catalogues, without GNU gettext.

What is translated stays, what is new comes in empty, what is nowhere used any more leaves.
bin/compile_catalogs.py then makes the catalogues ready for the program.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
#: Which argument is what: c = context, s = singular, p = plural.
ROLES = {"gettext": "s", "ngettext": "sp", "pgettext": "cs", "npgettext": "csp"}
CALLS = {"_": "s", "gettext_noop": "s", **ROLES}
CALLS |= {f"{name}_lazy": roles for name, roles in ROLES.items()}
#: How many forms a language has, and which of them a number takes.
PLURALS = {
    "pl": "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
    "zh_Hans": "nplurals=1; plural=0;",
    "zh_Hant": "nplurals=1; plural=0;",
}
LITERAL = r"""(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
IN_TEMPLATE = re.compile(rf"(?<![\w.])(_|n?p?gettext)\(((?:\s*u?{LITERAL}\s*,?)+)", re.DOTALL)
HOLES = {"python-format": r"%(\(\w+\))?[sd]", "python-brace-format": r"{\w*}"}
Key = tuple[str, str]


def key_of(entry: polib.POEntry) -> Key:
    """What tells two texts apart: the text and its context."""
    return entry.msgid, entry.msgctxt or ""


def gather(root: Path = ROOT) -> dict[Key, polib.POEntry]:
    """Every text of the package, with the files that say it."""
    found: dict[Key, polib.POEntry] = {}
    for path in sorted((root / "rapport").rglob("*.*")):
        is_template = "templates" in path.parts and path.suffix in (".html", ".txt")
        if not is_template and (path.suffix != ".py" or "migrations" in path.parts):
            continue
        read = in_template if is_template else in_module
        for entry in read(path.read_text(encoding="utf-8")):
            kept = found.setdefault(key_of(entry), entry)
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


def open_catalogue(language: str, root: Path = ROOT) -> polib.POFile:
    """The catalogue of a language, an empty one where there is none."""
    path = root / f"rapport/web/locale/{language}/LC_MESSAGES/django.po"
    catalogue = polib.pofile(str(path)) if path.exists() else polib.POFile()
    catalogue.wrapwidth, catalogue.fpath = 98, str(path)
    catalogue.metadata = {
        "Project-Id-Version": "rapport",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    return catalogue


def merge(catalogue: polib.POFile, found: dict[Key, polib.POEntry]) -> None:
    """Bring a catalogue to what the program says; translations and remarks stay."""
    known = {key_of(entry): entry for entry in catalogue if not entry.obsolete}
    forms = range(int(catalogue.metadata["Plural-Forms"][len("nplurals=")]))
    catalogue.clear()
    for key, said in sorted(found.items(), key=lambda item: (item[0][0].casefold(), item[0])):
        old = known.get(key, polib.POEntry())
        entry = polib.POEntry(
            msgid=said.msgid, msgctxt=said.msgctxt, msgid_plural=said.msgid_plural
        )
        entry.flags = said.flags + ["fuzzy"] * old.fuzzy
        entry.occurrences, entry.tcomment = said.occurrences, old.tcomment
        if said.msgid_plural:
            entry.msgstr_plural = {form: old.msgstr_plural.get(form, "") for form in forms}
        else:
            entry.msgstr = old.msgstr
        catalogue.append(entry)


if __name__ == "__main__":
    texts = gather()
    for catalogue in map(open_catalogue, PLURALS):
        merge(catalogue, texts)
        catalogue.save(newline="\n")
        missing = len(catalogue.untranslated_entries()) + len(catalogue.fuzzy_entries())
        print(f"{catalogue.metadata['Language']}: {len(catalogue)} texts, {missing} to translate")
