"""Explaining: why a message stands where it stands, who or what wrote it, and whether that is doubted.

Placing and classifying keep codes and English reasons; a reason that is not known here is shown as it was kept.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from rapport.conversations.models import MessageKind
from rapport.web.inbox.reading import Spoken
from rapport.web.kit.moments import say_exactly

#: How it was placed, as `conversations.placing` names it.
PLACED: dict[str, str | Promise] = {
    "token": _(
        "It was sent to the reply address of this conversation, by somebody who takes part in it."
    ),
    "reference": _(
        "It answers a message of this conversation, and comes from somebody who takes part in it."
    ),
    "matter": _(
        "The other system gave it the name of this conversation, and its writer takes part in it."
    ),
    "report": _("It reports on the delivery of a message of this conversation."),
    "own": _("It is a message of our own that came back."),
    "later": _(
        "It answers a conversation that was solved too long ago to be opened again, so it began a new one."
    ),
    "new": _("Nothing proved that it belongs to an earlier conversation, so it began a new one."),
}
#: Why two conversations may be one matter.
HINTED: dict[str, str | Promise] = {
    "token_of_stranger": _(
        "It was sent to the reply address of that conversation, but by somebody who takes no part in it."
    ),
    "reference_of_stranger": _(
        "It answers a message of that conversation, but comes from somebody who takes no part in it."
    ),
    "matter_of_stranger": _(
        "The other system gave it the name of that conversation, but its writer takes no part in it."
    ),
    "same_person_and_subject": _("It comes from the same customer and has the same subject."),
}
#: What `kernel.mail.classifying` says about machines.
JUDGED = {
    gettext_noop("From is our own address and X-Rapport-Loop is ours"),
    gettext_noop("From is our own address and the Message-ID is one of ours"),
    gettext_noop("it is a delivery or disposition report (RFC 3464, 8098 or 5965)"),
    gettext_noop(
        "From is a mail daemon, and the sender on the envelope is empty or the subject says so"
    ),
    gettext_noop(
        "it has no sender to answer to, and the subject says that a mail was not delivered"
    ),
    gettext_noop("the subject begins as automatic replies do"),
}
#: Why a mail may not be from whom it says (channels.email.doubting).
DOUBTED: dict[str, str | Promise] = {
    "dmarc_failed": _(
        "This may not be from whom it says: the domain of its sender disowns it (DMARC)."
    ),
    "posing": _("This says it is from one of us, and nothing proves it."),
    "posing_name": _(
        "The name of its sender looks like an address of ours, and it is another one."
    ),
}
HAS = re.compile(r"it has ([\w-]+)")
IS = re.compile(r"([\w-]+) is (.+)")


def reasons_of(spoken: Spoken) -> list[str]:
    """Why the message stands where it stands, in sentences."""
    why: dict[str, Any] = spoken.why
    placed = PLACED.get(str(why.get("thread", "")))
    reasons = [str(placed)] if placed else []
    if moved := why.get("moved"):
        at = parse_datetime(str(moved.get("at", "")))
        reasons.append(
            gettext("%(name)s moved it here from C-%(number)s (%(when)s).")
            % {
                "name": moved.get("by", "?"),
                "number": moved.get("from", "?"),
                "when": say_exactly(at) if at else "?",
            }
        )
    return reasons


def doubts_of(spoken: Spoken) -> list[str]:
    """Why it may not be from whom it says, in sentences."""
    return [str(DOUBTED[code]) for code in spoken.extras.get("doubts", ()) if code in DOUBTED]


def checks_of(spoken: Spoken) -> tuple[str, str]:
    """Which server looked at the sender, and what it said of it; ("", "") where nobody did."""
    check: dict[str, str] = spoken.extras.get("sender_check", {})
    if check:
        methods = (("SPF", check["spf"]), ("DKIM", check["dkim"]), ("DMARC", check["dmarc"]))
        words = ", ".join(f"{name} {said}" for name, said in methods if said)
        return check["server"] or "-", words or gettext("nothing")
    unheard = ", ".join(spoken.extras.get("unheard", ()))
    return unheard, gettext("not heard: the mailbox does not trust this server") if unheard else ""


def loan_of(spoken: Spoken) -> str:
    """That large files of ours were sent as links, and until when these lead somewhere."""
    until = parse_datetime(str(spoken.extras.get("lent_until", "")))
    if until is None:
        return ""
    return gettext("large files as links until %(when)s") % {"when": say_exactly(until)}


def hint_of(code: str) -> str:
    """Why a conversation may belong to another one."""
    return str(HINTED.get(code, code))


def machine_of(spoken: Spoken) -> str:
    """What kind of machine wrote it and how we know, for those that no person wrote."""
    if spoken.kind == MessageKind.HUMAN:
        return ""
    label, why = str(MessageKind(spoken.kind).label), str(spoken.why.get("kind", ""))
    if judge := spoken.why.get("judged"):
        return gettext("%(kind)s: %(why)s") % {"kind": label, "why": _said_by(str(judge))}
    if not why:
        return label
    return gettext("%(kind)s: %(why)s") % {"kind": label, "why": judgement_of(why)}


def _said_by(name: str) -> str:
    return gettext("%(name)s says so") % {"name": name}


def judgement_of(words: str) -> str:
    """A classifier's reason in the reader's language."""
    if words in JUDGED:
        return gettext(words)
    if found := HAS.fullmatch(words):
        return gettext("it has the header %(header)s") % {"header": found[1]}
    if found := IS.fullmatch(words):
        return gettext("%(header)s is %(value)s") % {"header": found[1], "value": found[2]}
    return words
