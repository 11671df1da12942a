"""The news of conversations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.kernel.journal import Event


@dataclass(frozen=True, kw_only=True)
class ConversationEvent(Event):
    """Something about one conversation. `team` is whose list it stands in (0: nobody's yet)."""

    conversation: int
    team: int = 0
    #: The team whose list it has left, so that this list hears of it too.
    left_team: int | None = None

    @property
    def subject(self) -> tuple[str, int]:
        return "conversation", self.conversation

    @property
    def streams(self) -> tuple[str, ...]:
        lists = {self.team, self.team if self.left_team is None else self.left_team}
        return (f"conversation:{self.conversation}", *(f"inbox:{team}" for team in sorted(lists)))


@dataclass(frozen=True, kw_only=True)
class ConversationOpened(ConversationEvent):
    kind: ClassVar[str] = "conversations.opened"
    customer: int
    channel: int | None = None
    continues: int | None = None


@dataclass(frozen=True, kw_only=True)
class AskedAside(ConversationEvent):
    """Somebody is asked without the customer seeing it: `side` is the thread in which that happens."""

    kind: ClassVar[str] = "conversations.asked_aside"
    side: int
    expert: bool


@dataclass(frozen=True, kw_only=True)
class AnsweredAside(ConversationEvent):
    """One of those who were asked aside has answered; `asker` is the agent who began that thread."""

    kind: ClassVar[str] = "conversations.answered_aside"
    side: int
    message: int
    asker: int | None = None


@dataclass(frozen=True, kw_only=True)
class MessageReceived(ConversationEvent):
    kind: ClassVar[str] = "conversations.message_received"
    message: int
    message_kind: str = "human"
    customer: int | None = None
    channel: int | None = None


@dataclass(frozen=True, kw_only=True)
class MessageSent(ConversationEvent):
    """An agent (or a rule) replied; `due_at` (ISO time) is when it may leave the house."""

    kind: ClassVar[str] = "conversations.message_sent"
    message: int
    channel: int | None = None
    due_at: str = ""
    automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageWithdrawn(ConversationEvent):
    kind: ClassVar[str] = "conversations.message_withdrawn"
    message: int


@dataclass(frozen=True, kw_only=True)
class MessageMoved(ConversationEvent):
    """Somebody undid where a message was put: it stands in `conversation` now."""

    kind: ClassVar[str] = "conversations.message_moved"
    message: int
    source: int

    @property
    def streams(self) -> tuple[str, ...]:
        return (*super().streams, f"conversation:{self.source}")


@dataclass(frozen=True, kw_only=True)
class MessageBounced(ConversationEvent):
    """A delivery report said that `message` did not reach `address`."""

    kind: ClassVar[str] = "conversations.message_bounced"
    message: int
    report: int
    address: str
    status: str
    diagnostic: str
    permanent: bool


@dataclass(frozen=True, kw_only=True)
class MessageRedacted(ConversationEvent):
    kind: ClassVar[str] = "conversations.message_redacted"
    message: int
    length: int


@dataclass(frozen=True, kw_only=True)
class MessageJudged(ConversationEvent):
    """A colleague said who wrote it, or took that back; `judged` is what it counts as now."""

    kind: ClassVar[str] = "conversations.message_judged"
    message: int
    judged: str
    before: str


@dataclass(frozen=True, kw_only=True)
class NoteWritten(ConversationEvent):
    """`mentioned` are the agents whom the note calls by name and who may see it."""

    kind: ClassVar[str] = "conversations.note_written"
    message: int
    mentioned: tuple[int, ...] = ()

    @property
    def streams(self) -> tuple[str, ...]:
        return (*super().streams, *(f"agent:{agent}" for agent in self.mentioned))


@dataclass(frozen=True, kw_only=True)
class ConversationAssigned(ConversationEvent):
    kind: ClassVar[str] = "conversations.assigned"
    agent: int | None
    before_agent: int | None = None
    before_team: int | None = None

    @property
    def streams(self) -> tuple[str, ...]:
        agents = {self.agent, self.before_agent} - {None}
        return (*super().streams, *(f"agent:{agent}" for agent in sorted(agents, key=str)))


@dataclass(frozen=True, kw_only=True)
class ConversationSolved(ConversationEvent):
    kind: ClassVar[str] = "conversations.solved"


@dataclass(frozen=True, kw_only=True)
class ConversationReopened(ConversationEvent):
    """`reason` is "customer", "agent", "undo" or "merge"."""

    kind: ClassVar[str] = "conversations.reopened"
    reason: str = "agent"


@dataclass(frozen=True, kw_only=True)
class ConversationSnoozed(ConversationEvent):
    kind: ClassVar[str] = "conversations.snoozed"
    until: str


@dataclass(frozen=True, kw_only=True)
class ConversationWoken(ConversationEvent):
    """`reason` is "time", "customer", "agent" or "merge"."""

    kind: ClassVar[str] = "conversations.woken"
    reason: str


@dataclass(frozen=True, kw_only=True)
class ConversationTagged(ConversationEvent):
    kind: ClassVar[str] = "conversations.tagged"
    tag: str


@dataclass(frozen=True, kw_only=True)
class ConversationUntagged(ConversationEvent):
    kind: ClassVar[str] = "conversations.untagged"
    tag: str


@dataclass(frozen=True, kw_only=True)
class ConversationPrioritised(ConversationEvent):
    kind: ClassVar[str] = "conversations.prioritised"
    priority: int
    before: int


@dataclass(frozen=True, kw_only=True)
class ConversationMerged(ConversationEvent):
    """`conversation` went into `target`, whose team is `left_team`."""

    kind: ClassVar[str] = "conversations.merged"
    target: int

    @property
    def streams(self) -> tuple[str, ...]:
        return (*super().streams, f"conversation:{self.target}")


@dataclass(frozen=True, kw_only=True)
class ConversationUnmerged(ConversationEvent):
    """`conversation` left `target` (whose team is `left_team`) and stands for itself again."""

    kind: ClassVar[str] = "conversations.unmerged"
    target: int

    @property
    def streams(self) -> tuple[str, ...]:
        return (*super().streams, f"conversation:{self.target}")


@dataclass(frozen=True, kw_only=True)
class ConversationSplit(ConversationEvent):
    kind: ClassVar[str] = "conversations.split"
    made: int
    messages: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ConversationRejoined(ConversationEvent):
    kind: ClassVar[str] = "conversations.rejoined"
    made: int

    @property
    def streams(self) -> tuple[str, ...]:
        return (*super().streams, f"conversation:{self.made}")


@dataclass(frozen=True, kw_only=True)
class ConversationMarkedSpam(ConversationEvent):
    kind: ClassVar[str] = "conversations.marked_spam"


@dataclass(frozen=True, kw_only=True)
class ConversationUnmarkedSpam(ConversationEvent):
    kind: ClassVar[str] = "conversations.unmarked_spam"


@dataclass(frozen=True, kw_only=True)
class ConversationFollowed(ConversationEvent):
    kind: ClassVar[str] = "conversations.followed"
    agent: int


@dataclass(frozen=True, kw_only=True)
class ConversationUnfollowed(ConversationEvent):
    kind: ClassVar[str] = "conversations.unfollowed"
    agent: int


@dataclass(frozen=True, kw_only=True)
class JoinProposed(ConversationEvent):
    kind: ClassVar[str] = "conversations.join_proposed"
    other: int


@dataclass(frozen=True, kw_only=True)
class JoinDeclined(ConversationEvent):
    kind: ClassVar[str] = "conversations.join_declined"
    other: int


@dataclass(frozen=True, kw_only=True)
class OwnEvent(Event):
    """What an agent does by themselves: their own pages hear of it, and nobody else's."""

    agent: int

    @property
    def streams(self) -> tuple[str, ...]:
        return (f"agent:{self.agent}",)


@dataclass(frozen=True, kw_only=True)
class ReadEvent(OwnEvent):
    """How far an agent has read; no timeline tells it."""

    keep_days: ClassVar[int | None] = 7

    conversation: int

    @property
    def subject(self) -> tuple[str, int]:
        return "glance", self.conversation


@dataclass(frozen=True, kw_only=True)
class ConversationRead(ReadEvent):
    kind: ClassVar[str] = "conversations.read"
    up_to: int


@dataclass(frozen=True, kw_only=True)
class ConversationMarkedUnread(ReadEvent):
    kind: ClassVar[str] = "conversations.marked_unread"


@dataclass(frozen=True, kw_only=True)
class ViewEvent(Event):
    """Something about a saved view: an owner's, a team's (0: none), or everybody's."""

    view: int
    owner: int = 0
    team: int = 0

    @property
    def subject(self) -> tuple[str, int]:
        return "view", self.view

    @property
    def streams(self) -> tuple[str, ...]:
        return (f"agent:{self.owner}",) if self.owner else (f"inbox:{self.team}",)


@dataclass(frozen=True, kw_only=True)
class ViewKept(ViewEvent):
    kind: ClassVar[str] = "conversations.view_kept"
    title: str


@dataclass(frozen=True, kw_only=True)
class ViewChanged(ViewEvent):
    kind: ClassVar[str] = "conversations.view_changed"
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ViewRemoved(ViewEvent):
    kind: ClassVar[str] = "conversations.view_removed"


@dataclass(frozen=True, kw_only=True)
class ViewRestored(ViewEvent):
    kind: ClassVar[str] = "conversations.view_restored"


@dataclass(frozen=True, kw_only=True)
class ViewPlaced(ViewEvent):
    kind: ClassVar[str] = "conversations.view_placed"
    before: int | None


@dataclass(frozen=True, kw_only=True)
class TemplateEvent(Event):
    """Something about a template; never its words, which may be for one person alone."""

    template: int

    @property
    def subject(self) -> tuple[str, int]:
        return "template", self.template

    @property
    def streams(self) -> tuple[str, ...]:
        return ("settings",)


@dataclass(frozen=True, kw_only=True)
class TemplateSaved(TemplateEvent):
    kind: ClassVar[str] = "conversations.template_saved"


@dataclass(frozen=True, kw_only=True)
class TemplateThrownAway(TemplateEvent):
    kind: ClassVar[str] = "conversations.template_thrown_away"


@dataclass(frozen=True, kw_only=True)
class BulkEvent(OwnEvent):
    """One thing was done to many conversations; each of them has its own news beside this."""

    bulk: int

    @property
    def subject(self) -> tuple[str, int]:
        return "bulk", self.bulk


@dataclass(frozen=True, kw_only=True)
class BulkBegun(BulkEvent):
    kind: ClassVar[str] = "conversations.bulk_begun"
    deed: str
    size: int


@dataclass(frozen=True, kw_only=True)
class BulkUndone(BulkEvent):
    kind: ClassVar[str] = "conversations.bulk_undone"
