"""The addresses of the settings: one per resource, a change of state is a noun that is made and deleted."""

from __future__ import annotations

from django.urls import path

from rapport.web.settings import (
    access,
    attributes,
    brands,
    cards,
    channel_states,
    channels,
    company,
    health,
    index,
    invitations,
    new_channels,
    people,
    profile,
    teams,
    tokens,
)

app_name = "settings"
urlpatterns = [
    path("", index.index, name="index"),
    path("profile", profile.profile, name="profile"),
    path("profile/comfort", profile.comfort, name="comfort"),
    path("profile/tokens", tokens.my_tokens, name="my_tokens"),
    path("company", company.company, name="company"),
    path("people", people.people, name="people"),
    path("people/<int:number>", people.person, name="person"),
    path("people/<int:number>/access", access.access, name="access"),
    path("people/<int:number>/password-link", access.password_link, name="password_link"),
    path("people/<int:number>/second-step", access.second_step, name="second_step"),
    path("people/invitations", invitations.invitations, name="invitations"),
    path("people/invitations/<int:number>", invitations.invitation, name="invitation"),
    path("teams", teams.teams, name="teams"),
    path("teams/new", teams.new_team, name="new_team"),
    path("teams/<int:number>", teams.team, name="team"),
    path("brands", brands.brands, name="brands"),
    path("brands/new", brands.new_brand, name="new_brand"),
    path("brands/<int:number>", brands.brand, name="brand"),
    path("channels", channels.channels, name="channels"),
    path("channels/new", new_channels.new_channel, name="new_channel"),
    path("channels/new/email", new_channels.new_mailbox, name="new_mailbox"),
    path("channels/new/webhook", new_channels.new_webhook, name="new_webhook"),
    path("channels/<int:number>", channels.channel, name="channel"),
    path("channels/<int:number>/pause", channel_states.pause, name="pause"),
    path("channels/<int:number>/hook", channel_states.hook, name="hook"),
    path("channels/<int:number>/secret", channel_states.secret, name="secret"),
    path("attributes", attributes.attributes, name="attributes"),
    path("attributes/new", attributes.new_attribute, name="new_attribute"),
    path("attributes/<int:number>", attributes.attribute, name="attribute"),
    path("cards", cards.cards, name="cards"),
    path("cards/new", cards.new_card, name="new_card"),
    path("cards/<int:number>", cards.card, name="card"),
    path("cards/<int:number>/secret", cards.secret, name="card_secret"),
    path("tokens", tokens.tokens, name="tokens"),
    path("tokens/<int:number>", tokens.token, name="token"),
    path("health", health.health, name="health"),
    path("health/followers/<str:name>", health.follower, name="follower"),
]
