"""The notes about a customer."""

from __future__ import annotations

from functools import partial

from django.http import Http404, HttpResponse
from django.utils.translation import gettext

from rapport.customers.locking import Refusal
from rapport.customers.models import CustomerNote
from rapport.customers.writing_notes import (
    change_customer_note,
    check_may_edit,
    drop_customer_note,
    restore_customer_note,
    write_customer_note,
)
from rapport.web.inbox.loading import customer_for
from rapport.web.inbox.showing_people import change_person, show_form, show_person
from rapport.web.kit.verbs import SignedIn, verbs


def begin(request: SignedIn, number: int) -> HttpResponse:
    """An empty form."""
    customer = customer_for(request, number)
    action = f"/inbox/customers/{number}/notes"
    return show_form(request, customer, "_note_form", {"action": action})


def create(request: SignedIn, number: int) -> HttpResponse:
    """Write one."""
    customer, text = customer_for(request, number), request.POST.get("text", "")
    try:
        write_customer_note(customer, text=text, by=request.user.actor)
    except Refusal as refusal:
        action = f"/inbox/customers/{number}/notes"
        context = {"action": action, "text": text, "fault": str(refusal)}
        return show_form(request, customer, "_note_form", context)
    return show_person(request, customer)


def show(request: SignedIn, number: int) -> HttpResponse:
    """The form with its words."""
    note = _note_for(request, number)
    check_may_edit(note, by=request.user.actor)
    context = {"note": note, "text": note.text, "action": f"/inbox/notes/{number}"}
    return show_form(request, note.customer, "_note_form", context)


def update(request: SignedIn, number: int) -> HttpResponse:
    """Other words, or put back what was thrown away."""
    note, text = _note_for(request, number), request.POST.get("text", "")
    if note.ended_at is not None:
        do = partial(restore_customer_note, note, by=request.user.actor)
        return change_person(request, note.customer, do)
    try:
        change_customer_note(note, text=text, by=request.user.actor)
    except Refusal as refusal:
        action = f"/inbox/notes/{number}"
        context = {"note": note, "text": text, "fault": str(refusal), "action": action}
        return show_form(request, note.customer, "_note_form", context)
    return show_person(request, note.customer)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Throw it away."""
    note = _note_for(request, number)
    do = partial(drop_customer_note, note, by=request.user.actor)
    said, undo = gettext("The note was deleted."), f"/inbox/notes/{number}"
    return change_person(request, note.customer, do, said=said, undo=undo)


def _note_for(request: SignedIn, number: int) -> CustomerNote:
    note: CustomerNote | None = (
        CustomerNote.objects.select_related("customer").filter(pk=number).first()
    )
    if note is None:
        raise Http404
    customer_for(request, note.customer_id)
    return note


notes = verbs(get=begin, post=create)
note = verbs(get=show, post=update, delete=destroy)
