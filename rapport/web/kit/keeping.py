"""Keeping: a part of a template is drawn once for the values that it is made of, and filled in at each page.

    {% kept state=conversation.state late ref=conversation.ref %}
    <b class="{{ state }}">{{ ref }}</b> {% translate "Solve" %}
    {% endkept %}

Inside, nothing of the page is known but the values that are named: so what is kept cannot depend on
anything that is not in its key, and shows nobody what was meant for another. Values before `late` are the
key (beside language and time zone): texts, numbers, moments, and tuples or frozen dataclasses of them.
A frozen dataclass that is like none but itself (`eq=False`) is a key by itself, without a look inside:
for values that somebody keeps who makes them (`lru_cache`).
Those behind it may be printed and nothing else (an `if` raises): they are put in at each page, escaped,
and so is the form's `{% csrf_token %}`. The clock must not be asked inside.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token, render_value_in_context
from django.template.exceptions import TemplateSyntaxError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

#: So many drawings of one part are kept in a process; then the oldest goes.
MOST = 512
NAMED = re.compile(r"(\w+)=(.+)")
SECRET = secrets.token_hex(8)
MARK = re.compile(rf"\x02{SECRET}:(\w+)\x03")
Drawing = Sequence[str]


class Late(SafeString):
    """Stands for a value that is put in later."""

    def __bool__(self) -> bool:
        raise TypeError("a late value can only be printed; name it before `late` to ask about it")


class Kept(Node):
    """The part between `kept` and `endkept`."""

    child_nodelists = ("nodelist",)

    def __init__(
        self,
        nodelist: NodeList,
        *,
        keyed: Mapping[str, FilterExpression],
        late: Mapping[str, FilterExpression],
    ) -> None:
        self.nodelist = nodelist
        self.keyed, self.late = keyed, late
        self._marks = {name: Late(_mark(name)) for name in late}
        self._drawings: dict[tuple[Any, ...], Drawing] = {}

    def render(self, context: Context) -> SafeString:
        values = {name: _settled(each.resolve(context)) for name, each in self.keyed.items()}
        key = (get_language(), timezone.get_current_timezone_name(), *map(_keyed, values.values()))
        drawing = self._drawings.get(key)
        if drawing is None:
            drawing = self._draw(context, values)
            while len(self._drawings) >= MOST:
                self._drawings.pop(next(iter(self._drawings)), None)
            self._drawings[key] = drawing
        return self._fill(context, drawing)

    def _draw(self, context: Context, values: Mapping[str, Any]) -> Drawing:
        inside = context.new({**values, **self._marks, "csrf_token": _mark("csrf_token")})
        return MARK.split(self.nodelist.render(inside))

    def _fill(self, context: Context, drawing: Drawing) -> SafeString:
        """Texts and names stand in turn."""
        parts, said = list(drawing), dict[str, str]()
        for place in range(1, len(parts), 2):
            name = parts[place]
            if name not in said:
                said[name] = self._say(name, context)
            parts[place] = said[name]
        return mark_safe("".join(parts))  # noqa: S308 - drawn by the engine, filled with escaped values

    def _say(self, name: str, context: Context) -> str:
        if expression := self.late.get(name):
            return render_value_in_context(expression.resolve(context), context)
        return escape(str(context.get("csrf_token", "")))


def keep(parser: Parser, token: Token) -> Kept:
    """Compile `{% kept name=value … late name=value … %}`."""
    named: dict[str, dict[str, FilterExpression]] = {"keyed": {}, "late": {}}
    behind = "keyed"
    for bit in token.split_contents()[1:]:
        if bit == "late":
            behind = "late"
        elif found := NAMED.fullmatch(bit):
            named[behind][found[1]] = parser.compile_filter(found[2])
        else:
            raise TemplateSyntaxError(f"kept knows name=value and late, not {bit}")
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return Kept(nodelist, **named)


def _mark(name: str) -> str:
    return f"\x02{SECRET}:{name}\x03"


def _settled(value: Any) -> Any:
    """The value as it is now: what is lazy is said, what could change is copied."""
    if isinstance(value, Promise):
        return str(value)
    return tuple(value) if isinstance(value, list) else value


def _keyed(value: Any) -> Any:
    """What tells it from every other value, those that are merely equal (1 and True, safe and not) included."""
    kind = type(value)
    if kind is str or value is None:
        return value
    if isinstance(value, str | int | float | date):
        return kind, value
    if isinstance(value, tuple | list):
        return kind, *map(_keyed, value)
    if isinstance(value, Promise):
        return str, str(value)
    if isinstance(value, dict):
        return dict, *((_keyed(name), _keyed(each)) for name, each in value.items())
    made: Any = getattr(kind, "__dataclass_params__", None)
    if made is not None and made.frozen:
        if not made.eq:
            return value
        return kind, *(_keyed(getattr(value, field.name)) for field in fields(value))
    raise TypeError(f"{kind.__name__} is no value that a part can be kept by")
