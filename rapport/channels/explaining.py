"""Explaining: what went wrong on the road, kept as a code and the other side's own words.

Workers write before anybody reads, and for readers of any language: so they keep `code: words`, and the
sentence is found when it is shown. Words of other servers stay as they were said.
"""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: What people are told. A code may stand alone; words beside it are those of a server or a library.
FAULTS: dict[str, str | Promise] = {
    # how an attempt to send ended (contract.Outcome)
    "throttled": _("The other side asks us to send more slowly."),
    "transient": _("The other side cannot take it just now."),
    "unknown": _("It was handed over, and no answer came."),
    "auth_invalid": _("The server does not let us in."),
    "recipient_unreachable": _("The server does not know this recipient."),
    "content_invalid": _("The other side does not take this message as it is."),
    "misconfigured": _("The channel cannot send as it is set up."),
    "permanent": _("The other side refused it."),
    # why, where more is known
    "put_off": _("The server asks us to come again later."),
    "unreachable": _("The server cannot be reached."),
    "line_broke": _("The line to the server broke."),
    "certificate": _("The server's certificate cannot be trusted."),
    "too_large": _("It is larger than the other side takes."),
    "no_recipient": _("There is nobody to send it to."),
    "wrong_address": _("This is not an address that mail can go to."),
    "ascii_only": _("The server takes no addresses with letters beyond ASCII."),
    "interrupted": _("The attempt was interrupted; nothing was handed over."),
    "interrupted_handing": _("Interrupted while it was being handed over."),
    "crashed": _("Something went wrong here."),
    "sealed": _("The password was kept with another secret key: enter it again."),
    "no_token": _("The provider gives out no token just now."),
    "sign_in_lost": _("The provider no longer lets us in: connect the mailbox anew."),
    "no_callback": _("The channel has no callback address."),
    "no_signing_secret": _("The channel has no signing secret."),
    "forbidden_address": _("The callback address must not be called."),
    "bounced": _("A report says that it did not arrive."),
    # what came in
    "unreadable": _("It cannot be read."),
    "unstorable": _("The database does not take it."),
    "mailbox": _("The mailbox cannot be read."),
    "over_limit": _("The mail is larger than the limit."),
    "breaks_off": _("The mailbox broke off whenever this mail was fetched."),
    "not_given": _("The server does not give this mail out."),
    "own": _("It is our own mail coming back."),
    "known": _("The same content is there already."),
}
_CODED = re.compile(r"([a-z_]+)(?:: (.*))?", re.S)


def coded(code: str, words: str = "") -> str:
    """How a fault is kept: its code, and the other side's words verbatim."""
    words = words.replace("\x00", "").strip()
    return f"{code}: {words}" if words else code


def explain(kept: str) -> str:
    """The sentence in the reader's language with the words beside it; what has no code stays as it is."""
    found = _CODED.fullmatch(kept)
    if found is None or found[1] not in FAULTS:
        return kept
    sentence = str(FAULTS[found[1]])
    return f"{sentence} {found[2]}" if found[2] else sentence
