from __future__ import annotations

import json
import re
from pathlib import Path

from django.template import engines

from rapport.web.kit.layering import SHEETS
from rapport.web.kit.naming_files import ALL_SHEETS, OURS, named_files


def render(text: str, request=None, **context: object) -> str:
    return engines["django"].from_string("{% load kit %}" + text).render(context, request)


def test_every_style_sheet_stands_once_in_the_one_that_is_linked(settings) -> None:
    files = {file.stem: file.read_bytes() for file in (OURS / "css").glob("*.css")}
    assert sorted(SHEETS) == sorted(files)
    assert render("{% styles %}").count("<link") == 1
    assert named_files()[ALL_SHEETS].body == b"".join(files[name] for name in SHEETS)
    settings.DEBUG = True
    assert render("{% styles %}").count("<link") == len(SHEETS)


def test_the_import_map_names_every_module_and_every_import_is_in_it(request_of) -> None:
    request = request_of()
    request.csp_nonce = "n0nce"
    shown = render("{% scripts %}", request)
    imports = json.loads(re.search(r'type="importmap" nonce="n0nce">(.*?)</script>', shown)[1])
    for module in (OURS / "js").glob("*.js"):
        for name in re.findall(r'from "(.+?)"|import "(.+?)"', module.read_text()):
            assert "".join(name) in imports["imports"]
    assert shown.count('nonce="n0nce"') == 3


def test_hostile_names_stay_words() -> None:
    evil = '"><script>alert(1)</script>'
    for tag in ("{% face evil %}", "{% address person %}", "{% icon 'x' '' evil %}"):
        shown = render(tag, evil=evil, person={"name": evil, "address": evil})
        assert "<script" not in shown


def test_the_query_is_changed_and_not_lost(request_of) -> None:
    request = request_of("/inbox/?q=a%20b&after=1.2")
    assert render("{% url_with after='3.4' %}", request) == "?q=a+b&amp;after=3.4"
    assert render("{% url_with after='' %}", request) == "?q=a+b"


def test_no_style_sheet_uses_ids_or_physical_sides() -> None:
    side = "(left|right|top|bottom)"
    banned = re.compile(
        r"(?<![\w-])#[a-z][\w-]*\s*[{,.:>]"
        rf"|\b(margin|padding|border)-{side}\b|\b{side}:|text-align: (left|right)"
    )
    for sheet in (OURS / "css").glob("*.css"):
        assert not banned.search(sheet.read_text()), sheet.name


def test_own_modules_stay_small() -> None:
    for module in (OURS / "js").glob("*.js"):
        text = Path(module).read_text()
        assert len(text.splitlines()) <= 120, module.name
        assert ".innerHTML" not in text, module.name
        assert "insertAdjacentHTML" not in text
