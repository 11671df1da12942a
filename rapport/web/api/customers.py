"""`/customers`: who writes to us, and what is known of them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Router, Status

from rapport.customers.adding_customers import add_customer
from rapport.customers.changing_customers import change_customer
from rapport.customers.identifying import normalise_address
from rapport.web.api.loading import one_of, shown_customers
from rapport.web.api.paging import cut_page
from rapport.web.api.shapes import (
    CustomerChangeShape,
    CustomerPage,
    CustomerShape,
    Limit,
    NewCustomerShape,
    Short,
)
from rapport.web.api.signing_in import caller

router = Router(tags=["customers"])


@router.get("", response=CustomerPage, operation_id="list_customers")
def list_customers(
    request: HttpRequest,
    email: Short | None = None,
    cursor: Short | None = None,
    limit: Limit = 50,
) -> Any:
    """Newest first; `email` finds the one whose address it is."""
    rows = shown_customers(caller(request, "customers:read"))
    if email:
        value = normalise_address("email", email)
        rows = rows.filter(identities__kind="email", identities__value=value)
    return cut_page(rows, by=("id",), cursor=cursor, limit=limit, shape=CustomerShape.of)


@router.get("/{int:number}", response=CustomerShape, operation_id="get_customer")
def get_customer(request: HttpRequest, number: int) -> Any:
    """One customer."""
    return CustomerShape.of(one_of(shown_customers(caller(request, "customers:read")), number))


@router.patch("/{int:number}", response=CustomerShape, operation_id="change_customer")
def change(request: HttpRequest, number: int, body: CustomerChangeShape) -> Any:
    """Change what is given, and leave the rest; attributes are merged, those that are null go."""
    agent = caller(request, "customers:write")
    customer = one_of(shown_customers(agent), number)
    change_customer(customer, by=agent.actor, **body.model_dump(exclude_unset=True))
    return CustomerShape.of(customer)


@router.post("", response={200: CustomerShape, 201: CustomerShape}, operation_id="add_customer")
def add(request: HttpRequest, body: NewCustomerShape) -> Any:
    """Add somebody who has not written yet; the same address again is the same customer."""
    agent = caller(request, "customers:write")
    if not agent.is_lead:  # others could not see whom they made
        raise PermissionDenied
    customer, is_new = add_customer(by=agent.actor, **body.model_dump())
    return Status(201 if is_new else 200, CustomerShape.of(customer))
