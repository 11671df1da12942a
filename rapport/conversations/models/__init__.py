"""The tables of conversations."""

from __future__ import annotations

from rapport.conversations.models.assignment import Assignment
from rapport.conversations.models.attachment import Attachment
from rapport.conversations.models.bulk import Bulk, BulkStep, Deed, StepState
from rapport.conversations.models.client_request import ClientRequest
from rapport.conversations.models.conversation import Conversation, Priority, State
from rapport.conversations.models.draft import Draft, DraftKind
from rapport.conversations.models.follow import Follow
from rapport.conversations.models.join_proposal import JoinProposal
from rapport.conversations.models.judgement import Judgement
from rapport.conversations.models.mention import Mention
from rapport.conversations.models.merge import Merge, Split
from rapport.conversations.models.message import Direction, Message, MessageKind
from rapport.conversations.models.notification import (
    Notification,
    NotificationChoice,
    NotificationKind,
    Way,
)
from rapport.conversations.models.participant import Participant
from rapport.conversations.models.read_mark import ReadMark
from rapport.conversations.models.redaction import Redaction
from rapport.conversations.models.rehoming import Rehoming
from rapport.conversations.models.saved_view import SavedView, ViewOrder, ViewPart
from rapport.conversations.models.search_text import SearchText
from rapport.conversations.models.snooze import Snooze
from rapport.conversations.models.solution import Solution
from rapport.conversations.models.spam_mark import SpamMark
from rapport.conversations.models.tag import Tag, Tagging
from rapport.conversations.models.template import Template

__all__ = [
    "Assignment",
    "Attachment",
    "Bulk",
    "BulkStep",
    "ClientRequest",
    "Conversation",
    "Deed",
    "Direction",
    "Draft",
    "DraftKind",
    "Follow",
    "JoinProposal",
    "Judgement",
    "Mention",
    "Merge",
    "Message",
    "MessageKind",
    "Notification",
    "NotificationChoice",
    "NotificationKind",
    "Participant",
    "Priority",
    "ReadMark",
    "Redaction",
    "Rehoming",
    "SavedView",
    "SearchText",
    "Snooze",
    "Solution",
    "SpamMark",
    "Split",
    "State",
    "StepState",
    "Tag",
    "Tagging",
    "Template",
    "ViewOrder",
    "ViewPart",
    "Way",
]
