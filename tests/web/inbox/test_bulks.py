"""Many at once: chosen on a list, done by one press, undone by one more."""

from __future__ import annotations

import re

import pytest

from rapport.conversations.assigning import assign_to_team
from rapport.conversations.handling_many import AT_ONCE
from rapport.conversations.models import Bulk, Conversation, State
from rapport.conversations.undoing_many import finish_bulk
from tests.makers import make_conversation
from tests.web.inbox.conftest import HTMX

pytestmark = pytest.mark.django_db


@pytest.fixture
def boots(cast) -> Conversation:
    return make_conversation(cast.eli, subject="Boots", team=cast.support)


def post(client, chosen, do: str, *, key: str = "k", headers=None, **more):
    form = {"c": [each.pk for each in chosen], "do": do, "key": key, **more}
    return client.post("/inbox/bulks?shelf=open", form, headers=headers or {})


def states(*conversations) -> list[str]:
    return [Conversation.objects.get(pk=each.pk).state for each in conversations]


def test_chosen_rows_are_solved_leave_the_list_and_come_back_by_one_undo(
    cast, sign_in, boots
) -> None:
    client = sign_in(cast.ben)
    said = post(client, [cast.tent, boots], "solve", headers=HTMX).content.decode()
    assert said.count('hx-swap="delete"') == 2
    assert "2 conversations changed" in said
    back = re.search(r'action="(/inbox/bulks/\d+\?shelf=open)"', said)
    assert back
    undone = client.post(back[1], {"_method": "delete"}, headers=HTMX).content.decode()
    assert f'id="row_{boots.pk}"' in undone
    assert states(cast.tent, boots) == [State.OPEN, State.OPEN]


def test_without_scripts_a_plain_form_does_it_and_takes_it_back(cast, sign_in, boots) -> None:
    client = sign_in(cast.ben)
    page = client.get("/inbox/open").content.decode()
    assert f'name="c" value="{boots.pk}" form="bulk"' in page
    answer = post(client, [cast.tent, boots], "solve")
    assert answer.url == "/inbox/open"
    page = client.get(answer.url).content.decode()
    assert "2 conversations changed" in page
    client.post(f"/inbox/bulks/{Bulk.objects.get().pk}?shelf=open", {"_method": "delete"})
    assert states(cast.tent, boots) == [State.OPEN, State.OPEN]
    further = post(client, [cast.tent, boots], "more").url
    page = client.get(further).content.decode()
    assert f'name="c" value="{cast.tent.pk}"' in page
    assert "Put the tag on" in page


def test_pressed_twice_it_is_done_once_and_the_next_has_another_key(cast, sign_in, boots) -> None:
    client = sign_in(cast.ben)
    first = post(client, [cast.tent], "priority:4", headers=HTMX).content.decode()
    post(client, [cast.tent], "priority:4", headers=HTMX)
    assert Bulk.objects.count() == 1
    key = re.search(r'value="(\w{32})" id="bulk_key"', first)
    assert key
    post(client, [cast.tent], "tag", key=key[1], tag="Refund", headers=HTMX)
    assert [tag.name for tag in cast.tent.tags.all()] == ["Refund"]


def test_guessed_numbers_of_another_team_are_not_touched_nor_named(cast, sign_in, boots) -> None:
    assign_to_team(cast.tent, cast.returns, by=cast.ada.actor)
    client = sign_in(cast.ben)
    said = post(client, [cast.tent, boots], "solve", headers=HTMX).content.decode()
    assert "1 conversation changed" in said
    assert str(cast.tent.pk) not in re.findall(r"row_(\d+)", said)
    assert states(cast.tent, boots) == [State.OPEN, State.SOLVED]
    assert (
        "Choose one conversation"
        in post(client, [cast.tent], "solve", key="n", headers=HTMX).content.decode()
    )


def test_nobody_looks_at_or_undoes_another_ones_bulk(cast, sign_in, boots) -> None:
    post(sign_in(cast.ben), [boots], "solve")
    path = f"/inbox/bulks/{Bulk.objects.get().pk}"
    for agent, status in ((cast.ada, 404), (cast.cy, 404), (cast.zoe, 403)):
        client = sign_in(agent)
        assert client.get(path).status_code == status
        assert client.post(path, {"_method": "delete"}).status_code == status
    assert states(boots) == [State.SOLVED]


def test_all_on_the_list_is_a_job_with_a_page_that_tells_how_far_it_is(cast, sign_in) -> None:
    for number in range(AT_ONCE + 4):
        make_conversation(cast.eli, subject=f"Case {number}.", team=cast.support)
    client = sign_in(cast.ben)
    answer = post(client, [], "priority:3", all="1", headers=HTMX)
    there = answer.headers["HX-Redirect"]
    page = client.get(there).content.decode()
    assert "to go" in page
    assert "hx-trigger" in page
    finish_bulk(Bulk.objects.get().pk)
    page = client.get(there).content.decode()
    assert "55 conversations changed" in page
    assert "<progress" not in page
    assert Conversation.objects.filter(priority=3).count() == AT_ONCE + 5


def test_what_could_not_be_done_is_said_with_its_reason(cast, sign_in, boots) -> None:
    client = sign_in(cast.ben)
    post(client, [boots], "solve")
    said = post(client, [cast.tent, boots], "snooze:2090-01-01T09:00+00:00", key="s", headers=HTMX)
    assert "1 not: Only an open conversation can be snoozed." in said.content.decode()
    page = client.get(f"/inbox/bulks/{Bulk.objects.latest('pk').pk}").content.decode()
    assert boots.ref in page


def test_the_choices_and_bad_wishes(cast, sign_in, boots) -> None:
    client = sign_in(cast.ben)
    assert "Ada" in client.get("/inbox/bulks?shelf=open", headers=HTMX).content.decode()
    for do in ("", "dance", "agent:x", "snooze:soon", "priority:9"):
        said = post(client, [boots], do, headers=HTMX).content.decode()
        assert "flash--bad" in said, do
    assert not Bulk.objects.exists()
