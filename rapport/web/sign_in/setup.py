"""The set-up: the first visit makes the company and its administrator, then the first mailbox."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from rapport.accounts.refusing import AlreadySetUp
from rapport.accounts.setting_up import is_set_up, is_setup_secret, set_up_company
from rapport.web.sign_in.entering import enter
from rapport.web.sign_in.forms import SetUpForm


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, secret: str) -> HttpResponse:
    """The form behind the link; gone (404) once somebody is set up, old (410) when the link is."""
    if is_set_up():
        raise Http404
    if not is_setup_secret(secret):
        return render(request, "sign_in/setup/old.html", status=410)
    language = translation.get_language()
    known = {code for code, _name in settings.LANGUAGES}
    form = SetUpForm(
        request.POST or None,
        initial={"language": language if language in known else "en", "time_zone": "UTC"},
    )
    if request.method == "POST" and form.is_valid():
        return _set_up(request, form)
    context = {"form": form, "is_wide": True}
    return render(request, "sign_in/setup/show.html", context, status=422 if form.errors else 200)


def _set_up(request: HttpRequest, form: SetUpForm) -> HttpResponse:
    given = form.cleaned_data
    try:
        admin = set_up_company(
            name=given["organisation"],
            language=given["language"],
            time_zone=given["time_zone"],
            admin_name=given["name"],
            email=given["email"],
            password=given["password"],
        )
    except AlreadySetUp:
        raise Http404 from None
    enter(request, admin, password=given["password"])
    return HttpResponseRedirect(reverse("setup_mailbox"))
