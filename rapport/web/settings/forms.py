"""The forms of the settings: people, company, teams, brands, tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.accounts.granting_tokens import SCOPES
from rapport.accounts.models import Agent, Contrast, Density, Motion, Role, TextSize
from rapport.web.kit.zones import zone_choices

THEMES = (("auto", _("As the system has it")), ("light", _("Light")), ("dark", _("Dark")))
ROLE_HELP = _(
    "Admins change the settings. Leads see and assign everything. Agents work on what their teams have. "
    "Viewers read and change nothing."
)
GIVEN_ROLES = [(role.value, role.label) for role in Role if role != Role.NONE]
LIFETIMES = (
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("365", _("One year")),
    ("", _("Until it is ended")),
)


def _one_of(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)


class ProfileForm(forms.Form):
    """What somebody sets about themselves."""

    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"),
        max_length=150,
        help_text=_("Customers see it beside your replies."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


class ComfortForm(forms.Form):
    """How the screens look to somebody, and how they work with them; all of it is seen at once."""

    theme = _one_of(_("Look"), THEMES)
    contrast = _one_of(_("Contrast"), Contrast.choices)
    motion = _one_of(_("Motion"), Motion.choices)
    density = _one_of(_("Density"), Density.choices)
    text_size = _one_of(_("Size of text"), TextSize.choices)
    has_single_keys = forms.BooleanField(
        label=_("Single keys act"),
        required=False,
        help_text=_(
            "E solves, R replies. Turn it off if you speak to your computer, or press keys by accident; "
            "keys with Ctrl or ⌘ go on working."
        ),
    )


class CompanyForm(forms.Form):
    """What holds for the whole company."""

    name = forms.CharField(label=_("Name"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        help_text=_("Business days and reports are reckoned in it."),
    )
    reopen_days = forms.IntegerField(
        label=_("Days in which a customer's mail reopens a solved conversation"),
        min_value=0,
        max_value=3650,
        help_text=_("After them it opens a new one that is linked to the old."),
    )
    keep_raw_days = forms.IntegerField(
        label=_("Days for which mails are kept as they arrived"),
        min_value=1,
        max_value=36500,
        required=False,
        help_text=_("Messages stay in any case. Empty keeps the raw mails for good."),
    )


class InviteForm(forms.Form):
    """Whom to ask in, and as what."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=GIVEN_ROLES, initial="agent", help_text=ROLE_HELP
    )


class PersonForm(forms.Form):
    """What an admin sets about a colleague."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, help_text=ROLE_HELP)


class TeamForm(forms.Form):
    """A team's name and who belongs to it."""

    name = forms.CharField(label=_("Name"), max_length=100)
    agents = forms.ModelMultipleChoiceField(
        label=_("Who belongs to it"),
        queryset=Agent.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Agents see the conversations of their teams, and those that nobody has."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["agents"]
        field.queryset = Agent.objects.filter(is_active=True).order_by("name", "pk")


class BrandForm(forms.Form):
    """What customers meet."""

    name = forms.CharField(label=_("Name"), max_length=100)
    hue = forms.IntegerField(
        label=_("Hue"),
        min_value=0,
        max_value=359,
        initial=255,
        widget=forms.NumberInput(attrs={"type": "range", "step": 1}),
        help_text=_("The one number that gives the brand its colours."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("For customers whose language is not known yet."),
    )
    signature = forms.CharField(
        label=_("Signature"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stands below every reply of this brand. Markdown may be used."),
    )


class TemplateForm(forms.Form):
    """An answer that is written once: in one language or in several."""

    title = forms.CharField(label=_("Name"), max_length=100)
    shortcut = forms.CharField(
        label=_("Shortcut"),
        max_length=30,
        required=False,
        help_text=_("Typed behind / it finds the template at once."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    whose = forms.ChoiceField(label=_("Who uses it?"))

    def __init__(self, *args: Any, whose: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["whose"]
        field.choices = whose
        for code, name in settings.LANGUAGES:
            self.fields[f"text_{code}"] = forms.CharField(
                label=name,
                required=False,
                max_length=20_000,
                widget=forms.Textarea(attrs={"rows": 5, "lang": code}),
            )

    @property
    def texts(self) -> dict[str, str]:
        """The words by language."""
        return {code: self.cleaned_data[f"text_{code}"] for code, _name in settings.LANGUAGES}


class TokenForm(forms.Form):
    """A key for a program."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.ChoiceField(label=_("How long?"), choices=LIFETIMES, required=False, initial="365")
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        choices=[(scope, scope if scope != "*" else _("everything")) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("It never sees more than you do."),
    )
