"""Parting: `{% part "…/_name.html" %}`, an include by a fixed name for pages that are looked at all day.

Django's own looks its template up once more at every page. A part knows all that the page knows, and what
it names stays within it; it neither extends another template nor has blocks of its own.
"""

from __future__ import annotations

from django.conf import settings
from django.template import Context, Node, NodeList
from django.template.base import Parser, Template, Token
from django.template.exceptions import TemplateSyntaxError
from django.utils.safestring import SafeString


class Part(Node):
    """The place of a fragment in a page."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._nodes: NodeList | None = None

    def render(self, context: Context) -> SafeString:
        nodes = self._nodes
        if nodes is None or settings.DEBUG:
            template: Template = context.template.engine.get_template(self.name)  # type: ignore[union-attr]
            nodes = self._nodes = template.nodelist
        with context.push():
            return nodes.render(context)


def put_part(_parser: Parser, token: Token) -> Part:
    """Compile it."""
    bits = token.split_contents()[1:]
    if len(bits) != 1 or bits[0][0] not in "\"'":
        raise TemplateSyntaxError("part takes one name in quotes")
    return Part(bits[0][1:-1])
