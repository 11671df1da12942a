"""Keeping: what is kept can depend on nothing but its key, and shows nobody what is another's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.template import Context, RequestContext, Template
from django.template.exceptions import TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from rapport.web.kit import keeping
from rapport.web.kit.paging import Page


def draw(source: str, **values: Any) -> str:
    return TEMPLATES.setdefault(source, Template("{% load kit i18n %}" + source)).render(
        Context(values)
    )


TEMPLATES: dict[str, Template] = {}


@dataclass(frozen=True)
class Pair:
    one: str
    other: Any


@dataclass
class Loose:
    one: str = ""


def test_it_is_drawn_once_for_the_values_that_are_named() -> None:
    source = "{% kept a=a %}{{ a }}.{% now 'u' %}{% endkept %}"
    first, again, other = (draw(source, a=a) for a in (1, 1, 2))
    assert first == again
    assert other.split(".")[1] != first.split(".")[1]


def test_what_is_not_named_is_not_known_inside() -> None:
    source = "{% kept a=a %}{{ a }}{{ b }}{{ request }}{% endkept %}{{ b }}"
    assert draw(source, a=1, b="Dora", request="x") == "1Dora"


def test_values_that_are_merely_equal_are_not_the_same() -> None:
    source = "{% kept a=a %}{{ a }}{% endkept %}"
    found = [draw(source, a=a) for a in ("<b>", mark_safe("<b>"), 1, True, 1.0, (1,), (True,))]
    assert found == ["&lt;b&gt;", "<b>", "1", "True", "1.0", "(1,)", "(True,)"]


def test_another_language_or_zone_is_drawn_anew() -> None:
    source = "{% kept a=a %}{{ a }} {% translate 'Snooze' %}{% endkept %}"
    title = gettext_lazy("Solve")
    english = draw(source, a=title)
    with translation.override("pl"), timezone.override("Europe/Warsaw"):
        polish = draw(source, a=title)
    assert english == "Solve Snooze"
    assert polish not in (english, "")
    assert draw(source, a=title) == english


def test_late_values_are_put_in_at_each_page_and_escaped() -> None:
    source = '{% kept late a=a %}<i title="{{ a }}">{{ a }}</i>{% endkept %}'
    assert draw(source, a='"<b>') == '<i title="&quot;&lt;b&gt;">&quot;&lt;b&gt;</i>'
    assert draw(source, a="\x02x\x03{a}") == '<i title="\x02x\x03{a}">\x02x\x03{a}</i>'
    assert draw(source, a=mark_safe("<b>")) == '<i title="<b>"><b></i>'


@pytest.mark.parametrize("asks", ["{% if a %}x{% endif %}", "{{ a|default:'x' }}"])
def test_a_late_value_cannot_be_asked_about(asks: str) -> None:
    with pytest.raises(TypeError):
        draw("{% kept late a=a %}" + asks + "{% endkept %}", a="")


def test_each_page_has_its_own_token_in_its_forms() -> None:
    template = Template("{% load kit %}{% kept a=1 %}<form>{% csrf_token %}</form>{% endkept %}")
    drawn = [template.render(RequestContext(RequestFactory().get("/"), {})) for _ in range(2)]
    tokens = [re.search(r'value="([A-Za-z0-9]{64})"', each) for each in drawn]
    assert all(tokens)
    assert drawn[0] != drawn[1]


def test_what_can_change_unseen_is_no_key(cast) -> None:
    for value in (cast.tent, Loose(), {1, 2}, Pair("x", Loose())):
        with pytest.raises(TypeError):
            draw("{% kept a=a %}{{ a }}{% endkept %}", a=value)


def test_what_stands_inside_of_a_value_counts() -> None:
    source = "{% kept a=a %}{{ a.one }}{% for each in a.other %}{{ each }}{% endfor %}{% endkept %}"
    assert draw(source, a=Pair("x", [1, {"k": 2}])) == "x1{&#x27;k&#x27;: 2}"
    assert draw(source, a=Pair("x", [1, {"k": 3}])) == "x1{&#x27;k&#x27;: 3}"


def test_no_more_is_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    template = Template("{% load kit %}{% kept a=a %}{{ a }}{% endkept %}")
    [node] = [node for node in template.nodelist if isinstance(node, keeping.Kept)]
    for number in range(keeping.MOST + 20):
        assert template.render(Context({"a": number})) == str(number)
    assert len(node._drawings) == keeping.MOST


def test_a_value_without_a_name_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% load kit %}{% kept a %}{% endkept %}")


@dataclass(frozen=True, eq=False)
class Lone:
    one: str


def test_what_is_like_none_but_itself_is_a_key_by_itself() -> None:
    source = "{% kept a=a %}{{ a.one }}.{% now 'u' %}{% endkept %}"
    lone = Lone("x")
    first, again, other = (draw(source, a=a) for a in (lone, lone, Lone("x")))
    assert first == again
    assert other != first


def test_a_part_knows_the_page_and_keeps_what_it_names() -> None:
    page = RequestContext(RequestFactory().get("/?q=1"), {"page": Page([], "7.1")})
    source = '{% load kit %}{% part "kit/_more.html" %}{{ address }}'
    shown = Template(source).render(page)
    assert 'href="?q=1&amp;after=7.1"' in shown
    assert shown.rstrip().endswith("</li>")
    for wrong in ("{% part name %}", '{% part "a" "b" %}', "{% part %}"):
        with pytest.raises(TemplateSyntaxError):
            Template("{% load kit %}" + wrong)
