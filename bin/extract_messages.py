"""Brings the catalogues to what templates and modules say, without GNU gettext.

What is translated stays, what is new comes in empty, what is nowhere used any more leaves.
"""

from __future__ import annotations

from pathlib import Path

import polib
from reading_messages import gather

ROOT = Path(__file__).resolve().parent.parent
#: How many forms a language has, and which of them a number takes.
PLURALS = {
    "pl": "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
    "zh_Hans": "nplurals=1; plural=0;",
    "zh_Hant": "nplurals=1; plural=0;",
}


def open_catalogue(language: str) -> polib.POFile:
    """The catalogue of a language, an empty one where there is none."""
    path = ROOT / f"rapport/web/locale/{language}/LC_MESSAGES/django.po"
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


def merge(catalogue: polib.POFile, found: dict[tuple[str, str], polib.POEntry]) -> None:
    """Bring a catalogue to what the program says; translations and remarks stay."""
    known = {(old.msgid, old.msgctxt or ""): old for old in catalogue if not old.obsolete}
    forms = range(int(catalogue.metadata["Plural-Forms"][len("nplurals=")]))
    catalogue.clear()
    for key in sorted(found, key=lambda key: (key[0].casefold(), key)):
        said, old = found[key], known.get(key, polib.POEntry())
        entry = polib.POEntry(
            msgid=said.msgid, msgctxt=said.msgctxt, msgid_plural=said.msgid_plural
        )
        entry.flags, entry.occurrences = said.flags + ["fuzzy"] * old.fuzzy, said.occurrences
        entry.msgstr, entry.tcomment = "" if said.msgid_plural else old.msgstr, old.tcomment
        if said.msgid_plural:
            entry.msgstr_plural = {form: old.msgstr_plural.get(form, "") for form in forms}
        catalogue.append(entry)


if __name__ == "__main__":
    texts = gather(ROOT)
    for catalogue in map(open_catalogue, PLURALS):
        merge(catalogue, texts)
        catalogue.save(newline="\n")
        print(f"{catalogue.fpath}: {catalogue.percent_translated()} % of {len(catalogue)} texts")
