from __future__ import annotations

from datetime import timedelta

import pytest

from rapport.accounts.models import Brand
from rapport.conversations.filtering import ask_filter
from rapport.conversations.models import Conversation
from rapport.conversations.settling_names import name_numbers, settle_names
from rapport.conversations.stating_conditions import BadFilter
from rapport.conversations.tagging import tag_conversation
from rapport.conversations.watching import watch_conversation
from rapport.conversations.wording_filters import read_filter, write_filter
from rapport.customers.models import Organisation
from rapport.kernel import clock
from rapport.kernel.asking import ask
from tests.makers import make_agent, make_conversation, make_customer


def found(agent, text: str) -> set[int]:
    asked, _words = ask_filter(text, agent=agent)
    rows = ask(
        f"SELECT c.id FROM conversations_conversation c WHERE {asked.where}", asked.parameters
    )
    return {number for (number,) in rows}


@pytest.fixture
def desk(cast):
    """Dora's tent waits in Support; Eli's boots are Cy's, tagged, solved; a letter sleeps; spam and a merge."""
    firm = Organisation.objects.create(name="Xin Xiang", domain="xinxiang.example")
    type(cast.eli).objects.filter(pk=cast.eli.pk).update(
        organisation=firm, attributes={"plan": "Gold", "seats": 12, "a b": "c"}
    )
    made = {
        "tent": cast.tent,
        "boots": make_conversation(
            cast.eli, subject="靴子 100%_", state="solved", assignee=cast.cy, team=cast.returns,
            language="zh-Hant", channel=cast.hook, priority=4, text="",
        ),
        "letter": make_conversation(
            make_customer("Tom", email="tom@poczta.example"), state="snoozed", text="", priority=1,
            brand=Brand.objects.create(name="Other, Ltd"),
        ),
        "spam": make_conversation(cast.eli, state="spam", text=""),
        "merged": make_conversation(cast.eli, state="merged", text=""),
    }  # fmt: skip
    old = clock.now() - timedelta(days=10)
    Conversation.objects.filter(pk=made["letter"].pk).update(opened_at=old, last_message_at=old)
    tag_conversation(made["boots"], tag="Refund", by=cast.ada.actor)
    tag_conversation(cast.tent, tag="two words", by=cast.ada.actor)
    watch_conversation(cast.tent, agent=cast.ben, by=cast.ben.actor)
    return made


#: What is asked, and who is found.
ASKED = (
    ("", "tent boots letter"),
    ("is:open", "tent"),
    ("is:open,snoozed", "tent letter"),
    ("is:open is:snoozed", "tent letter"),
    ("-is:solved", "tent letter"),
    ("is:spam", "spam"),
    ("is:merged state:spam", "spam merged"),
    ("owner:cy", "boots"),
    ("owner:cy@maple.example", "boots"),
    ("assignee:CY", "boots"),
    ("-owner:cy", "tent letter"),
    ("is:unassigned", "tent letter"),
    ("owner:nobody", "tent letter"),
    ("is:assigned", "boots"),
    ("owner:me", ""),
    ("team:support", "tent"),
    ("team:mine", "tent"),
    ("team:none", "letter"),
    ("team:support,none", "tent letter"),
    ("tag:refund", "boots"),
    ("-tag:REFUND", "tent letter"),
    ('tag:"two words"', "tent"),
    ("tag:none", "letter"),
    ("has:tag", "tent boots"),
    ("priority:urgent", "boots"),
    ("priority:>=normal", "tent boots"),
    ("priority:<normal", "letter"),
    ("channel:help", "tent"),
    ("channel:Shop", "boots"),
    ("kind:webhook", "boots"),
    ("via:WEBHOOK", "boots"),
    ('brand:"Other, Ltd"', "letter"),
    ("brand:none", "boots"),
    ("language:zh", "boots"),
    ("lang:pl", "tent"),
    ("lang:none", "letter"),
    ("waiting:2h", "tent"),
    ("waiting:>4h", ""),
    ("waiting:<4h", "tent"),
    ("is:unanswered", "tent"),
    ("-is:unanswered", "boots letter"),
    ("before:7d", "letter"),
    ("after:7d", "tent boots"),
    ("created-before:1w", "letter"),
    ("created-after:2020-01-01", "tent boots letter"),
    ("before:2020-01-01", ""),
    ("after:today before:yesterday", ""),
    ("from:dora@poczta.example", "tent"),
    ("from:DORA@poczta.example,tom@poczta.example", "tent letter"),
    ("from:@poczta.example", "tent letter"),
    ("from:zieliń", "tent"),
    ("-from:林怡立", "tent letter"),
    ("org:xinxiang.example", "boots"),
    ('organisation:"xin xiang"', "boots"),
    ("-org:none", "boots"),
    ("attr.plan:gold", "boots"),
    ('attr."a b":c', "boots"),
    ("attr.plan:~OL", "boots"),
    ("attr.plan:*", "boots"),
    ("-attr.plan:*", "tent letter"),
    ("attr.seats:>=12", "boots"),
    ("attr.seats:>12", ""),
    ("attr.plan:>1", ""),
    ("subject:100%_", "boots"),
    ("subject:%", "boots"),
    ("subject：przecieka", "tent"),
    ("is:watched", "tent"),
    ("-is:watched", "boots letter"),
    ("is:open owner:nobody -tag:refund team:support", "tent"),
)


def test_what_is_asked_is_what_is_found(cast, desk) -> None:
    wrong = {}
    for text, names in ASKED:
        wanted = {desk[name].pk for name in names.split()}
        if (have := found(cast.ben, text)) != wanted:
            wrong[text] = have, wanted
    assert wrong == {}


FAULTS = (
        "is:nonsense", "owner:nobody-knows", "tag:unheard", "team:", "priority:>=huge", "waiting:soon",
        "before:someday", "attr:gold", "attr.seats:>many", "created:today", "subject:", "from:>5",
        "is:" + "x" * 1100, " ".join(f"attr.a{n}:b" for n in range(41)), "channel:none", "kind:\x00",
)  # fmt: skip


def test_a_fault_is_named_and_never_a_crash(cast) -> None:
    for text in FAULTS:
        with pytest.raises(BadFilter) as raised:
            ask_filter(text, agent=cast.ben)
        assert len(str(raised.value)) > 10


@pytest.mark.parametrize(
    "words", ["Re: tents", "https://x.example/a:b", "10:30 Uhr", "dora: hello"]
)
def test_what_is_no_operator_is_a_word(cast, words: str) -> None:
    assert read_filter(words).words == words


def test_words_and_conditions_stand_together_in_any_order() -> None:
    asked = read_filter('zwrot is:open "stand together" -tag:x -spam')
    assert asked.words == 'zwrot "stand together" -spam'
    assert write_filter(asked.conditions) == "is:open -tag:x"


@pytest.mark.parametrize(
    "text",
    [
        "is:open owner:me -tag:x", 'tag:"two words" waiting:4h waiting:<2d priority:>=high',
        'before:2026-11-01 after:7d created-before:2026-01-01T10:30 -created-after:3d',
        'attr.plan:gold attr."a b":~c attr.seats:<5 attr.x:*', "subject:100% from:@x.example lang:zh",
        "is:unanswered -is:watched org:none brand:none team:mine channel:#3 kind:email",
    ],
)  # fmt: skip
def test_a_filter_is_written_as_it_is_read(text: str) -> None:
    once = read_filter(text).conditions
    again = write_filter(once)
    assert read_filter(again).conditions == once
    assert write_filter(read_filter(again).conditions) == again


def test_a_name_is_kept_as_a_number_and_shown_as_it_is_called_today(cast) -> None:
    tag_conversation(cast.tent, tag="refund", by=cast.ada.actor)
    kept = settle_names(read_filter("team:Support owner:Ben tag:refund is:open")).conditions
    assert f"#{cast.support.pk}" in write_filter(kept)
    type(cast.support).objects.filter(pk=cast.support.pk).update(name="Care team")
    shown = write_filter(name_numbers(kept))
    assert shown == 'team:"Care team" owner:ben@maple.example tag:refund is:open'


def test_two_of_one_name_are_told_apart_by_their_address(cast) -> None:
    make_agent("Ben", email="other.ben@maple.example")
    with pytest.raises(BadFilter, match="More than one"):
        ask_filter("owner:ben", agent=cast.ben)
    assert found(cast.ben, "owner:other.ben@maple.example") == set()


def test_me_and_my_teams_are_the_readers(cast, desk) -> None:
    assert found(cast.cy, "owner:me") == {desk["boots"].pk}
    assert found(cast.cy, "team:mine") == {desk["boots"].pk}
    assert found(cast.cy, "is:watched") == set()


def test_a_day_begins_where_the_reader_lives(cast) -> None:
    moment = clock.now().replace(year=2026, month=3, day=10, hour=23, minute=30)
    Conversation.objects.filter(pk=cast.tent.pk).update(last_message_at=moment)
    assert found(cast.ben, "after:2026-03-11") == set()
    cast.ben.time_zone = "Europe/Warsaw"
    assert found(cast.ben, "after:2026-03-11 before:2026-03-12") == {cast.tent.pk}


COSTS = (
    ("is:open", True, False, False),
    ("is:open,snoozed subject:x", True, False, True),
    ("is:unanswered", True, False, False),
    ("is:solved", False, False, False),
    ("from:dora@poczta.example", True, False, False),
    ("from:dora@poczta.example,dora", False, False, True),
    ("waiting:4h", True, True, True),
    ("before:2026-01-01", False, False, False),
    ("attr.plan:gold", False, False, True),
    ("is:watched", True, False, False),
    ("-is:watched", False, False, True),
)


def test_a_filter_says_what_it_costs(cast) -> None:
    for text, is_narrow, is_timed, has_rest in COSTS:
        asked, _words = ask_filter(text, agent=cast.ben)
        said = (text, asked.is_narrow, asked.is_timed, bool(asked.judged))
        assert said == (text, is_narrow, is_timed, has_rest)
