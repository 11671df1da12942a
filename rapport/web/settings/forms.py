"""The forms of the settings."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from rapport.web.kit.zones import zone_choices

THEMES = (("auto", _("As the system has it")), ("light", _("Light")), ("dark", _("Dark")))


class ProfileForm(forms.Form):
    """What somebody sets about themselves."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("Customers see it beside your replies."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    theme = forms.ChoiceField(label=_("Look"), choices=THEMES)
