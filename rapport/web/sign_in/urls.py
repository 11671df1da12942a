"""The addresses of the door. Of allauth's pages only those that we use have one."""

from __future__ import annotations

from typing import Any, cast

from allauth.account import views as account
from allauth.mfa.base import views as second_step
from allauth.mfa.webauthn import views as keys
from django.urls import path, re_path

from rapport.web.kit.verbs import View
from rapport.web.sign_in import door, join, mailbox, setup


def page(view: Any, name: str) -> View:
    """allauth's view with our template."""
    return cast("View", view.as_view(template_name=f"sign_in/{name}.html"))


NEW = r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"
urlpatterns = [
    path("sign-in/", door.SignInView.as_view(), name="account_login"),
    path("sign-in/closed/", page(account.AccountInactiveView, "closed"), name="account_inactive"),
    path(
        "sign-in/second-step/",
        page(second_step.AuthenticateView, "second_step"),
        name="mfa_authenticate",
    ),
    path("sign-out/", page(account.LogoutView, "sign_out"), name="account_logout"),
    path(
        "sign-in/again/", page(account.ReauthenticateView, "again"), name="account_reauthenticate"
    ),
    path(
        "sign-in/again/code/",
        page(second_step.ReauthenticateView, "again_by_code"),
        name="mfa_reauthenticate",
    ),
    path(
        "sign-in/again/key/",
        page(keys.ReauthenticateWebAuthnView, "again_by_key"),
        name="mfa_reauthenticate_webauthn",
    ),
    path("password/forgotten/", door.ForgottenView.as_view(), name="account_reset_password"),
    path(
        "password/forgotten/sent/",
        page(account.PasswordResetDoneView, "forgotten_sent"),
        name="account_reset_password_done",
    ),
    re_path(
        NEW,
        page(account.PasswordResetFromKeyView, "new_password"),
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/",
        page(account.PasswordResetFromKeyDoneView, "new_password_done"),
        name="account_reset_password_from_key_done",
    ),
    path("setup/mailbox", mailbox.mailbox, name="setup_mailbox"),
    path("setup/<str:secret>", setup.setup, name="setup"),
    path("join/<str:secret>", join.join, name="join"),
]
