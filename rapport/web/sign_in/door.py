"""The door itself: signing in, a forgotten password, the second step."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, PasswordResetView
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from rapport.accounts.mailing import is_mail_set
from rapport.accounts.setting_up import is_set_up


class SignInView(LoginView):
    """Address and password; on a deployment that nobody has set up, how to begin."""

    template_name = "sign_in/sign_in.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_set_up():
            return render(request, "sign_in/not_set_up.html", {"is_wide": True})
        answer: HttpResponseBase = super().get(request, *args, **kwargs)
        return answer


class ForgottenView(PasswordResetView):
    """Asks for the address; says what to do where no mail can be sent."""

    template_name = "sign_in/forgotten.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_mail_set():
            return render(request, "sign_in/no_mail.html", {"is_wide": True})
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer
