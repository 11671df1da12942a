"""Mentioning: who is called by name, in any script, and who is told that a call reaches nobody."""

from __future__ import annotations

import pytest

from rapport.accounts.models import Agent
from rapport.conversations.access import may_see, visible_to
from rapport.conversations.mentioning import read_mentions, suggest_mentions
from rapport.conversations.models import Conversation, Mention, Message
from rapport.conversations.noting import write_note
from rapport.kernel.journal.models import Entry
from tests.cast import Cast, make_cast
from tests.conversations.racing import race
from tests.makers import make_agent, make_conversation


@pytest.fixture
def open_tent(cast: Cast) -> Conversation:
    """A conversation that belongs to no team yet: everybody who works here may see it."""
    return make_conversation(cast.dora, subject="Namiot")


def names_in(text: str, conversation: Conversation) -> list[str]:
    return [agent.name for agent, _ in read_mentions(text, conversation=conversation).reached]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Łukasz Żółć", "@Łukasz Żółć, look"),
        ("Łukasz Żółć", "(@lukasz zolc)"),
        ("Łukasz Żółć", "cc @ŁUKASZ ŻÓŁĆ."),
        ("Łukasz Żółć", "@Łukasz: please"),
        ("王小明", "@王小明請看一下"),
        ("王小明", "請@王小明處理"),
        ("張偉", "＠张伟 你好"),
        ("Mary Ann O'Neil", "@Mary Ann O'Neil's turn"),
        ("Ægir Ross", "@Ægir Ross!"),
        ("Jan", "@jan@maple.example knows"),
    ],
)
def test_a_name_is_found_in_any_script(open_tent, name: str, text: str) -> None:
    make_agent(name, email="jan@maple.example")
    assert names_in(text, open_tent) == [name]


@pytest.mark.parametrize(
    "text",
    ["@Bena", "mail ben@ben.example", "https://ben.example/@Ben", "`@Ben`", "```\n@Ben\n```", "@"],
)
def test_what_only_looks_like_a_call_calls_nobody(open_tent, text: str) -> None:
    assert not names_in(text, open_tent)


def test_the_longest_name_is_meant_and_a_whole_name_before_a_first_one(open_tent) -> None:
    make_agent("Ben Nowak")
    make_agent("王小")
    make_agent("王小明")
    assert names_in("@Ben Nowak and @王小明", open_tent) == ["Ben Nowak", "王小明"]
    assert names_in("@Ben, see", open_tent) == ["Ben"]


def test_two_of_one_name_are_unclear_and_the_suggested_form_tells_them_apart(open_tent) -> None:
    ewas = [make_agent("Ewa Lis", email=f"{n}@maple.example") for n in ("one", "two")]
    found = read_mentions("@Ewa Lis and @Ewa, please", conversation=open_tent)
    assert not found.reached
    assert found.unclear == ["Ewa Lis", "Ewa"]
    for ewa, offered in zip(ewas, suggest_mentions(open_tent, begins="ewa"), strict=True):
        said = f"@{offered.form} please"
        assert [a.pk for a, _ in read_mentions(said, conversation=open_tent).reached] == [ewa.pk]


def test_a_mention_is_of_the_same_commit_and_the_mentioned_one_hears_of_it(cast: Cast) -> None:
    note = write_note(cast.tent, by=cast.ben.actor, text="@Ada @ada, and myself @Ben")
    assert [m.agent for m in Mention.objects.filter(message=note)] == [cast.ada]
    entry = Entry.objects.get(kind="conversations.note_written")
    assert entry.details["mentioned"] == [cast.ada.pk]
    assert f"agent:{cast.ada.pk}" in entry.streams.split()


def test_who_may_not_see_it_is_not_mentioned_and_the_writer_is_told(cast: Cast) -> None:
    note = write_note(cast.tent, by=cast.ben.actor, text="Ask @Cy or @Zoe or @Ada")
    assert [m.agent for m in Mention.objects.filter(message=note)] == [cast.ada]
    assert note.extras["mentions"]["unreached"] == ["Cy", "Zoe"]


def test_a_refused_note_mentions_nobody(cast: Cast) -> None:
    with pytest.raises(Exception, match=r"\S"):
        write_note(cast.tent, by=cast.cy.actor, text="@Ada")
    assert not Mention.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_note_at_once_mentions_once() -> None:
    cast = make_cast()

    def write() -> Message:
        tent = Conversation.objects.get(pk=cast.tent.pk)
        return write_note(tent, by=cast.ben.actor, text="@Ada", client_key="n")

    assert len({note.pk for note in race(write, write)}) == 1
    assert Mention.objects.count() == 1


def test_suggestions_begin_with_any_part_of_a_name_and_put_those_who_may_see_it_first(cast) -> None:
    make_agent("Łucja Cyran", team=cast.returns)
    make_agent("陳小明", team=cast.support)
    said = [(s.agent.name, s.may_see) for s in suggest_mentions(cast.tent, begins="cy")]
    assert said == [("Cy", False), ("Łucja Cyran", False)]
    assert [s.agent.name for s in suggest_mentions(cast.tent, begins="小明")] == ["陳小明"]
    assert [s.agent.name for s in suggest_mentions(cast.tent, begins="luc")] == ["Łucja Cyran"]
    everybody = suggest_mentions(cast.tent, begins="", besides=cast.ben)
    assert [s.agent.name for s in everybody][:2] == ["Ada", "陳小明"]
    assert cast.ben not in [s.agent for s in everybody]


def test_the_rule_at_hand_is_the_rule_of_the_lists(cast: Cast) -> None:
    mine = make_conversation(cast.eli, team=cast.returns, assignee=cast.ben)
    nobodys = make_conversation(cast.eli)
    make_agent("Val", role="viewer", team=cast.support)
    make_agent("Lea", role="lead")
    for agent in Agent.objects.all():
        for conversation in (cast.tent, mine, nobodys):
            listed = visible_to(agent).filter(pk=conversation.pk).exists()
            assert may_see(agent, conversation) == listed, (agent, conversation)


def test_thousands_of_calls_are_bounded_and_cost_the_same_questions(
    cast: Cast, django_assert_num_queries
) -> None:
    for number in range(60):
        make_agent(f"Agent{number:02}", team=cast.support)
    text = " ".join(f"@Agent{number % 60:02}" for number in range(2000))
    with django_assert_num_queries(2):
        assert len(read_mentions(text, conversation=cast.tent).reached) == 50
