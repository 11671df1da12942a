from __future__ import annotations

import pytest
from django.test import Client

from rapport.conversations.models import Message, Template
from rapport.conversations.templating import save_template

pytestmark = pytest.mark.django_db
AT = "/settings/templates"


def client_of(agent) -> Client:
    client = Client()
    client.force_login(agent, backend="rapport.web.sign_in.recognising.Recogniser")
    return client


def test_an_agent_writes_changes_and_throws_away_one_of_the_own(cast) -> None:
    client = client_of(cast.ben)
    form = {"title": "Refund", "shortcut": "ref", "whose": "me", "text_pl": "Zwrot pieniędzy"}
    assert client.post(AT, form).status_code == 302
    made = Template.objects.get()
    assert (made.owner, made.texts) == (cast.ben, {"pl": "Zwrot pieniędzy"})
    page = client.get(f"{AT}/{made.pk}").content.decode()
    assert "Zwrot pieniędzy" in page
    assert "{{customer.first_name}}" in page
    client.post(f"{AT}/{made.pk}", {**form, "text_en": "Money back"})
    made.refresh_from_db()
    assert made.texts["en"] == "Money back"
    client.post(f"{AT}/{made.pk}", {"_method": "delete"})
    assert not Template.objects.exists()


def test_only_leads_write_for_everybody_and_others_read_it(cast) -> None:
    form = {"title": "Hours", "whose": "all", "text_en": "We are open."}
    assert client_of(cast.ben).post(AT, form).status_code == 422
    assert client_of(cast.ada).post(AT, form).status_code == 302
    number = Template.objects.get().pk
    page = client_of(cast.ben).get(f"{AT}/{number}").content.decode()
    assert "We are open." in page
    assert "<textarea" not in page
    answer = client_of(cast.ben).post(f"{AT}/{number}", {**form, "whose": "me"})
    assert answer.status_code == 403
    assert client_of(cast.ben).post(f"{AT}/{number}", {"_method": "delete"}).status_code == 403


def test_a_private_one_is_nobody_elses(cast) -> None:
    words = {"title": "Whisper", "texts": {"en": "szept"}}
    number = save_template(None, **words, by=cast.ben.actor, is_private=True).pk
    for agent in (cast.ada, cast.cy):
        assert client_of(agent).get(f"{AT}/{number}").status_code == 404
        assert "Whisper" not in client_of(agent).get(AT).content.decode()


def test_a_gap_is_sent_only_when_it_is_meant(cast) -> None:
    client, at = client_of(cast.ben), f"/inbox/conversations/C-{cast.tent.pk}/messages"
    form = {"kind": "reply", "text": "Order {{customer.order}}", "client_key": "k"}
    form["seen"] = str(cast.tent.last_message_id)
    page = client.post(at, form).content.decode()
    assert "<code>customer.order</code>" in page
    assert not Message.objects.filter(client_key="k").exists()
    client.post(at, {**form, "as_it_is": "1"})
    assert Message.objects.filter(client_key="k").exists()
