"""The company: its name, language and time zone, and the rules that hold for all its brands."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.models import Company
from rapport.accounts.setting_up import change_company
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins
from rapport.web.settings.forms import CompanyForm


def show(request: SignedIn) -> HttpResponse:
    """The form as it stands."""
    company = get_object_or_404(Company)
    initial = {name: getattr(company, name) for name in CompanyForm.base_fields}
    return pages.show(request, "company/show", {"form": CompanyForm(initial=initial)})


def change(request: SignedIn) -> HttpResponse:
    """Save what was changed."""
    form = CompanyForm(request.POST)
    if not form.is_valid():
        return pages.show(request, "company/show", {"form": form})
    change_company(get_object_or_404(Company), form.cleaned_data, by=request.user.actor)
    flash(request, _("The company's settings are saved."))
    return HttpResponseRedirect(reverse("settings:company"))


company = for_admins(get=show, post=change)
