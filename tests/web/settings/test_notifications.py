"""What one hears of, chosen by each for themselves."""

from __future__ import annotations

import pytest
from django.test import Client

from rapport.conversations.models import NotificationChoice

PAGE = "/settings/profile/notifications"
pytestmark = pytest.mark.django_db


def client_of(agent) -> Client:
    client = Client()
    client.force_login(agent, backend="rapport.web.sign_in.recognising.Recogniser")
    return client


def test_each_chooses_kinds_and_ways_for_themselves(cast) -> None:
    client = client_of(cast.ben)
    page = client.get(PAGE).content.decode()
    assert (
        'name="mention_mail" id="id_mention_mail" aria-label="Somebody calls me by name: Mail" checked'
        in page
    )
    said = {"mention_desk": "on", "given_mail": "on", "mail_minutes": "15", "has_words": "on"}
    assert client.post(PAGE, said).status_code == 302
    choice = NotificationChoice.objects.get(agent=cast.ben)
    assert choice.ways_of("mention") == ["desk"]
    assert choice.ways_of("given") == ["mail"]
    assert choice.ways_of("answered") == []
    assert (choice.mail_minutes, choice.has_words) == (15, True)
    assert not NotificationChoice.objects.filter(agent=cast.ada).exists()


def test_a_wait_that_is_not_offered_is_refused(cast) -> None:
    assert client_of(cast.ben).post(PAGE, {"mail_minutes": "1"}).status_code == 422
    assert not NotificationChoice.objects.exists()


def test_a_stranger_is_asked_to_sign_in(cast) -> None:
    assert Client().get(PAGE).status_code == 302
