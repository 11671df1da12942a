"""The addresses of the inbox: one per resource, a change of state is a noun that is made and deleted."""

from __future__ import annotations

from django.urls import path, register_converter

from rapport.web.inbox import (
    assignment,
    colleagues,
    conversations,
    delivery,
    details,
    draft,
    glance,
    go,
    join,
    lists,
    merge,
    messages,
    parked,
    place,
    previews,
    priority,
    redaction,
    refs,
    search,
    snooze,
    solution,
    spam,
    split,
    tags,
    updates,
    watch,
    writer,
)

app_name = "inbox"
register_converter(refs.RefConverter, "ref")
HERE = "conversations/<ref:number>"
urlpatterns = [
    path("", lists.index, name="index"),
    path("search", search.search, name="search"),
    path("go", go.go, name="go"),
    path("updates", updates.updates, name="updates"),
    path("parked", parked.parked, name="parked"),
    path("parked/<int:number>", parked.envelope, name="envelope"),
    path(HERE, conversations.conversation, name="conversation"),
    path(f"{HERE}/messages", messages.messages, name="messages"),
    path(f"{HERE}/colleagues", colleagues.colleagues, name="colleagues"),
    path(f"{HERE}/draft", draft.draft, name="draft"),
    path(f"{HERE}/assignment", assignment.assignment, name="assignment"),
    path(f"{HERE}/solution", solution.solution, name="solution"),
    path(f"{HERE}/snooze", snooze.snooze, name="snooze"),
    path(f"{HERE}/tags", tags.tags, name="tags"),
    path(f"{HERE}/priority", priority.priority, name="priority"),
    path(f"{HERE}/spam", spam.spam, name="spam"),
    path(f"{HERE}/watch", watch.watch, name="watch"),
    path(f"{HERE}/glance", glance.glance, name="glance"),
    path(f"{HERE}/merge", merge.merge, name="merge"),
    path(f"{HERE}/split", split.split, name="split"),
    path("merges/<int:number>", merge.undone, name="merged"),
    path("splits/<int:number>", split.undone, name="parted"),
    path("joins/<int:number>", join.join, name="join"),
    path("messages/<int:number>", details.details, name="message"),
    path("messages/<int:number>/formatted", details.formatted_mail, name="formatted"),
    path("messages/<int:number>/source", details.source, name="source"),
    path("messages/<int:number>/delivery", delivery.delivery, name="delivery"),
    path("messages/<int:number>/place", place.place, name="place"),
    path("messages/<int:number>/redaction", redaction.redaction, name="redaction"),
    path("messages/<int:number>/writer", writer.writer, name="writer"),
    path("files/<int:number>", previews.file, name="file"),
    path("files/<int:number>/preview", previews.preview, name="preview"),
    path("<slug:shelf>", lists.shelf, name="list"),
]
