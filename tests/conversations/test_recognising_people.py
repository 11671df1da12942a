"""Who writes is findable, and known people cost nothing when they write again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.conversations.listing_people import look_up_people
from rapport.conversations.recognising_people import FOLLOWER, recognise_news
from rapport.customers.models import Customer, Mark
from rapport.kernel.journal.following import FOLLOWERS
from rapport.kernel.journal.models import Entry
from tests.cast import Cast
from tests.conversations.arriving import arrive

pytestmark = pytest.mark.django_db
ELLA = "ella@post.example"


def news_since(entry: int) -> list[Entry]:
    """What the follower would be handed."""
    kinds = FOLLOWERS[FOLLOWER].kinds
    return list(Entry.objects.filter(pk__gt=entry, kind__in=kinds).order_by("pk"))


def newest() -> int:
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def test_a_name_that_a_later_mail_tells_is_found(cast: Cast) -> None:
    start = newest()
    arrive(cast.mail, ELLA, text="Hello", name="")
    recognise_news(news_since(start))
    ella = Customer.objects.get(identities__value=ELLA)
    assert not look_up_people(cast.ada, "Rosenqvist", limit=5).people
    start = newest()
    arrive(cast.mail, ELLA, text="Hello", name="Ella Rosenqvist")
    assert "customers.customer_changed" in {each.kind for each in news_since(start)}
    recognise_news(news_since(start))
    [found] = look_up_people(cast.ada, "Rosenqvist", limit=5).people
    assert found.id == ella.pk


def test_somebody_known_who_writes_again_is_not_marked_again(cast: Cast) -> None:
    start = newest()
    arrive(cast.mail, ELLA, text="Hello", name="Ella Rosenqvist")
    recognise_news(news_since(start))
    marks = set(Mark.objects.values_list("pk", flat=True))
    assert marks
    start = newest()
    arrive(cast.mail, ELLA, text="Hello", name="Ella Rosenqvist")
    with CaptureQueriesContext(connection) as asked:
        recognise_news(news_since(start))
    assert set(Mark.objects.values_list("pk", flat=True)) == marks
    assert not [
        each for each in asked if "INSERT" in each["sql"] or "customers_likeness" in each["sql"]
    ]
