"""Translations: every text there is, in every language, with the same holes and the same markup."""

from __future__ import annotations

import gettext
import importlib
import io
import re
import sys
from functools import cache
from types import ModuleType

import polib
import pytest

from tests.architecture.sources import ROOT, report

LANGUAGES = ("pl", "zh_Hans", "zh_Hant")
HOLES = re.compile(r"%\(\w+\)[sd]|%[sd]|{\w*}")
TAGS = re.compile(r"</?\w[^>]*>")
HAN = re.compile(r"[㐀-鿿]")
ASCII_MARKS = re.compile(r"[㐀-鿿][,;:?!.]|[,;:?!][㐀-鿿]")


@cache
def script(name: str) -> ModuleType:
    """A module of bin/, which is no package."""
    sys.path.insert(0, str(ROOT / "bin"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(ROOT / "bin"))


@cache
def said() -> dict[tuple[str, str], polib.POEntry]:
    """What the program says."""
    return script("reading_messages").gather(ROOT)


def catalogue(language: str) -> polib.POFile:
    return script("extract_messages").open_catalogue(language)


def translations_of(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def faults_of(entry: polib.POEntry, *, forms: int) -> list[str]:
    """What is wrong with one translation."""
    said, faults = translations_of(entry), []
    if entry.obsolete or entry.fuzzy:
        faults.append("is obsolete or fuzzy")
    if not all(said):
        faults.append("is not translated")
    if entry.msgid_plural and set(entry.msgstr_plural) != set(range(forms)):
        faults.append(f"needs {forms} forms")
    source = entry.msgid_plural or entry.msgid
    for words in filter(None, said):
        if set(HOLES.findall(words)) ^ set(HOLES.findall(source)) and not is_date(entry):
            faults.append("has other placeholders")
        if sorted(TAGS.findall(words)) != sorted(TAGS.findall(source)):
            faults.append("has other tags")
        if "\n" in source.strip() and words.count("\n") != source.count("\n"):
            faults.append("has other lines")
        if words.strip() == words and source.strip() != source:
            faults.append("has lost its blanks at the ends")
    return [f"{entry.msgid!r} {fault}" for fault in faults]


def is_date(entry: polib.POEntry) -> bool:
    """The forms of a date may choose among more parts than the English one uses."""
    return bool(entry.msgctxt and entry.msgctxt.startswith("date;"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_well_formed(language):
    kept = catalogue(language)
    forms = int(re.search(r"nplurals=(\d)", kept.metadata["Plural-Forms"])[1])
    faults = [fault for entry in kept for fault in faults_of(entry, forms=forms)]
    assert not faults, f"{language}:{report(faults)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_exactly_what_the_program_says(language):
    held = {(entry.msgid, entry.msgctxt or ""): entry.msgid_plural for entry in catalogue(language)}
    apart = said().keys() ^ held.keys()
    assert not apart, f"run bin/extract_messages.py:{report(map(str, apart))}"
    assert held == {key: entry.msgid_plural for key, entry in said().items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_stands_as_the_extraction_writes_it(language):
    kept = catalogue(language)
    before = (ROOT / f"rapport/web/locale/{language}/LC_MESSAGES/django.po").read_text("utf-8")
    script("extract_messages").merge(kept, said())
    assert str(kept) == before, "run bin/extract_messages.py"


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_chinese_has_its_own_punctuation(language):
    faults = [
        words
        for entry in catalogue(language)
        for words in translations_of(entry)
        if HAN.search(words) and (ASCII_MARKS.search(words) or "!" in words or "！" in words)
    ]
    assert not faults, report(faults)


def test_the_two_chinese_scripts_are_not_mixed():
    simplified = set("们这为发国说设还选点击页户时间处网码么获开关标题删编辑请输认证邮账号应该无")
    traditional = set("們這為發國說設還選點擊頁戶時間處網碼麼獲開關標題刪編輯請輸認證郵帳號應該無")
    only_simplified, only_traditional = simplified - traditional, traditional - simplified
    for language, foreign in (("zh_Hant", only_simplified), ("zh_Hans", only_traditional)):
        faults = [
            f"{language}: {words}"
            for entry in catalogue(language)
            for words in translations_of(entry)
            if foreign & set(words)
        ]
        assert not faults, report(faults)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"msgid": "Hello %(name)s", "msgstr": "Cześć"}, "placeholders"),
        ({"msgid": "in {n} s", "msgstr": "za {m} s"}, "placeholders"),
        ({"msgid": "<b>x</b>", "msgstr": "<i>x</i>"}, "tags"),
        ({"msgid": "Hello", "msgstr": ""}, "not translated"),
        ({"msgid": "a", "msgid_plural": "b", "msgstr_plural": {0: "x", 1: "y"}}, "3 forms"),
        ({"msgid": "Hello", "msgstr": "Cześć", "flags": ["fuzzy"]}, "fuzzy"),
    ],
)
def test_the_lint_sees_a_fault(entry, fault):
    assert any(fault in told for told in faults_of(polib.POEntry(**entry), forms=3))


def test_texts_are_found_in_modules_and_in_templates():
    module = 'a = _("one")\nb = ngettext("two", "twos", n)\nc = translation.pgettext("at", "three")'
    template = (
        "{% translate 'one' %}{{ x|default:_('four') }}{% include 'x' with y=_('five') %}"
        "{% blocktranslate count n=n %}{{ n }} six{% plural %}{{ n }} sixes{% endblocktranslate %}"
        "{% translate 'seven' context 'of nine' %}{# 'eight' #}"
    )
    reading = script("reading_messages")
    in_module = {(e.msgid, e.msgctxt or ""): e.msgid_plural for e in reading.in_module(module)}
    in_template = {
        (e.msgid, e.msgctxt or ""): e.msgid_plural for e in reading.in_template(template)
    }
    assert in_module == {("one", ""): "", ("two", ""): "twos", ("three", "at"): ""}
    assert in_template == {
        ("one", ""): "",
        ("four", ""): "",
        ("five", ""): "",
        ("%(n)s six", ""): "%(n)s sixes",
        ("seven", "of nine"): "",
    }


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (1, "1 wcześniejsza zmiana"),
        (2, "2 wcześniejsze zmiany"),
        (5, "5 wcześniejszych zmian"),
        (12, "12 wcześniejszych zmian"),
        (22, "22 wcześniejsze zmiany"),
        (112, "112 wcześniejszych zmian"),
    ],
)
def test_polish_numbers_take_their_own_form(n, words):
    polish = gettext.GNUTranslations(io.BytesIO(catalogue("pl").to_binary()))
    assert polish.ngettext("%(n)s earlier change", "%(n)s earlier changes", n) % {"n": n} == words
