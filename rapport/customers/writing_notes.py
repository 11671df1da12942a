"""Writing notes about a person: for every colleague who meets them, never for them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.customers.access import NotAllowed
from rapport.customers.events import NoteChanged, NoteDropped, NoteRestored, NoteWritten
from rapport.customers.locking import Refusal, locked_customer
from rapport.customers.models import Customer, CustomerNote
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor

LONGEST = 4_000
#: So many notes stand about one person; then an old one has to go.
MOST = 200


class NoWords(Refusal):
    """Nothing, or more than fits."""

    message = _("Write a few words, at most 4,000 characters.")


class TooManyNotes(Refusal):
    """The pane is no archive."""

    message = _("There are 200 notes about this customer. Delete one that is out of date.")


def write_customer_note(customer: Customer, *, text: str, by: Actor) -> CustomerNote:
    """Write one; the same words again by the same hand are the same note.

    Raises NoWords, TooManyNotes, NotAllowed, MergedAway.
    """
    words = _tidy(text)
    with locked_customer(customer, by=by) as fresh:
        notes = fresh.notes.standing()
        same = notes.filter(text=words, by_kind=by.kind, by_id=by.id).first()
        if same is not None:
            found: CustomerNote = same
            return found
        if notes.count() >= MOST:
            raise TooManyNotes
        note = CustomerNote.objects.create(customer=fresh, text=words, **CustomerNote.done_by(by))
        journal.record(NoteWritten(by=by, customer=fresh.pk, note=note.pk))
    return note


def change_customer_note(note: CustomerNote, *, text: str, by: Actor) -> CustomerNote:
    """Other words; only its writer and leads may. Raises NoWords, NotAllowed."""
    words = _tidy(text)
    with locked_customer(note.customer, by=by):
        note.refresh_from_db()
        check_may_edit(note, by=by)
        if note.text != words and note.ended_at is None:
            note.text, note.changed_at = words, clock.now()
            note.save(update_fields=["text", "changed_at"])
            journal.record(NoteChanged(by=by, customer=note.customer_id, note=note.pk))
    return note


def drop_customer_note(note: CustomerNote, *, by: Actor) -> None:
    """Throw it away; only its writer and leads may. Twice is once. Raises NotAllowed."""
    with locked_customer(note.customer, by=by):
        check_may_edit(note, by=by)
        standing = CustomerNote.objects.standing().filter(pk=note.pk)
        if standing.update(**CustomerNote.ended_now(by)):
            journal.record(NoteDropped(by=by, customer=note.customer_id, note=note.pk))


def restore_customer_note(note: CustomerNote, *, by: Actor) -> None:
    """Put one back that was thrown away. Twice is once. Raises NotAllowed."""
    with locked_customer(note.customer, by=by):
        check_may_edit(note, by=by)
        ended = CustomerNote.objects.filter(pk=note.pk, ended_at__isnull=False)
        nobody = {"ended_by_kind": "", "ended_by_id": None, "ended_by_name": ""}
        if ended.update(ended_at=None, **nobody):
            journal.record(NoteRestored(by=by, customer=note.customer_id, note=note.pk))


def check_may_edit(note: CustomerNote, *, by: Actor) -> None:
    """Raise NotAllowed unless the actor wrote the note, or leads."""
    if by.kind != "agent" or (note.by_kind, note.by_id) == (by.kind, by.id):
        return
    agent = Agent.objects.filter(pk=by.id or 0).first()
    if agent is None or not agent.is_lead:
        raise NotAllowed(NotAllowed.__doc__)


def _tidy(text: str) -> str:
    words = text.replace("\x00", "").replace("\r\n", "\n").strip()
    words = words.encode("utf-8", "replace").decode()
    if not words or len(words) > LONGEST:
        raise NoWords
    return words
