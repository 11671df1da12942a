"""Shapes: what the API says and hears, as the OpenAPI document shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, Field

from rapport.channels.addressing import fates_of
from rapport.conversations.models import Attachment, Conversation, Message
from rapport.customers.models import Customer


def _storable(text: str) -> str:
    """PostgreSQL keeps neither NUL nor half of a surrogate pair."""
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("contains NUL or a lone surrogate")
    return text


def _in_utc(moment: datetime) -> datetime:
    """PostgreSQL knows no offset of 16 hours, and nobody means a time without one."""
    if moment.tzinfo is None:
        raise ValueError("needs an offset from UTC, such as Z")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the calendar") from None
    if not 1900 <= moment.year <= 9000:
        raise ValueError("is outside the calendar")
    return moment


Moment = Annotated[datetime, AfterValidator(_in_utc)]
Text = Annotated[str, AfterValidator(_storable)]
Words = Annotated[Text, Field(max_length=1_000_000)]
Short = Annotated[Text, Field(max_length=1000)]
Number = Annotated[int, Field(ge=1, lt=2**63)]
Limit = Annotated[int, Field(ge=1, le=200)]


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str = ""


class AddressShape(Schema):
    name: str = ""
    address: str = ""


class AttachmentShape(Schema):
    """A file, or the name of one that was refused and why."""

    id: int
    name: str
    type: str
    size: int
    sha256: str
    is_inline: bool
    refused: str
    url: str | None

    @staticmethod
    def of(attachment: Attachment) -> AttachmentShape:
        url = f"/api/v1/attachments/{attachment.pk}" if attachment.stored_name else None
        return AttachmentShape(
            id=attachment.pk,
            name=attachment.name,
            type=attachment.content_type,
            size=attachment.size,
            sha256=attachment.sha256,
            is_inline=attachment.is_inline,
            refused=attachment.refused,
            url=url,
        )


class RecipientShape(Schema):
    """How far a message has come on its way to one recipient, and why not further."""

    address: str
    state: str
    error: str


class MentionsShape(Schema):
    """Whom a note calls by name: ids of those who hear of it, names of those who may not see the
    conversation, and words that could mean several colleagues."""

    reached: list[int] = []
    unreached: list[str] = []
    unclear: list[str] = []

    @staticmethod
    def of(message: Message) -> MentionsShape:
        kept = message.extras.get("mentions") or {}
        return MentionsShape(
            reached=[agent for agent, _ in kept.get("reached", ())],
            unreached=kept.get("unreached", []),
            unclear=kept.get("unclear", []),
        )


class MessageShape(Schema):
    """One message; `text` holds the new words, `quoted` the folded history, `html` is sanitised."""

    id: int
    conversation: int
    direction: str
    kind: str
    auto_reply: bool
    customer: int | None
    agent: int | None
    author: str
    channel_kind: str
    external_id: str
    from_: list[AddressShape] = Field(serialization_alias="from")
    to: list[AddressShape]
    cc: list[AddressShape]
    subject: str
    text: str
    quoted: str
    signature: str
    html: str
    language: str
    sent_at: datetime
    recorded_at: datetime
    delivery: str | None
    recipients: list[RecipientShape]
    why: dict[str, Any]
    doubts: list[str]
    mentions: MentionsShape
    attachments: list[AttachmentShape]

    @staticmethod
    def of(message: Message) -> MessageShape:
        heads = message.addresses
        ways = {delivery.only_to: delivery for delivery in message.deliveries.all()}
        delivery = ways.get("")
        return MessageShape(
            id=message.pk,
            conversation=message.conversation_id,
            direction=message.direction,
            kind=message.kind,
            auto_reply=message.kind == "auto_reply",
            customer=message.customer_id,
            agent=message.agent_id,
            author=message.author_name,
            channel_kind=message.channel_kind,
            external_id=message.external_id,
            from_=heads.get("from") or [],
            to=heads.get("to") or [],
            cc=heads.get("cc") or [],
            subject=message.subject,
            text=message.text,
            quoted=message.quoted,
            signature=message.signature,
            html=message.html,
            language=message.language,
            sent_at=message.sent_at,
            recorded_at=message.recorded_at,
            delivery=delivery.state if delivery else None,
            recipients=[
                RecipientShape(address=each.address, state=each.state, error=each.error)
                for each in fates_of(message, ways)
            ],
            why=message.why,
            doubts=message.extras.get("doubts") or [],
            mentions=MentionsShape.of(message),
            attachments=[AttachmentShape.of(a) for a in message.attachments.all()],
        )


class MessagePage(Schema):
    items: list[MessageShape]
    next: str | None


class HitShape(Schema):
    """A message that was found, and the line of it that shows most of the question."""

    message: MessageShape
    snippet: str


class HitPage(Schema):
    """`searched_to` is set where the search stopped before its page was full."""

    items: list[HitShape]
    next: str | None
    searched_to: datetime | None


class ConversationShape(Schema):
    id: int
    ref: str
    subject: str
    state: str
    priority: int
    customer: int
    assignee: int | None
    team: int | None
    channel_kind: str
    language: str
    preview: str
    tags: list[str]
    opened_at: datetime
    last_message_at: datetime
    waiting_since: datetime | None
    message_count: int
    last_message_id: int | None
    continues: int | None
    merged_into: int | None

    @staticmethod
    def of(conversation: Conversation) -> ConversationShape:
        return ConversationShape(
            id=conversation.pk,
            ref=conversation.ref,
            subject=conversation.subject,
            state=conversation.state,
            priority=conversation.priority,
            customer=conversation.customer_id,
            assignee=conversation.assignee_id,
            team=conversation.team_id,
            channel_kind=conversation.channel_kind,
            language=conversation.language,
            preview=conversation.preview,
            tags=sorted(tag.name for tag in conversation.tags.all()),
            opened_at=conversation.opened_at,
            last_message_at=conversation.last_message_at,
            waiting_since=conversation.waiting_since,
            message_count=conversation.message_count,
            last_message_id=conversation.last_message_id,
            continues=conversation.continues_id,
            merged_into=conversation.merged_into_id,
        )


class ConversationPage(Schema):
    items: list[ConversationShape]
    next: str | None


class IdentityShape(Schema):
    id: int
    kind: str
    value: str
    is_verified: bool


class CustomerShape(Schema):
    id: int
    name: str
    language: str
    time_zone: str
    organisation: str | None
    merged_into: int | None
    tags: list[str]
    attributes: dict[str, Any]
    identities: list[IdentityShape]
    created_at: datetime

    @staticmethod
    def of(customer: Customer) -> CustomerShape:
        organisation = customer.organisation
        return CustomerShape(
            id=customer.pk,
            name=customer.name,
            language=customer.language,
            time_zone=customer.time_zone,
            organisation=organisation.name if organisation else None,
            merged_into=customer.merged_into_id,
            tags=sorted(tagging.tag.name for tagging in customer.taggings.all()),
            attributes=customer.attributes,
            identities=[
                IdentityShape(
                    id=i.pk, kind=i.kind, value=i.shown or i.value, is_verified=i.is_verified
                )
                for i in customer.identities.all()
            ],
            created_at=customer.created_at,
        )


class CustomerChangeShape(Schema):
    """What is left out stays. `attributes` are merged with those that stand; one that is null goes."""

    name: Annotated[Text, Field(max_length=200)] = ""
    language: Annotated[Text, Field(max_length=12)] = ""
    time_zone: Annotated[Text, Field(max_length=64)] = ""
    organisation: Annotated[Text, Field(max_length=200)] = ""
    attributes: dict[str, Any] = {}


class NewCustomerShape(Schema):
    """An address is what makes somebody a customer."""

    kind: Literal["email", "phone"]
    value: Annotated[Text, Field(max_length=512)]
    name: Annotated[Text, Field(max_length=200)] = ""
    language: Annotated[Text, Field(max_length=12)] = ""


class CustomerPage(Schema):
    items: list[CustomerShape]
    next: str | None


class EnvelopeShape(Schema):
    """An arrival; its raw bytes stand at `/envelopes/{id}/raw`."""

    id: int
    channel: int
    event_id: str
    door: str
    state: Literal["waiting", "done", "parked"]
    error: str
    attempts: int
    size: int
    message: int | None
    received_at: datetime


class EnvelopePage(Schema):
    items: list[EnvelopeShape]
    next: str | None


class ReplyShape(Schema):
    """A reply in Markdown. Without `to` it goes to whoever wrote last."""

    text: Words
    to: list[Short] | None = None
    cc: list[Short] = []
    bcc: list[Short] = []
    subject: Short = ""
    attachments: list[Number] = []
    seen_message_id: Number | None = None
    anyway: bool = False
    send_at: Moment | None = None


class NoteShape(Schema):
    text: Words
    attachments: list[Number] = []


class AssignmentShape(Schema):
    """Exactly one of the two; both null takes it off everybody."""

    agent: Number | None = None
    team: Number | None = None


class TagShape(Schema):
    name: Annotated[Text, Field(min_length=1, max_length=60)]


class SnoozeShape(Schema):
    until: Moment


class PriorityShape(Schema):
    priority: Annotated[int, Field(ge=1, le=4)]


#: What an operation says of itself when its answer is a file and not JSON.
ANSWERS_A_FILE: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The bytes",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    }
}
