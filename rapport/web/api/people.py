"""`/customers/{id}/…`: addresses, notes, tags, visits, and merges of people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from rapport.customers.adding_identities import add_identity, remove_identity
from rapport.customers.merging import landing_of, merge_customers
from rapport.customers.models import Customer, CustomerMerge, CustomerNote, Visit
from rapport.customers.parting import part_customers
from rapport.customers.tagging import tag_customer, untag_customer
from rapport.customers.tracing_visits import trace_visit
from rapport.customers.writing_notes import write_customer_note
from rapport.web.api.loading import one_of, shown_customers
from rapport.web.api.paging import cut_page
from rapport.web.api.shapes import CustomerShape, Limit, Moment, Number, Short, TagShape, Text
from rapport.web.api.signing_in import caller

router = Router(tags=["customers"])


class NewIdentityShape(Schema):
    kind: Literal["email", "phone"]
    value: Annotated[Text, Field(max_length=512)]
    is_verified: bool = False


class PersonNoteShape(Schema):
    id: int
    text: str
    by: str
    at: Moment

    @staticmethod
    def of(note: CustomerNote) -> PersonNoteShape:
        return PersonNoteShape(id=note.pk, text=note.text, by=note.by_name, at=note.at)


class PersonNotePage(Schema):
    items: list[PersonNoteShape]
    next: str | None


class NewNoteShape(Schema):
    text: Annotated[Text, Field(max_length=4000)]


class VisitShape(Schema):
    """`key` is the sender's own name for the visit: the same again is the same visit."""

    kind: Literal["page", "article", "search"]
    title: Annotated[Text, Field(min_length=1, max_length=200)]
    url: Annotated[Text, Field(max_length=2000)] = ""
    at: Moment | None = None
    key: Annotated[Text, Field(max_length=64)] = ""

    @staticmethod
    def of(visit: Visit) -> VisitShape:
        return VisitShape.model_construct(
            kind=visit.kind, title=visit.title, url=visit.url, at=visit.at, key=visit.key
        )


class VisitPage(Schema):
    items: list[VisitShape]
    next: str | None


class MergeShape(Schema):
    """`source` goes into the customer; `take` names its facts that win."""

    source: Number
    take: list[Short] = []
    across_verified: bool = False


class MergedShape(Schema):
    id: int
    source: int
    target: int
    customer: CustomerShape


@router.post("/{int:number}/identities", response=CustomerShape, operation_id="add_identity")
def post_identity(request: HttpRequest, number: int, body: NewIdentityShape) -> Any:
    """Let an address be theirs; again is once."""
    agent = caller(request, "customers:write")
    customer = one_of(shown_customers(agent), number)
    add_identity(customer, by=agent.actor, **body.model_dump())
    return _fresh(customer)


@router.delete(
    "/{int:number}/identities/{int:identity}",
    response=CustomerShape,
    operation_id="remove_identity",
)
def delete_identity(request: HttpRequest, number: int, identity: int) -> Any:
    """It is not theirs any longer; again is once."""
    agent = caller(request, "customers:write")
    customer = one_of(shown_customers(agent), number)
    standing = customer.identities.filter(pk=identity).first() if identity < 2**63 else None
    if standing is not None:
        remove_identity(standing, by=agent.actor)
    return _fresh(customer)


@router.post("/{int:number}/tags", response=CustomerShape, operation_id="tag_customer")
def post_tag(request: HttpRequest, number: int, body: TagShape) -> Any:
    """Put a tag on the person; again is once."""
    agent = caller(request, "customers:write")
    customer = one_of(shown_customers(agent), number)
    tag_customer(customer, tag=body.name, by=agent.actor)
    return _fresh(customer)


@router.delete("/{int:number}/tags/{name}", response=CustomerShape, operation_id="untag_customer")
def delete_tag(request: HttpRequest, number: int, name: str) -> Any:
    """Take a tag off."""
    agent = caller(request, "customers:write")
    customer = one_of(shown_customers(agent), number)
    untag_customer(customer, tag=name.replace("\x00", ""), by=agent.actor)
    return _fresh(customer)


@router.get("/{int:number}/notes", response=PersonNotePage, operation_id="list_person_notes")
def list_notes(
    request: HttpRequest, number: int, cursor: Short | None = None, limit: Limit = 50
) -> Any:
    """The notes about the person, newest first."""
    customer = one_of(shown_customers(caller(request, "customers:read")), number)
    rows = CustomerNote.objects.standing().filter(customer=customer)
    return cut_page(rows, by=("id",), cursor=cursor, limit=limit, shape=PersonNoteShape.of)


@router.post(
    "/{int:number}/notes", response={201: PersonNoteShape}, operation_id="write_person_note"
)
def post_note(request: HttpRequest, number: int, body: NewNoteShape) -> Any:
    """Write a note about the person; the same words again are the same note."""
    agent = caller(request, "customers:write")
    customer = one_of(shown_customers(agent), number)
    note = write_customer_note(customer, text=body.text, by=agent.actor)
    return Status(201, PersonNoteShape.of(note))


@router.get("/{int:number}/trail", response=VisitPage, operation_id="list_visits")
def list_visits(
    request: HttpRequest, number: int, cursor: Short | None = None, limit: Limit = 50
) -> Any:
    """What they looked at, newest first; the last fifty are kept."""
    customer = one_of(shown_customers(caller(request, "customers:read")), number)
    return cut_page(
        customer.visits.all(), by=("at", "id"), cursor=cursor, limit=limit, shape=VisitShape.of
    )


@router.post("/{int:number}/trail", response={201: VisitShape}, operation_id="trace_visit")
def post_visit(request: HttpRequest, number: int, body: VisitShape) -> Any:
    """Tell that they looked at something; the same `key` again is the same visit."""
    agent = caller(request, "customers:write")
    customer = one_of(shown_customers(agent), number)
    return Status(201, VisitShape.of(trace_visit(customer, by=agent.actor, **body.model_dump())))


@router.post("/{int:number}/merges", response=MergedShape, operation_id="merge_customers")
def post_merge(request: HttpRequest, number: int, body: MergeShape) -> Any:
    """Merge somebody into this customer; again is the same merge."""
    agent = caller(request, "customers:write")
    target = one_of(shown_customers(agent), number)
    source = Customer.objects.filter(pk=body.source).first()
    standing = source.merges_away.standing().filter(target=target).first() if source else None
    merge = standing or merge_customers(
        one_of(shown_customers(agent), body.source),
        into=target,
        by=agent.actor,
        take=body.take,
        across_verified=body.across_verified,
    )
    return MergedShape(
        id=merge.pk, source=merge.source_id, target=merge.target_id, customer=_fresh(target)
    )


@router.delete(
    "/{int:number}/merges/{int:merge}", response=CustomerShape, operation_id="part_customers"
)
def delete_merge(request: HttpRequest, number: int, merge: int) -> Any:
    """Undo a merge into this customer; again is once. Answers with whoever is somebody again."""
    agent = caller(request, "customers:write")
    target = one_of(shown_customers(agent), number)
    found = one_of(CustomerMerge.objects.filter(target=target), merge)
    one_of(shown_customers(agent), landing_of(target).pk)
    return _fresh(part_customers(found, by=agent.actor))


def _fresh(customer: Customer) -> CustomerShape:
    rows = Customer.objects.select_related("organisation")
    return CustomerShape.of(
        rows.prefetch_related("identities", "taggings__tag").get(pk=customer.pk)
    )
