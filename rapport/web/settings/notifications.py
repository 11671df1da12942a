"""What one hears of, and by which ways: the bell, the browser, mails about what is unread."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.accounts.mailing import is_mail_set
from rapport.conversations.models import NotificationKind, Way
from rapport.conversations.notifying import choice_of
from rapport.conversations.reading_notifications import choose_notifications
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs

EVERY = (
    (15, _("after 15 minutes")),
    (60, _("after an hour")),
    (1440, _("after a day")),
    (0, _("never")),
)


class NotificationForm(forms.Form):
    """A box for each kind and way, how long to wait before a mail, and whether topics are shown."""

    mail_minutes = forms.TypedChoiceField(
        label=_("A mail tells what is still unread"), choices=EVERY, coerce=int
    )
    has_words = forms.BooleanField(
        label=_("Show topics in browser notifications and mails"),
        required=False,
        help_text=_(
            "Without it they say who and why, and nothing that a customer wrote: screens are seen by others, "
            "and mails pass through other servers."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, way, _label in _boxes():
            self.fields[f"{kind}_{way}"] = forms.BooleanField(required=False)

    def ways(self) -> dict[str, list[str]]:
        """By which ways each kind is told."""
        chosen: dict[str, list[str]] = {kind.value: [] for kind in NotificationKind}
        for kind, way, _label in _boxes():
            if self.cleaned_data[f"{kind}_{way}"]:
                chosen[kind].append(way)
        return chosen


def _boxes() -> list[tuple[str, str, str]]:
    return [
        (kind.value, way.value, f"{kind.label}: {way.label}")
        for kind in NotificationKind
        for way in Way
    ]


def show(request: SignedIn) -> HttpResponse:
    """The page with what is chosen."""
    choice = choice_of(request.user)
    initial: dict[str, Any] = {
        f"{kind}_{way}": way in choice.ways_of(kind) for kind, way, _label in _boxes()
    }
    initial |= {"mail_minutes": choice.mail_minutes, "has_words": choice.has_words}
    return _page(request, NotificationForm(initial=initial))


def change(request: SignedIn) -> HttpResponse:
    """Save what is chosen."""
    form = NotificationForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    choose_notifications(
        request.user,
        ways=form.ways(),
        mail_minutes=form.cleaned_data["mail_minutes"],
        has_words=form.cleaned_data["has_words"],
    )
    flash(request, gettext("Your settings are saved."))
    return HttpResponseRedirect(reverse("settings:notifications"))


def _page(request: SignedIn, form: NotificationForm, *, status: int = 200) -> HttpResponse:
    rows = [
        (kind.label, [form[f"{kind.value}_{way.value}"] for way in Way])
        for kind in NotificationKind
    ]
    context = {"form": form, "rows": rows, "ways": Way.labels, "has_mail": is_mail_set()}
    return render(request, "settings/notifications/show.html", context, status=status)


notifications = verbs(get=show, post=change)
