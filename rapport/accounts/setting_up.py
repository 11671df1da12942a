"""Setting up: the first visit makes the company, its first brand and its first admin."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.signing import BadSignature, TimestampSigner
from django.db import connection, transaction

from rapport.accounts.access import check_admin
from rapport.accounts.events import AgentJoined, CompanyChanged, CompanySetUp
from rapport.accounts.models import Agent, Brand, Company, Role
from rapport.accounts.refusing import AlreadySetUp
from rapport.kernel import journal
from rapport.kernel.actors import Actor
from rapport.kernel.pg.locking import advisory_key

#: Days for which a link to the set-up opens it.
SETUP_DAYS = 7


def is_set_up() -> bool:
    """Whether there is a company and somebody who can change its set-up."""
    return (
        Company.objects.exists() and Agent.objects.filter(role=Role.ADMIN, is_active=True).exists()
    )


def make_setup_path() -> str:
    """The path of a link to the set-up: good for `SETUP_DAYS` days, on every host, until it was used."""
    return f"/setup/{_signer().sign(secrets.token_urlsafe(12))}"


def is_setup_secret(given: str) -> bool:
    """Whether this is the last part of a link of ours that is still good."""
    try:
        _signer().unsign(given, max_age=timedelta(days=SETUP_DAYS))
    except BadSignature:
        return False
    return not is_set_up()


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="rapport.accounts.setting_up")


def set_up_company(
    *, name: str, language: str, time_zone: str, admin_name: str, email: str, password: str
) -> Agent:
    """Make the company, a brand of the same name and the first admin; once. Raises AlreadySetUp."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [advisory_key("accounts", "set up")])
        if is_set_up():
            raise AlreadySetUp
        company = Company.objects.create(name=name, language=language, time_zone=time_zone)
        Brand.objects.create(name=name[:100], language=language)
        admin = Agent.objects.create_user(
            email,
            password,
            name=admin_name,
            role=Role.ADMIN,
            language=language,
            time_zone=time_zone,
        )
        by = admin.actor
        journal.record(CompanySetUp(by=by, number=company.pk, name=name))
        journal.record(AgentJoined(by=by, agent=admin.pk, role=admin.role))
    return admin


def change_company(company: Company, changes: Mapping[str, Any], *, by: Actor) -> None:
    """Change the company's name, language, time zone, days to reopen, days to keep raw mail."""
    allowed = {"name", "language", "time_zone", "reopen_days", "keep_raw_days"}
    with transaction.atomic():
        check_admin(by)
        fresh = Company.objects.select_for_update().get(pk=company.pk)
        changed = [
            field
            for field, value in changes.items()
            if field in allowed and getattr(fresh, field) != value
        ]
        for field in changed:
            setattr(fresh, field, changes[field])
        if changed:
            fresh.save(update_fields=changed)
            journal.record(CompanyChanged(by=by, number=fresh.pk, changed=tuple(sorted(changed))))
    company.__dict__.update(fresh.__dict__)
