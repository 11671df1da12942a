"""Template tags of the kit: `{% load kit %}`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.db.models import Model
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from rapport.accounts.models import Company
from rapport.channels.explaining import explain
from rapport.kernel import clock
from rapport.web.kit.comforting import comfort_of
from rapport.web.kit.faces import face_of
from rapport.web.kit.flashing import Flash, pending_flashes
from rapport.web.kit.keeping import keep
from rapport.web.kit.layering import SHEETS
from rapport.web.kit.moments import say_exactly, say_moment
from rapport.web.kit.naming_files import ALL_SHEETS, HTMX, OURS
from rapport.web.kit.parting import put_part

register = template.Library()
register.tag("kept", keep)
register.tag("part", put_part)


@register.filter
def explained(kept: str) -> str:
    """What went wrong on the road, in the reader's language, with the other side's words."""
    return explain(kept)


@register.simple_tag
def dom_id(row: Model, part: str = "") -> str:
    """The id of the element that shows a row, or a part of it: conversation_12, conversation_12_head."""
    name = f"{row._meta.model_name}_{row.pk}"
    return f"{name}_{part}" if part else name


@register.simple_tag
def styles() -> SafeString:
    """The link to all style sheets; while developing, one to each."""
    links: SafeString = _once(_styles)
    return links


@register.simple_tag(takes_context=True)
def scripts(context: Context) -> SafeString:
    """The import map (bare names to hashed addresses), htmx and our own entry, all with the nonce."""
    nonce = getattr(context.get("request"), "csp_nonce", "")
    return format_html(
        '<script type="importmap" nonce="{0}">{1}</script>'
        '<script src="{2}" nonce="{0}" defer></script>'
        '<script type="module" src="{3}" nonce="{0}"></script>',
        nonce,
        _once(_import_map),
        file_address(HTMX),
        file_address("js/app.js"),
    )


@register.simple_tag
def icon_file() -> str:
    """The address of the sign that stands in the browser's tab."""
    return file_address("icons/rapport.svg")


@register.simple_tag
def company_name() -> str:
    """The name of the company whose deployment this is; our own before it is set up."""
    return Company.objects.values_list("name", flat=True).first() or "Rapport"


@register.simple_tag(takes_context=True)
def flashes(context: Context) -> list[Flash]:
    """The flashes that wait to be shown; asking for them takes them."""
    request = context.get("request")
    return list(pending_flashes(request)) if request else []


@register.simple_tag
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """A sign out of the sprite; decoration unless it has a label."""
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="#i-{}"/></svg>',
            *(css, label, name),
        )
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="#i-{}"/></svg>', css, name
    )


@register.simple_tag
def face(name: str, css: str = "") -> SafeString:
    """The circle with a person's initials; the name stands beside it, so it is not read out."""
    shown = face_of(name)
    return format_html(
        '<span class="face {}" data-turn="{}" aria-hidden="true">{}</span>',
        *(css, shown.turn, shown.signs),
    )


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A time as a person says it, exact in the title."""
    if moment is None:
        return ""
    here = clock.now().astimezone(timezone.get_current_timezone())
    noon = here.replace(hour=12, minute=0, second=0, microsecond=0)
    return _said(get_language(), timezone.get_current_timezone_name(), noon, moment)


@lru_cache(maxsize=4096)
def _said(_language: str | None, _zone: str, noon: datetime, moment: datetime) -> SafeString:
    """How a time is said changes with the day, not within it."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        *(moment.isoformat(timespec="seconds"), say_exactly(moment), say_moment(moment, now=noon)),
    )


@register.simple_tag
def address(person: dict[str, str]) -> SafeString:
    """A chip out of {"name", "address"}: the name first, the address behind it."""
    name, at = person.get("name", ""), person.get("address", "")
    if not name or name == at:
        return format_html('<span class="address"><bdi class="address__name">{}</bdi></span>', at)
    return format_html(
        '<span class="address"><bdi class="address__name">{}</bdi> '
        '<bdi class="address__at">{}</bdi></span>',
        *(name, at),
    )


@register.filter
def drawn(rows: Iterable[Any]) -> SafeString:
    """Rows that carry their own HTML (SafeString), one below the other."""
    parts = [html if isinstance(html := row.html, SafeString) else escape(html) for row in rows]
    return mark_safe("\n".join([*parts, ""]))  # noqa: S308


@register.filter
def breakable(address: str) -> SafeString:
    """An address that a narrow column breaks behind its @ and before a dot, and not in the midst of a word."""
    return mark_safe(re.sub(r"(@)|(?=\.)", r"\1<wbr>", escape(address)))  # noqa: S308


@register.filter
def size(count: int) -> str:
    """Bytes as a person says them: 84 kB, 1.2 MB."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"


@register.simple_tag(takes_context=True)
def url_with(context: Context, **changes: Any) -> str:
    """This address with some of its query changed; an empty value takes a part out."""
    request = context["request"]
    query = [(n, each) for n, held in request.GET.lists() if n not in changes for each in held]
    query += [(name, str(value)) for name, value in changes.items() if value not in ("", None)]
    return f"?{urlencode(query)}" if query else request.path


@register.simple_tag(takes_context=True)
def comfort_attributes(context: Context) -> SafeString:
    """What the reader chose for their comfort, for the page's root; nothing where the system decides."""
    return comfort_of(context.get("request"), words=str(context.get("comfort") or ""))


def _styles() -> SafeString:
    names = [f"css/{name}.css" for name in SHEETS] if settings.DEBUG else [ALL_SHEETS]
    links = ((file_address(name),) for name in names)
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', links)


def _import_map() -> SafeString:
    names = sorted(file.stem for file in (OURS / "js").glob("*.js"))
    imports = {f"rapport/{name}": file_address(f"js/{name}.js") for name in names}
    # Addresses of our own files: nothing of a stranger can stand in them.
    return mark_safe(json.dumps({"imports": imports}))  # noqa: S308


def _once(make: Callable[..., Any], *given: str) -> Any:
    """Made at first use and kept; made afresh while developing, so that a new file is seen."""
    return make(*given) if settings.DEBUG else _kept(make, *given)


@lru_cache(maxsize=64)
def _kept(make: Callable[..., Any], *given: str) -> Any:
    return make(*given)


def file_address(name: str) -> str:
    """The address of a static file of ours."""
    address: str = _once(static, name)
    return address
