"""Template tags of the settings: `{% load settings %}`."""

from __future__ import annotations

from django import template
from django.template import Context

from rapport.web.settings.sections import Section, sections_for

register = template.Library()


@register.simple_tag(takes_context=True)
def sections(context: Context) -> list[Section]:
    """The parts of the settings that the reader may open."""
    return sections_for(context["request"])
