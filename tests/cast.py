"""The cast: the named world that tests are about. Maple Outdoors sells tents, boots and stoves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rapport.accounts.models import Agent, Brand, Company, Team
    from rapport.channels.models import Channel
    from rapport.conversations.models import Conversation
    from rapport.customers.models import Customer


@dataclass
class Cast:
    """Ada leads all, Ben works in Support, Cy in Returns, Zoe may see nothing.

    Dora writes Polish, Eli Traditional Chinese. `tent` is Dora's conversation by mail, in Support's list:
    she asked, Ben answered, she asked again, and Ben left a note.
    """

    company: Company
    brand: Brand
    support: Team
    returns: Team
    ada: Agent
    ben: Agent
    cy: Agent
    zoe: Agent
    dora: Customer
    eli: Customer
    mail: Channel
    hook: Channel
    tent: Conversation


@pytest.fixture
def cast(db: None) -> Cast:
    """The named world, gone after the test."""
    return make_cast()


def make_cast() -> Cast:
    from rapport.accounts.models import Brand, Company
    from tests.makers import make_agent, make_channel, make_customer, make_team

    company = Company.objects.create(name="Maple Outdoors", time_zone="Europe/Warsaw")
    brand = Brand.objects.create(name="Maple Outdoors", signature="Maple Outdoors, Kraków")
    support, returns = make_team("Support"), make_team("Returns")
    mail = make_channel(
        "email", name="Help", address="help@maple.example", brand=brand, team=support
    )
    cast = Cast(
        company=company,
        brand=brand,
        support=support,
        returns=returns,
        ada=make_agent("Ada", role="admin"),
        ben=make_agent("Ben", team=support),
        cy=make_agent("Cy", team=returns),
        zoe=make_agent("Zoe", role="none"),
        dora=make_customer("Dora Zielińska", email="dora@poczta.example", language="pl"),
        eli=make_customer("林怡立", email="eli@xinxiang.example", language="zh-Hant"),
        mail=mail,
        hook=make_channel("webhook", name="Shop", brand=brand),
        tent=None,  # type: ignore[arg-type]
    )
    cast.tent = _make_tent(cast)
    return cast


def _make_tent(cast: Cast) -> Conversation:
    from rapport.kernel import clock
    from tests.makers import make_conversation, make_inbound, make_message

    began = clock.now() - timedelta(hours=5)
    tent = make_conversation(
        cast.dora,
        channel=cast.mail,
        text="",
        subject="Namiot przecieka",
        team=cast.support,
        brand=cast.brand,
        language="pl",
        opened_at=began,
    )
    to = {"to": [{"name": "", "address": "help@maple.example"}]}
    first = make_inbound(
        tent,
        text="Dzień dobry, mój namiot przecieka przy szwie.",
        sent_at=began,
        external_id="tent-1@poczta.example",
        addresses=to,
    )
    answer = make_message(
        tent,
        direction="out",
        agent=cast.ben,
        author_name="Ben",
        subject="Re: Namiot przecieka",
        text="Przykro nam! Proszę o **zdjęcie** szwu.",
        sent_at=began + timedelta(hours=1),
        in_reply_to=first,
        addresses={"to": [{"name": cast.dora.name, "address": "dora@poczta.example"}]},
    )
    make_inbound(
        tent,
        text="W załączniku zdjęcie. Czy mogę dostać zwrot pieniędzy?",
        subject="Re: Namiot przecieka",
        sent_at=began + timedelta(hours=2),
        in_reply_to=answer,
        external_id="tent-2@poczta.example",
        addresses=to,
    )
    make_message(
        tent,
        direction="note",
        agent=cast.ben,
        author_name="Ben",
        text="Third seam of this batch. Ask @Cy?",
        sent_at=began + timedelta(hours=3),
    )
    return tent
