"""Adapters: what django-allauth asks of us: who may come in, how mail goes out, how secrets are kept."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.messages import constants
from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from rapport.accounts.changing_passwords import change_password
from rapport.accounts.mailing import is_mail_set, queue_mail
from rapport.accounts.models import Agent, Company
from rapport.kernel.config import config
from rapport.kernel.secrets import seal, unseal
from rapport.web.kit.comforting import remember_comfort
from rapport.web.kit.flashing import flash

#: What is said after a change; allauth's other messages are left out, for the page itself says it.
SAID = {
    "account/messages/password_changed.txt": _("Your password is changed."),
    "mfa/messages/totp_activated.txt": _("The second step is on."),
    "mfa/messages/totp_deactivated.txt": _("The codes of your app are off."),
    "mfa/messages/recovery_codes_generated.txt": _("New recovery codes are made."),
    "mfa/messages/webauthn_added.txt": _("The security key is added."),
    "mfa/messages/webauthn_removed.txt": _("The security key is removed."),
}
#: The mails of allauth that we send, by its name for each.
MAILS = {
    "account/email/password_reset_key": "forgotten",
    "account/email/password_changed": "password_changed",
    "account/email/password_reset": "password_changed",
    "mfa/email/totp_activated": "second_step_changed",
    "mfa/email/totp_deactivated": "second_step_changed",
    "mfa/email/webauthn_added": "second_step_changed",
    "mfa/email/webauthn_removed": "second_step_changed",
    "mfa/email/recovery_codes_generated": "second_step_changed",
}


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves; mail goes out as a job; a new password is one ability."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed. Ask an administrator to open it again."),
        "email_password_mismatch": _("This address and this password do not belong together."),
        "too_many_login_attempts": _("Too many tries. Wait some minutes, then try again."),
        "rate_limited": _("Too many tries. Wait some minutes, then try again."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your password."),
        "incorrect_code": _("This code is wrong, used or too old. Wait for the next one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come in by invitation and by the link to the set-up."""
        return False

    def set_password(self, user: Agent, password: str) -> None:
        """Whoever holds the key to the account is its owner."""
        change_password(user, password, by=user.actor)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue a mail in the reader's language; nothing where this deployment sends none."""
        name, agent = MAILS.get(template_prefix), context.get("user")
        if name is None or not is_mail_set():
            return
        language = agent.language if isinstance(agent, Agent) else translation.get_language()
        company = Company.objects.values_list("name", flat=True).first() or "Rapport"
        told = {**context, "company": company, "public_url": config().public_url}
        with translation.override(language):
            words = render_to_string(f"sign_in/mails/{name}.txt", told)
        subject, _blank, text = words.partition("\n\n")
        queue_mail(to=email, subject=subject, text=text.strip() + "\n")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Agent,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell somebody that their sign-in was changed, at the address by which they sign in."""
        self.send_mail(template_prefix, email or user.email, {**(context or {}), "user": user})

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the mail, at the public address: a forged Host header leads nowhere."""
        path: str = super().get_reset_password_from_key_url(key)
        return config().public_url.rstrip("/") + "/" + path.partition("://")[2].partition("/")[2]

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """A flash for what we have words for."""
        words = message or SAID.get(message_template or "")
        if words:
            flash(request, str(words), bad=level >= constants.ERROR)

    def post_login(self, request: HttpRequest, user: Agent, **more: Any) -> HttpResponseBase:
        """On a new device the page has the look that its reader chose before."""
        response: HttpResponseBase = super().post_login(request, user, **more)
        remember_comfort(response, user)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where one's own settings are."""
        return reverse("settings:profile")


class SecondStepAdapter(DefaultMFAAdapter):
    """Keys of the second step are sealed at rest; apps show them under the company's name."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        """Sealed with the deployment's own key."""
        return seal({"text": text})

    def decrypt(self, encrypted_text: str) -> str:
        """Raises SecretUnreadable when the deployment's key was lost."""
        return str(unseal(encrypted_text)["text"])

    def get_totp_issuer(self) -> str:
        """The name under which the app lists the codes."""
        return Company.objects.values_list("name", flat=True).first() or "Rapport"

    def _get_site_name(self) -> str:
        return self.get_totp_issuer()
