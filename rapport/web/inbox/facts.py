"""The facts of a customer: name, organisation, language, zone, and what else the company keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zlib import crc32

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rapport.customers.changing_customers import Unfit, change_customer
from rapport.customers.guessing_zones import guess_zone
from rapport.customers.locking import Refusal
from rapport.customers.models import Attribute, AttributeType, Customer
from rapport.web.inbox.loading import customer_for
from rapport.web.inbox.showing_people import change_person, show_form
from rapport.web.kit.verbs import SignedIn, verbs
from rapport.web.kit.zones import zone_choices

PLAIN = ("name", "organisation", "language", "time_zone")
TRUTHS = (("", "—"), ("true", _("yes")), ("false", _("no")))


class FactsForm(forms.Form):
    """What is known of a customer; the fields of the company's attributes are put behind these."""

    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"), max_length=200, required=False
    )
    organisation = forms.CharField(label=_("Works at"), max_length=200, required=False)
    language = forms.CharField(
        label=_("Language"), max_length=12, required=False, help_text=_("Such as pl or zh-Hant.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    key = forms.CharField(label=_("Something else: its name"), max_length=100, required=False)
    value = forms.CharField(label=_("Its value"), max_length=2000, required=False)

    def __init__(self, customer: Customer, defined: list[Attribute], data: Any = None) -> None:
        plain = {name: getattr(customer, name) for name in ("name", "language", "time_zone")}
        plain["organisation"] = customer.organisation.name if customer.organisation else ""
        super().__init__(data, auto_id="fact_%s", initial=plain)
        self.kept: Mapping[str, Any] = customer.attributes
        self.names: dict[str, str] = {}
        self._offer_zones(customer)
        for attribute in defined:
            self._add(attribute.key, _field_of(attribute))
        for key in sorted(self.kept.keys() - {each.key for each in defined}):
            if not isinstance(self.kept[key], dict | list):
                self._add(key, forms.CharField(label=key, max_length=2000))
        last = {name: self.fields.pop(name) for name in ("key", "value")}
        self.fields.update(last)
        self.fields["name"].widget.attrs["autofocus"] = True

    def _add(self, key: str, field: forms.Field) -> None:
        name = f"attribute_{crc32(key.encode()):x}"
        field.required = False
        self.fields[name], self.names[name] = field, key
        value = self.kept.get(key)
        if isinstance(field, forms.ChoiceField):
            self.initial[name] = str(value).lower() if isinstance(value, bool) else value
        else:
            self.initial[name] = "" if value is None else str(value)

    def _offer_zones(self, customer: Customer) -> None:
        """The guess is said and stands first; it is chosen by whoever knows, never by itself."""
        phones = [each.value for each in customer.identities.all() if each.kind == "phone"]
        guess = guess_zone(phones=phones, language=customer.language)
        field: Any = self.fields["time_zone"]
        offered: list[Any] = [("", "—")]
        if guess and not customer.time_zone:
            offered.append((guess, _("{zone} (a guess)").format(zone=guess)))
        field.choices = [*offered, *zone_choices()]

    def changes(self) -> dict[str, Any]:
        """What is to be other than it was, for the ability."""
        given = self.cleaned_data
        attributes = {
            key: given[name] if given[name] != "" else None
            for name, key in self.names.items()
            if given[name] != str(self.initial.get(name) or "")
        }
        if given["key"].strip():
            attributes[given["key"].strip()] = given["value"].strip() or None
        return {**{name: given[name] for name in PLAIN}, "attributes": attributes}

    def put_fault(self, fault: Unfit) -> None:
        """Beside the field that it is about."""
        key = fault.field.removeprefix("attributes.")
        names = {held: name for name, held in self.names.items()}
        self.add_error(names.get(key, key if key in PLAIN else "key"), str(fault))


def _field_of(attribute: Attribute) -> forms.Field:
    label = attribute.label
    if attribute.type == AttributeType.TRUTH:
        return forms.ChoiceField(label=label, choices=TRUTHS)
    if attribute.type == AttributeType.CHOICE:
        return forms.ChoiceField(
            label=label, choices=[("", "—"), *((each, each) for each in attribute.choices)]
        )
    field = forms.CharField(label=label, max_length=2000)
    kind = {AttributeType.DATE: "date", AttributeType.LINK: "url"}.get(
        AttributeType(attribute.type), "text"
    )
    field.widget.input_type = kind
    if attribute.type == AttributeType.NUMBER:
        field.widget.attrs["inputmode"] = "decimal"
    return field


def show(request: SignedIn, number: int) -> HttpResponse:
    """The form."""
    customer = customer_for(request, number)
    return show_form(request, customer, "_facts_form", {"form": _form(customer)})


def update(request: SignedIn, number: int) -> HttpResponse:
    """Write what is other than it was."""
    customer = customer_for(request, number)
    form = _form(customer, request.POST)
    if form.is_valid():
        try:
            before = dict(_undoing(customer, form))
            change_customer(customer, by=request.user.actor, **form.changes())
        except Unfit as fault:
            form.put_fault(fault)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            said = gettext("Saved.")
            undo = f"/inbox/customers/{number}/facts"
            return change_person(
                request, customer, lambda: None, said=said, undo=undo, fields=before
            )
    return show_form(request, customer, "_facts_form", {"form": form})


def _undoing(customer: Customer, form: FactsForm) -> Iterator[tuple[str, str]]:
    """The fields of the form as they were, to be sent again."""
    for name in form.fields:
        value = form.initial.get(name)
        if value not in (None, ""):
            yield name, str(value)


def _form(customer: Customer, data: Any = None) -> FactsForm:
    return FactsForm(customer, list(Attribute.objects.all()), data)


facts = verbs(get=show, post=update)
