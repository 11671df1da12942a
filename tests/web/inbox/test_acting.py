"""Every change of a conversation: it works with and without scripts, it can be taken back, and Cy may not."""

from __future__ import annotations

import pytest
from django.test import Client

from rapport.conversations.models import Conversation, Follow, Priority, State
from rapport.kernel.journal.models import Entry
from tests.web.inbox.conftest import HTMX


def at(cast, rest: str = "") -> str:
    return f"/inbox/conversations/C-{cast.tent.pk}{rest}"


CHANGES = [
    ("/solution", {}, {"_method": "delete"}),
    ("/snooze", {"until": "2031-05-01T09:00"}, {"_method": "delete"}),
    ("/assignment", {}, {"_method": "delete"}),
    ("/tags", {"tag": "refund"}, {"_method": "delete", "tag": "refund"}),
    ("/priority", {"priority": "4"}, {"priority": "2"}),
    ("/spam", {}, {"_method": "delete"}),
    ("/watch", {}, {"_method": "delete"}),
]


def standing(cast) -> tuple[object, ...]:
    tent = Conversation.objects.get(pk=cast.tent.pk)
    tags = tuple(tent.tags.values_list("name", flat=True))
    watched = Follow.objects.filter(conversation=tent).exists()
    return tent.state, tent.assignee_id, tent.priority, tags, watched


@pytest.mark.parametrize(("path", "make", "undo"), CHANGES)
def test_a_change_is_made_once_and_taken_back(cast, sign_in, path, make, undo) -> None:
    client, before = sign_in(cast.ben), standing(cast)
    first = client.post(at(cast, path), make)
    changed, entries = standing(cast), Entry.objects.count()
    assert first.url.startswith(at(cast))
    assert changed != before
    client.post(at(cast, path), make)
    assert (standing(cast), Entry.objects.count()) == (changed, entries)
    client.post(at(cast, path), undo)
    assert standing(cast) == before


@pytest.mark.parametrize(("path", "make", "undo"), CHANGES)
def test_htmx_gets_the_thread_and_the_row_afresh(cast, sign_in, path, make, undo) -> None:
    part = sign_in(cast.ben).post(at(cast, f"{path}?shelf=open"), make, headers=HTMX)
    page = part.content.decode()
    assert part["HX-Reswap"] == "none"
    assert 'hx-target="#thread_head"' in page
    assert 'hx-target="#recent"' in page
    assert f"row_{cast.tent.pk}" in page


@pytest.mark.parametrize(("path", "make", "undo"), CHANGES)
def test_cy_zoe_and_strangers_change_nothing(cast, sign_in, client, path, make, undo) -> None:
    before = standing(cast)
    assert sign_in(cast.cy).post(at(cast, path), make).status_code == 404
    assert sign_in(cast.zoe).post(at(cast, path), make).status_code == 403
    assert client.post(at(cast, path), make).status_code == 302
    assert standing(cast) == before


@pytest.mark.parametrize(("path", "make", "undo"), [c for c in CHANGES if c[0] != "/watch"])
def test_a_viewer_reads_and_changes_nothing(cast, sign_in, path, make, undo) -> None:
    cast.ben.role = "viewer"
    cast.ben.save()
    before = standing(cast)
    assert sign_in(cast.ben).get(at(cast)).status_code == 200
    assert sign_in(cast.ben).post(at(cast, path), make).status_code == 403
    assert standing(cast) == before


def test_a_flash_offers_the_way_back(cast, sign_in) -> None:
    part = sign_in(cast.ben).post(at(cast, "/solution?shelf=open"), {}, headers=HTMX)
    page = part.content.decode()
    assert f'hx-post="{at(cast, "/solution")}?shelf=open"' in page
    assert 'name="_method" value="delete"' in page


def test_what_is_given_to_another_team_goes_out_of_sight(cast, sign_in) -> None:
    client, form = sign_in(cast.ben), {"team": cast.returns.pk}
    part = client.post(at(cast, "/assignment?shelf=open"), form, headers=HTMX)
    assert part["HX-Redirect"] == "/inbox/open"
    assert Conversation.objects.get(pk=cast.tent.pk).team == cast.returns


def test_it_is_given_to_a_colleague_by_name(cast, sign_in) -> None:
    choices = sign_in(cast.ben).get(at(cast, "/assignment"), headers=HTMX).content.decode()
    assert "Ada" in choices
    assert "Zoe" not in choices
    sign_in(cast.ben).post(at(cast, "/assignment"), {"agent": cast.ada.pk})
    assert Conversation.objects.get(pk=cast.tent.pk).assignee == cast.ada


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/snooze", {"until": "2001-01-01T09:00"}),
        ("/snooze", {"until": "soon"}),
        ("/snooze", {"custom": "2031-13-45T99:00"}),
        ("/tags", {"tag": "  "}),
        ("/assignment", {"agent": "999999999999999999999"}),
        ("/assignment", {"agent": "x"}),
        ("/priority", {"priority": "9"}),
        ("/merge", {"into": "C-999999"}),
        ("/merge", {"into": "nonsense"}),
        ("/split", {"message": "1"}),
    ],
)
def test_bad_input_changes_nothing_and_is_answered(cast, sign_in, path: str, form) -> None:
    before = standing(cast)
    answered = sign_in(cast.ben).post(at(cast, path), form)
    assert answered.status_code in (302, 400, 404)
    assert standing(cast) == before


def test_a_solved_one_keeps_its_state_and_priority_word(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    client.post(at(cast, "/priority"), {"priority": str(Priority.URGENT)})
    client.post(at(cast, "/solution"))
    page = client.get(at(cast)).content.decode()
    assert "Open again" in page
    assert "Urgent" in page
    assert Conversation.objects.get(pk=cast.tent.pk).state == State.SOLVED


def test_every_form_of_the_page_carries_its_token(cast, sign_in) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.ben, backend="rapport.web.sign_in.recognising.Recogniser")
    client.get(at(cast))
    form = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    assert client.post(at(cast, "/solution"), {}).status_code == 403
    assert client.post(at(cast, "/solution"), form).status_code == 302
    assert client.post(at(cast, "/solution"), {**form, "_method": "delete"}).status_code == 302
    assert Conversation.objects.get(pk=cast.tent.pk).state == State.OPEN
    assert client.get(at(cast)).content.decode().count("<form") > 8
