"""The addresses of the inbox: one per resource, a change of state is a noun that is made and deleted."""

from __future__ import annotations

from django.urls import path, register_converter

from rapport.web.inbox import conversations, lists, refs, search, updates

app_name = "inbox"
register_converter(refs.RefConverter, "ref")
HERE = "conversations/<ref:number>"
urlpatterns = [
    path("", lists.index, name="index"),
    path("search", search.search, name="search"),
    path("updates", updates.updates, name="updates"),
    path(HERE, conversations.conversation, name="conversation"),
    path("<slug:shelf>", lists.shelf, name="list"),
]
