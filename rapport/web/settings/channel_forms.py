"""The forms of channels: a mailbox with its servers, a webhook with its callback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Brand, Team
from rapport.channels.email.setting_up import guess_checker
from rapport.channels.models import Channel

SECURITIES = (("tls", _("TLS from the start")), ("starttls", _("STARTTLS")), ("none", _("None")))
STARTS = (("all", _("Take it in as well")), ("now", _("Only what arrives from now on")))
AFTERWARDS = (
    ("leave", _("Leave it as it is")),
    ("seen", _("Mark it as read")),
    ("move", _("Move it to a folder")),
)
IDENTITIES = (
    ("email", _("By mail address or phone, as on other channels")),
    ("external_id", _("By the other system's own ids")),
)
#: Fields of the form that are columns or secrets; all others are the channel's settings.
COLUMNS = ("name", "address", "brand", "team")
SECRETS = (
    "password",
    "smtp_password",
    "provider_name",
    "client_id",
    "client_secret",
    "refresh_token",
)
AUTHS = (("password", _("By password")), ("xoauth2", _("By OAuth, as Microsoft wants it")))
PROVIDERS = (("", "—"), ("google", "Google"), ("microsoft", "Microsoft"))


class ChannelForm(forms.Form):
    """What every channel has."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("How it is called here."))
    brand = forms.ModelChoiceField(
        label=_("Brand"), queryset=Brand.objects.order_by("name"), empty_label=None
    )
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.order_by("name"),
        required=False,
        empty_label=_("None: everybody sees it"),
        help_text=_("New conversations of this channel go to it."),
    )


def port(label: Any) -> forms.IntegerField:
    """A port, empty for the usual one."""
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=65535,
        required=False,
        widget=forms.NumberInput(attrs={"placeholder": ""}),
    )


def secret_field(label: Any, help_text: Any = "") -> forms.CharField:
    """Goes in and never comes out again; empty leaves what is known."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        strip=False,
        max_length=4000,
        widget=widget,
    )


class MailForm(ChannelForm):
    """A mailbox. On a channel that stands (not `is_new`) an empty password keeps the known one."""

    is_new = True
    address = forms.EmailField(label=_("Address that customers write to"), max_length=320)
    from_name = forms.CharField(
        label=_("Sender's name"),
        max_length=100,
        required=False,
        help_text=_("Stands before the address; empty takes the brand's name."),
    )
    password = secret_field(
        _("Password"),
        _("With Google, Yahoo and iCloud an app password. It is kept encrypted and never shown."),
    )
    auth = forms.ChoiceField(label=_("How it signs in"), choices=AUTHS, initial="password")
    provider_name = forms.ChoiceField(label=_("Provider"), choices=PROVIDERS, required=False)
    client_id = forms.CharField(label=_("Client id of your app there"), required=False)
    client_secret = secret_field(_("Client secret"))
    refresh_token = secret_field(
        _("Refresh token"), _("Access tokens are fetched with it, and kept fresh by themselves.")
    )
    imap_host = forms.CharField(label=_("Server for incoming mail (IMAP)"), required=False)
    imap_port = port(_("Port"))
    imap_security = forms.ChoiceField(label=_("Encryption"), choices=SECURITIES, initial="tls")
    imap_user = forms.CharField(label=_("User"), required=False)
    imap_folder = forms.CharField(label=_("Folder"), initial="INBOX", required=False)
    start_from = forms.ChoiceField(
        label=_("Mail that already lies there"), choices=STARTS, initial="now"
    )
    after_fetch = forms.ChoiceField(
        label=_("A mail that was taken in"), choices=AFTERWARDS, initial="leave"
    )
    archive_folder = forms.CharField(label=_("Folder to move it to"), required=False)
    smtp_host = forms.CharField(label=_("Server for outgoing mail (SMTP)"), required=False)
    smtp_port = port(_("Port"))
    smtp_security = forms.ChoiceField(label=_("Encryption"), choices=SECURITIES, initial="starttls")
    smtp_user = forms.CharField(
        label=_("User"), required=False, help_text=_("Empty where the server asks for none.")
    )
    smtp_password = secret_field(_("Password for outgoing mail, if it is another one"))
    sent_folder = forms.CharField(
        label=_("Folder for copies of what was sent"),
        required=False,
        help_text=_("Empty where the server keeps copies by itself, as Google does."),
    )
    reply_tokens = forms.ChoiceField(
        label=_("How replies are recognised"),
        choices=(
            ("plus", _("By an address of their own (support+…@) and by references")),
            ("none", _("By references alone; for servers without plus addresses")),
        ),
        initial="plus",
    )
    authserv_id = forms.CharField(
        label=_("Server that checks senders"),
        required=False,
        max_length=255,
        help_text=_(
            "Its name as it stands first in Authentication-Results; *.example.com for any below it, - for "
            "a server that writes no name. Empty believes nobody."
        ),
    )
    quotes_history = forms.BooleanField(
        label=_("Quote the mail that is answered"), required=False, initial=True
    )
    verify_certificates = forms.BooleanField(
        label=_("Insist on a certificate that somebody signed"), required=False, initial=True
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for side in ("imap", "smtp"):
            cleaned[f"{side}_port"] = cleaned.get(f"{side}_port") or 0
            cleaned[f"{side}_host"] = (cleaned.get(f"{side}_host") or "").strip()
        cleaned["imap_folder"] = cleaned.get("imap_folder") or "INBOX"
        if cleaned["imap_host"] and not cleaned.get("imap_user"):
            self.add_error("imap_user", _("Say who signs in there."))
        if self.is_new:
            self._ask_for_secrets(cleaned)
        if cleaned.get("after_fetch") == "move" and not cleaned.get("archive_folder"):
            self.add_error("archive_folder", _("Name the folder."))
        return cleaned

    def _ask_for_secrets(self, cleaned: Mapping[str, Any]) -> None:
        users = [
            cleaned[f"{side}_host"] and cleaned.get(f"{side}_user") for side in ("imap", "smtp")
        ]
        name = "refresh_token" if cleaned.get("auth") == "xoauth2" else "password"
        if any(users) and not cleaned.get(name):
            self.add_error(name, _("Without it nobody is let in."))

    @property
    def columns(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in COLUMNS}

    @property
    def settings(self) -> dict[str, Any]:
        """What belongs into `Channel.config`."""
        apart = {*COLUMNS, *SECRETS}
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}

    @property
    def secrets(self) -> dict[str, str]:
        """The passwords that were given now."""
        given = self.cleaned_data
        return {name: given[name] for name in SECRETS if given.get(name)}


class WebhookForm(ChannelForm):
    """Signed requests of another system, and the address by which we answer it."""

    callback_url = forms.URLField(
        label=_("Where replies are posted"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        help_text=_("An address of the other system. Empty for a channel that only takes in."),
    )
    identify_by = forms.ChoiceField(label=_("How customers are recognised"), choices=IDENTITIES)
    vouches = forms.BooleanField(
        label=_("The other system has checked who its customers are"), required=False
    )
    per_minute = forms.IntegerField(
        label=_("Messages a minute at most"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=_("What comes faster is told to come again. Empty is without limit."),
    )

    @property
    def columns(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in COLUMNS if name != "address"}

    @property
    def settings(self) -> dict[str, Any]:
        """What belongs into `Channel.config`."""
        return {name: value for name, value in self.cleaned_data.items() if name not in COLUMNS}


def initial_of(channel: Channel) -> dict[str, Any]:
    """What the form of a standing channel begins with; never a secret."""
    ports = {
        f"{side}_port": channel.config.get(f"{side}_port") or None for side in ("imap", "smtp")
    }
    columns = {name: getattr(channel, name) for name in COLUMNS}
    pace = {"per_minute": channel.config.get("per_minute") or None}
    checker = {"authserv_id": guess_checker(channel.config.get("imap_host") or "")}
    return {**checker, **channel.config, **ports, **pace, **columns}
