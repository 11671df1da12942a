"""Living: whatever people do in whatever order, the columns of the lists are what the rows say."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from rapport.conversations import marking_spam, noting, reopening, snoozing, solving
from rapport.conversations.forwarding import forward_message
from rapport.conversations.locking import Refusal
from rapport.conversations.merging import merge_conversations
from rapport.conversations.models import Conversation
from rapport.conversations.moving import move_message
from rapport.conversations.reckoning import reckon
from rapport.conversations.replying import reply
from rapport.conversations.splitting import split_conversation, undo_split
from rapport.conversations.unmerging import undo_merge
from rapport.conversations.withdrawing import withdraw_message
from rapport.kernel import clock
from rapport.kernel.actors import Actor
from tests.cast import Cast
from tests.conversations.arriving import arrive
from tests.conversations.test_reckoning import columns_of
from tests.makers import make_conversation

RULE = Actor("rule", 1, "Welcome")
KINDS = ["human", "human", "human", "auto_reply", "bulk"]


class Life:
    """Two conversations of Dora's, and everything that may happen to them."""

    def __init__(self, cast: Cast, chance: random.Random) -> None:
        self.cast, self.chance, self.by = cast, chance, cast.ben.actor
        boots = make_conversation(cast.dora, channel=cast.mail, team=cast.support)
        self.numbers = [cast.tent.pk, boots.pk]

    @property
    def one(self) -> Conversation:
        return Conversation.objects.get(pk=self.chance.choice(self.numbers))

    def step(self) -> None:
        deeds: list[Callable[[], Any]] = [
            *[self.arrive] * 4,
            *[lambda: reply(self.one, by=self.by, text="Tak")] * 3,
            lambda: reply(self.one, by=RULE, text="Mamy to"),
            lambda: noting.write_note(self.one, by=self.by, text="Hm"),
            lambda: forward_message(self.some("in"), to=["mill@x.example"], by=self.by),
            *[lambda: withdraw_message(self.some("out"), by=self.by)] * 2,
            *[lambda: solving.solve_conversation(self.one, by=self.by)] * 2,
            lambda: reopening.reopen_conversation(self.one, by=self.by),
            lambda: snoozing.snooze_conversation(self.one, until=self.later(), by=self.by),
            lambda: snoozing.wake_conversation(self.one, by=self.by),
            lambda: marking_spam.mark_spam(self.one, by=self.by),
            *[lambda: marking_spam.unmark_spam(self.one, by=self.by)] * 2,
            lambda: merge_conversations(self.one, into=self.one, by=self.by),
            *[self.unmerge] * 2,
            lambda: self.numbers.append(move_message(self.some("in"), by=self.by).pk),
            self.split,
            self.rejoin,
        ]
        try:
            self.chance.choice(deeds)()
        except (Refusal, IndexError):
            pass

    def arrive(self) -> None:
        sent_at = clock.now() - timedelta(minutes=self.chance.randrange(-5, 300))
        kind = self.chance.choice(KINDS)
        here = [self.chance.choice(self.numbers)]
        text = self.chance.choice(["Halo", "", "退款"])
        arrive(
            self.cast.mail,
            "dora@poczta.example",
            text=text,
            thread_tokens=here,
            kind=kind,
            sent_at=sent_at,
        )

    def some(self, direction: str) -> Any:
        return self.chance.choice(list(self.one.messages.filter(direction=direction)))

    def later(self) -> Any:
        return clock.now() + timedelta(hours=self.chance.randrange(1, 9))

    def unmerge(self) -> None:
        undo_merge(self.chance.choice(list(self.one.merges_away.standing())), by=self.by)

    def split(self) -> None:
        message = self.some("in")
        made = split_conversation(message.conversation, messages=[message.pk], by=self.by).made
        self.numbers.append(made.pk)

    def rejoin(self) -> None:
        undo_split(self.chance.choice(list(self.one.splits.standing())), by=self.by)


@pytest.mark.parametrize("seed", range(5))
def test_after_every_deed_the_columns_are_what_the_rows_say(cast: Cast, seed: int) -> None:
    life = Life(cast, random.Random(seed))
    for _deed in range(25):
        life.step()
        for row in Conversation.objects.exclude(state="merged"):
            kept, state = columns_of(row), row.state
            reckon(row)
            assert columns_of(row) == kept, state
            facts = {
                "spam": row.spam_marks.standing().exists(),
                "snoozed": row.snoozes.standing().exists(),
                "solved": row.solutions.standing().exists(),
            }
            stands = next((name for name, there in facts.items() if there), "open")
            assert state == stands
