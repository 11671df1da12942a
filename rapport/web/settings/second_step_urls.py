"""The addresses of allauth's pages about one's own sign-in; they keep allauth's names."""

from __future__ import annotations

from typing import cast

from allauth.account.views import PasswordChangeView, PasswordSetView
from allauth.mfa.base.views import IndexView
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as keys
from django.urls import path
from django.views.generic import View as DjangoView

from rapport.web.kit.verbs import View
from rapport.web.settings.admittance import for_colleagues


def page(view: type[DjangoView], name: str) -> View:
    """allauth's view with our template, for colleagues."""
    return for_colleagues(cast("View", view.as_view(template_name=f"settings/{name}.html")))


KEY = "second-step/keys/<int:pk>"
urlpatterns = [
    path(
        "password/",
        page(PasswordChangeView, "profile/password"),
        name="account_change_password",
    ),
    path(
        "password/first/",
        page(PasswordSetView, "profile/first_password"),
        name="account_set_password",
    ),
    path("second-step/", page(IndexView, "second_step/show"), name="mfa_index"),
    path(
        "second-step/app/", page(app.ActivateTOTPView, "second_step/app"), name="mfa_activate_totp"
    ),
    path(
        "second-step/app/off/",
        page(app.DeactivateTOTPView, "second_step/app_off"),
        name="mfa_deactivate_totp",
    ),
    path(
        "second-step/codes/",
        page(codes.ViewRecoveryCodesView, "second_step/codes"),
        name="mfa_view_recovery_codes",
    ),
    path(
        "second-step/codes/new/",
        page(codes.GenerateRecoveryCodesView, "second_step/codes_new"),
        name="mfa_generate_recovery_codes",
    ),
    path("second-step/keys/", page(IndexView, "second_step/show"), name="mfa_list_webauthn"),
    path(
        "second-step/keys/new/",
        page(keys.AddWebAuthnView, "second_step/key"),
        name="mfa_add_webauthn",
    ),
    path(
        f"{KEY}/off/",
        page(keys.RemoveWebAuthnView, "second_step/key_off"),
        name="mfa_remove_webauthn",
    ),
]
