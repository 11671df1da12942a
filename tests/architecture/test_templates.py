"""Templates: every screen works without JavaScript and speaks the reader's language."""

from __future__ import annotations

import pytest

from tests.architecture.sources import files, name_of, report, text_of
from tests.architecture.templates import faults_of


def test_templates_work_without_javascript_and_in_every_language():
    faults = [
        f"{name_of(path)}:{fault}"
        for path in files("*.html", "rapport")
        for fault in faults_of(text_of(path))
    ]
    assert not faults, report(faults)


@pytest.mark.parametrize(
    "bad",
    [
        '<a hx-get="/x">{% translate "Show" %}</a>',
        '<button hx-get="/x"></button>',
        '<button hx-post="/x"></button>',
        '<div><form action="/x"></form><button hx-delete="/x"></button></div>',
        '<form hx-post="/x"></form>',
        "<p>Hello</p>",
        "<p>{{ name }} wrote</p>",
        '<input placeholder="Search">',
        '<button aria-label="Close"></button>',
        "<p>{{ body|safe }}</p>",
        '<p onclick="go()"></p>',
        '<p style="color: red"></p>',
        "<script>go()</script>",
    ],
)
def test_the_lint_sees_a_fault(bad):
    assert faults_of(bad)


@pytest.mark.parametrize(
    "good",
    [
        '<a href="/x" hx-get="/x">{% translate "Show" %}</a>',
        '<form action="/x" method="post" hx-post="/x"></form>',
        '<form action="/x"><button hx-post="/y" formaction="/y"></button></form>',
        '<form action="{% url "x" a=1 %}"><p><input hx-get="/y" name="q"></p></form>',
        '<button form="f" formaction="{{ u }}" hx-post="/y"></button>',
        "<p>{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}</p>",
        "{# a remark #}{% comment %}<p>Old</p>{% endcomment %}",
        '<input placeholder="{% translate "Search" %}" value="{{ q }}">',
        "<p>{{ count }} · 3 × {{ n }} &nbsp; &rarr;</p>",
        "<p>Rapport</p><kbd>Ctrl</kbd><code>From: x</code>",
        '<script type="module" src="/a.js" nonce="{{ nonce }}"></script>',
        '<script nonce="{{ request.csp_nonce }}">go()</script>',
        "<title>{% block title %}{% endblock %}</title>{% if a > 1 %}{% endif %}",
    ],
)
def test_the_lint_lets_good_markup_be(good):
    assert not faults_of(good)
