"""The forms of the door: allauth's, in our words; and those of the set-up and of an invitation."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm as AllauthChangePasswordForm,
)
from allauth.account.forms import (
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as SecondStepReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.web.kit.zones import zone_choices

PASSWORD_HELP = _("At least 10 characters, nothing that is easily guessed.")


class Plain(forms.Form):
    """Labels instead of placeholders."""

    labels: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = PASSWORD_HELP if name == "password1" else ""
        seen = (field for field in self.fields.values() if not field.widget.is_hidden)
        first = next(seen, None)
        if first is not None:
            first.widget.attrs["autofocus"] = True


class SignInForm(Plain, LoginForm):
    """Address and password."""

    labels = {
        "login": _("E-mail address"),
        "password": _("Password"),
        "remember": _("Keep me signed in on this device"),
    }


class ForgottenForm(Plain, ResetPasswordForm):
    """The address to which a link is sent."""

    labels = {"email": _("E-mail address")}


class NewPasswordForm(Plain, ResetPasswordKeyForm):
    """A new password, twice."""

    labels = {"password1": _("New password"), "password2": _("The same again")}


class ChangePasswordForm(Plain, AllauthChangePasswordForm):
    """The old password and a new one, twice."""

    labels = {
        "oldpassword": _("Your password until now"),
        "password1": _("New password"),
        "password2": _("The same again"),
    }


class FirstPasswordForm(Plain, SetPasswordForm):
    """A password for somebody who had none."""

    labels = {"password1": _("New password"), "password2": _("The same again")}


class AgainForm(Plain, ReauthenticateForm):
    """The password once more, before something that matters."""

    labels = {"password": _("Password")}


CODE = {"code": _("Code")}


class SecondStepForm(Plain, AuthenticateForm):
    """A code of the app, or one of the recovery codes."""

    labels = CODE


class SecondStepAgainForm(Plain, SecondStepReauthenticateForm):
    """The same, before something that matters."""

    labels = CODE


class ActivateForm(Plain, ActivateTOTPForm):
    """The first code that the app shows."""

    labels = CODE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "maxlength": 6}


class KeyForm(Plain):
    """What a security key answered. Nonsense from a stranger is a wrong answer, not a failure of ours."""

    nonsense = (KeyError, TypeError, ValueError, AttributeError)

    def _wrong(self) -> ValidationError:
        return ValidationError(_("This key did not answer as it should. Try again."))


class AddKeyForm(KeyForm, AddWebAuthnForm):
    """A new key under a name."""

    labels = {"name": _("What do you call it?")}

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean() or {}
        except self.nonsense:
            raise self._wrong() from None
        return cleaned


class UseKeyForm(KeyForm, AuthenticateWebAuthnForm):
    """A key instead of a code."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except self.nonsense:
            raise self._wrong() from None


class UseKeyAgainForm(KeyForm, ReauthenticateWebAuthnForm):
    """The same, before something that matters."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except self.nonsense:
            raise self._wrong() from None


class PasswordField(forms.CharField):
    """A password to be chosen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Password"))
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False)
        super().__init__(
            widget=widget, strip=False, max_length=256, help_text=PASSWORD_HELP, **kwargs
        )


def check_password(form: forms.Form, *, name: str, email: str) -> None:
    """Put the faults of a chosen password beside its field."""
    password = form.cleaned_data.get("password")
    if password:
        try:
            validate_password(password, Agent(name=name, email=email))
        except ValidationError as fault:
            form.add_error("password", fault)


class SetUpForm(forms.Form):
    """The company and its first administrator."""

    organisation = forms.CharField(label=_("Your organisation's name"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    name = forms.CharField(label=_("Your name"), max_length=150)
    email = forms.EmailField(
        label=_("Your e-mail address"), help_text=_("You sign in with it."), max_length=254
    )
    password = PasswordField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, complete in (
            ("organisation", "organization"),
            ("name", "name"),
            ("email", "username"),
        ):
            self.fields[name].widget.attrs["autocomplete"] = complete
        self.fields["organisation"].widget.attrs["autofocus"] = True
        self.fields["time_zone"].widget.attrs["data-guess"] = "zone"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        check_password(self, name=cleaned.get("name", ""), email=cleaned.get("email", ""))
        return cleaned


class JoinForm(forms.Form):
    """What an invitation does not know: a name and a password."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    password = PasswordField()

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        self.email = email
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        check_password(self, name=cleaned.get("name", ""), email=self.email)
        return cleaned
