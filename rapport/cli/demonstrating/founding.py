"""Founding: the company of the demo, its people and its two doors."""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass, replace
from typing import cast

from django.db import transaction

from rapport.accounts.inviting import accept_invitation, invite
from rapport.accounts.joining_teams import join_team, name_team
from rapport.accounts.models import Agent, Brand, Team
from rapport.accounts.naming_brands import name_brand
from rapport.accounts.setting_up import set_up_company
from rapport.channels.adding import add_channel
from rapport.channels.models import Channel
from rapport.channels.webhook.setting_up import issue_credentials
from rapport.cli.demonstrating.casting import (
    ADDRESS,
    COLLEAGUES,
    COMPANY,
    FOOTWEAR,
    TEAMS,
)
from rapport.cli.demonstrating.keeping import Keepsake, keep, kept, mark_of_password

#: Where the simulated customers' mail server is looked for first; below what systems give out by chance.
FIRST_PORT, PORTS = 18_025, 400


@dataclass(frozen=True, slots=True)
class Company:
    """The demo's people and doors, by their keys."""

    agents: dict[str, Agent]
    teams: dict[str, Team]
    mail: Channel
    shop: Channel
    keepsake: Keepsake


def found_company() -> Company:
    """Set the company up by the same abilities as everybody; needs an empty database and a transaction."""
    password = secrets.token_urlsafe(9)
    ada = set_up_company(
        name=COMPANY,
        language="en",
        time_zone="Europe/Warsaw",
        admin_name=COLLEAGUES[0].name,
        email="ada@maple.example",
        password=password,
    )
    maple = Brand.objects.get()
    name_brand(
        maple, name=COMPANY, by=ada.actor, hue=145, signature="Maple Outdoors · help@maple.example"
    )
    kestrel = name_brand(None, name=FOOTWEAR, by=ada.actor, hue=35, signature="Kestrel Footwear")
    teams = {name: name_team(None, name=name, by=ada.actor) for name in TEAMS}
    agents = _let_in(ada, teams)
    smtp_port, callback_port = _free_ports(2)
    mail = _open_mailbox(ada, maple, teams["Support"], smtp_port)
    shop = _open_shop(ada, kestrel, teams["Support"], callback_port)
    keepsake = Keepsake(
        email=ada.email,
        password=password,
        password_mark=mark_of_password(ada.password),
        mail_id=str(mail.public_id),
        mail_hook=mail.hook_secret,
        shop_id=str(shop.public_id),
        shop_secret=issue_credentials(shop).signing_secret,
        smtp_port=smtp_port,
        callback_port=callback_port,
    )
    return Company(agents, teams, mail, shop, keepsake)


def move_doors(*, smtp_port: int, callback_port: int) -> None:
    """Let the demo's channels send to other ports of the loopback from now on."""
    keepsake = kept()
    if keepsake is None:
        return
    changes: dict[str, dict[str, object]] = {
        keepsake.mail_id: {"smtp_port": smtp_port},
        keepsake.shop_id: {"callback_url": f"http://127.0.0.1:{callback_port}/"},
    }
    with transaction.atomic():
        for channel in Channel.objects.select_for_update().filter(public_id__in=changes):
            channel.config = {**channel.config, **changes[str(channel.public_id)]}
            channel.save(update_fields=["config"])
        keep(replace(keepsake, smtp_port=smtp_port, callback_port=callback_port))


def _let_in(ada: Agent, teams: dict[str, Team]) -> dict[str, Agent]:
    """Everybody joins by invitation; they share the admin's password, so that two can sign in at once."""
    agents = {"ada": ada}
    for colleague in COLLEAGUES[1:]:
        _invitation, secret = invite(
            email=f"{colleague.key}@maple.example", role=colleague.role, by=ada.actor
        )
        nobodys = cast("str", None)  # Django's word for a password that opens nothing
        language = colleague.languages[0].lower()
        agents[colleague.key] = accept_invitation(
            secret, name=colleague.name, password=nobodys, language=language
        )
    Agent.objects.update(password=ada.password, time_zone="Europe/Warsaw")
    for colleague in COLLEAGUES:
        for team in colleague.teams:
            join_team(agents[colleague.key], teams[team], by=ada.actor)
    return agents


def _open_mailbox(ada: Agent, brand: Brand, team: Team, port: int) -> Channel:
    """Mail comes in by its hook and goes out to the simulated customers' own server."""
    return add_channel(
        "email",
        by=ada.actor,
        name="Help",
        address=ADDRESS,
        config={
            "from_name": COMPANY,
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "none",
        },
        brand=brand,
        team=team,
    )


def _open_shop(ada: Agent, brand: Brand, team: Team, port: int) -> Channel:
    config = {"callback_url": f"http://127.0.0.1:{port}/", "identify_by": "email", "vouches": True}
    return add_channel("webhook", by=ada.actor, name="Shop", config=config, brand=brand, team=team)


def _free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody uses now."""
    found: list[int] = []
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        with socket.socket() as attempt:
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"no free port from {FIRST_PORT} to {FIRST_PORT + PORTS}")
