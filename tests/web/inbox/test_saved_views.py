from __future__ import annotations

from datetime import timedelta

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.keeping_views import BadView, Draft, change_view, keep_view
from rapport.conversations.models import Conversation, SavedView
from rapport.conversations.ordering_views import place_view
from rapport.conversations.removing_views import remove_view, restore_view
from rapport.conversations.stating_conditions import BadFilter
from rapport.conversations.tagging import tag_conversation
from rapport.kernel import clock
from rapport.kernel.journal.models import Entry
from rapport.web.inbox import rows
from rapport.web.inbox.shelves import PAGE
from tests.makers import make_agent, make_conversation
from tests.web.inbox.conftest import HTMX

OPEN = Draft("Open ones", "is:open")


@pytest.fixture
def refunds(cast):
    tag_conversation(cast.tent, tag="refund", by=cast.ada.actor)
    return keep_view(Draft("Refunds", "is:open tag:refund"), by=cast.ben.actor)


def kinds() -> list[str]:
    entries = Entry.objects.filter(subject_kind="view").order_by("id")
    return [entry.kind.removeprefix("conversations.view_") for entry in entries]


def test_a_view_stands_at_the_side_with_its_count_and_has_its_own_address(
    cast, sign_in, refunds
) -> None:
    make_conversation(cast.eli, subject="Other", text="")
    page = sign_in(cast.ben).get(f"/inbox/{refunds.name}").content.decode()
    assert "Namiot przecieka" in page
    assert "Other" not in page
    assert f'href="/inbox/{refunds.name}" aria-current="page"' in page
    side = page.split('title="Refunds"')[1].split("</a>")[0]
    assert '<span class="views__count">1</span>' in side
    assert "My views" in page


def test_nobody_else_has_a_private_view(cast, sign_in, refunds) -> None:
    for agent in (cast.ada, cast.cy):
        client = sign_in(agent)
        assert "Refunds" not in client.get("/inbox/open").content.decode()
        for address in (f"/inbox/{refunds.name}", f"/inbox/views/{refunds.pk}"):
            assert client.get(address).status_code == 404
    with pytest.raises(NotAllowed):
        change_view(refunds, OPEN, by=cast.ada.actor)


def test_a_team_keeps_its_own_views_and_leads_those_for_all(cast, sign_in) -> None:
    theirs = keep_view(Draft("Returns", "is:open", team=cast.returns), by=cast.cy.actor)
    for_all = keep_view(Draft("For all", "is:open", for_all=True), by=cast.ada.actor)
    for draft in (Draft("x", "is:open", team=cast.returns), Draft("x", "is:open", for_all=True)):
        with pytest.raises(NotAllowed):
            keep_view(draft, by=cast.ben.actor)
    with pytest.raises(NotAllowed):
        change_view(theirs, OPEN, by=cast.ben.actor)
    with pytest.raises(NotAllowed):
        remove_view(for_all, by=cast.ben.actor)
    with pytest.raises(NotAllowed):
        keep_view(OPEN, by=cast.zoe.actor)
    page = sign_in(cast.ben).get("/inbox/open").content.decode()
    assert "For all" in page
    assert "Returns" not in page
    assert "Returns" in sign_in(cast.cy).get("/inbox/open").content.decode()


def test_a_view_shows_everybody_what_they_may_see(cast, sign_in) -> None:
    view = keep_view(Draft("For all", "is:open", for_all=True), by=cast.ada.actor)
    address = f"/inbox/{view.name}"
    assert "Namiot" in sign_in(cast.ben).get(address).content.decode()
    assert "Namiot" not in sign_in(cast.cy).get(address).content.decode()
    assert sign_in(cast.zoe).get(address).status_code == 403


@pytest.mark.parametrize(
    ("draft", "fault"),
    [
        (Draft("", "is:open"), BadView),
        (Draft("x" * 61, "is:open"), BadView),
        (Draft("x", ""), BadView),
        (Draft("x", "is:open words"), BadView),
        (Draft("x", "is:nonsense"), BadFilter),
        (Draft("x", "tag:unheard"), BadFilter),
        (Draft("x", "is:open", order="sideways"), BadView),
        (Draft("x", "is:solved", order="priority"), BadView),
        (Draft("x", "is:snoozed", order="waiting"), BadView),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(cast, draft, fault) -> None:
    with pytest.raises(fault) as raised:
        keep_view(draft, by=cast.ben.actor)
    assert str(raised.value)


def test_removing_twice_is_once_and_is_undone(cast, refunds) -> None:
    assert remove_view(refunds, by=cast.ben.actor)
    assert not remove_view(refunds, by=cast.ben.actor)
    assert restore_view(refunds, by=cast.ben.actor)
    assert not restore_view(refunds, by=cast.ben.actor)
    assert kinds() == ["kept", "removed", "restored"]
    assert SavedView.objects.standing().get().title == "Refunds"


def test_changing_to_the_same_changes_nothing(cast, refunds) -> None:
    same = Draft("Refunds", "is:open tag:refund")
    change_view(refunds, same, by=cast.ben.actor)
    change_view(refunds, Draft("Money", "is:open tag:refund"), by=cast.ben.actor)
    assert kinds() == ["kept", "changed"]


def test_views_stand_in_the_order_that_they_are_given(cast, refunds) -> None:
    other = keep_view(OPEN, by=cast.ben.actor)
    assert place_view(other, before=refunds, by=cast.ben.actor)
    assert not place_view(other, before=refunds, by=cast.ben.actor)
    own = SavedView.objects.standing().filter(owner=cast.ben)
    assert [view.title for view in own.in_order()] == ["Open ones", "Refunds"]
    assert place_view(other, before=None, by=cast.ben.actor)
    assert [view.title for view in own.in_order()] == ["Refunds", "Open ones"]


def test_the_builder_shows_what_it_finds_and_keeps_it_without_scripts(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    row = {"field": ["state", ""], "operator": ["is", ""], "value": ["open", ""], "key": ["", ""]}
    page = client.get("/inbox/views/new", row | {"q": "team:support"}).content.decode()
    assert "Namiot przecieka" in page
    assert f'<option value="#{cast.support.pk}" selected>Support</option>' not in page
    part = client.get("/inbox/views/new", row, headers=HTMX).content.decode()
    assert part.startswith('<div class="builder" id="builder">')
    said = {
        "title": "Mine to do",
        "order": "priority",
        "icon": "flag",
        "shown": ["tags"],
        "audience": "me",
    }
    kept = client.post("/inbox/views", row | said | {"q": "team:support"}, follow=True)
    assert "The view Mine to do is saved." in kept.content.decode()
    view = SavedView.objects.get()
    assert view.query == f"is:open team:#{cast.support.pk}"
    assert (view.order, view.icon, view.owner) == ("priority", "flag", cast.ben)
    assert "tags" not in view.hidden
    assert "preview" in view.hidden
    shown = client.get(f"/inbox/views/{view.pk}").content.decode()
    assert f'<option value="#{cast.support.pk}" selected>Support</option>' in shown
    gone = client.post(
        f"/inbox/views/{view.pk}", {"_method": "delete"}, follow=True
    ).content.decode()
    assert f"/inbox/views/{view.pk}/removal" in gone
    client.post(f"/inbox/views/{view.pk}/removal", {"_method": "delete"})
    assert client.get(f"/inbox/{view.name}").status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"field": ["waiting"], "operator": ["above"], "value": ["soon"]},
        {"q": "is:nonsense"},
        {"q": "tag:unheard"},
        {"field": ["state"], "operator": ["'; DROP"], "value": ["<script>"], "key": ["x"] * 99},
    ],
)
def test_a_fault_in_the_builder_is_said_where_it_is(cast, sign_in, form) -> None:
    client = sign_in(cast.ben)
    said = {"title": "x", "order": "newest", "audience": "me"}
    assert 'class="field__error"' in client.get("/inbox/views/new", form).content.decode()
    refused = client.post("/inbox/views", form | said)
    assert refused.status_code == 422
    assert b"<script>" not in refused.content.split(b"<main")[1]
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("order", ["newest", "oldest", "waiting", "priority"])
def test_every_row_of_a_view_is_reached_once_in_its_order(cast, sign_in, order: str) -> None:
    now = clock.now()
    for number in range(PAGE + 7):
        made = make_conversation(cast.dora, subject=f"Case {number}.", team=cast.support, text="")
        at = now - timedelta(minutes=number // 2)
        fields = {"last_message_at": at, "waiting_since": at, "priority": 1 + number % 4}
        Conversation.objects.filter(pk=made.pk).update(**fields)
    view = keep_view(Draft("Cases", "is:open subject:case", order=order), by=cast.ben.actor)
    client, seen, after = sign_in(cast.ben), [], ""
    for _ in range(3):
        page = client.get(f"/inbox/{view.name}", {"after": after}, headers=HTMX).content.decode()
        seen += [int(part.partition(".")[0]) for part in page.split("Case ")[1:]]
        if 'id="more"' not in page:
            break
        after = page.rpartition("after=")[2].partition('"')[0]
    assert sorted(seen) == list(range(PAGE + 7))
    if order == "priority":
        assert [1 + n % 4 for n in seen] == sorted((1 + n % 4 for n in seen), reverse=True)
    if order == "newest":
        assert [n // 2 for n in seen] == sorted(n // 2 for n in seen)


def test_what_is_judged_row_by_row_is_looked_for_in_stretches(cast, sign_in, monkeypatch) -> None:
    monkeypatch.setattr(rows, "REACH", 5)
    now = clock.now()
    for number in range(12):
        made = make_conversation(cast.dora, subject=f"Case {number}.", team=cast.support, text="")
        Conversation.objects.filter(pk=made.pk).update(
            last_message_at=now + timedelta(hours=number)
        )
    view = keep_view(Draft("Tents", "is:open subject:namiot"), by=cast.ben.actor)
    client, after, pages = sign_in(cast.ben), "", []
    for _ in range(4):
        page = client.get(f"/inbox/{view.name}", {"after": after}, headers=HTMX).content.decode()
        pages.append("Namiot" in page)
        if "Search further back" not in page:
            break
        after = page.rpartition("after=")[2].partition('"')[0]
    assert pages == [False, False, True]


def test_a_page_of_a_view_costs_the_same_queries_whatever_stands_at_the_side(
    cast, sign_in, refunds, django_assert_max_num_queries
) -> None:
    client = sign_in(cast.ben)
    for number in range(12):
        keep_view(Draft(f"View {number}", "is:open -tag:refund"), by=cast.ben.actor)
    with django_assert_max_num_queries(11):
        client.get(f"/inbox/{refunds.name}")


def test_the_side_hears_of_a_view_and_a_page_of_one_that_is_gone_shows_what_is_open(
    cast, sign_in, refunds
) -> None:
    client = sign_in(cast.ben)
    remove_view(refunds, by=cast.ben.actor)
    answer = client.get("/inbox/updates", {"shelf": refunds.name, "since": "0.0.0"}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "shelf=open" in page
    assert "Refunds" not in page


def test_viewers_keep_views_of_their_own_and_no_others(cast, sign_in) -> None:
    viewer = make_agent("Vic", role="viewer", team=cast.support)
    keep_view(OPEN, by=viewer.actor)
    with pytest.raises(NotAllowed):
        keep_view(Draft("x", "is:open", team=cast.support), by=viewer.actor)
