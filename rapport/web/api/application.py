"""The API as one object: its routers and what a caller gets when something is wrong."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI

from rapport.web.api import (
    assignments,
    attachments,
    channels,
    conversations,
    customers,
    envelopes,
    facts,
    messages,
    notes,
    people,
    searching,
    tags,
    timeline,
    writer,
)
from rapport.web.api.problems import answer_problems
from rapport.web.api.shapes import Problem
from rapport.web.api.signing_in import TokenAuth


class DocumentedAPI(NinjaAPI):
    """Says in its document that any operation may answer with a problem."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(*args, **kwargs)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status in PROBLEM_STATUSES:
                    operation["responses"].setdefault(status, PROBLEM_ANSWER)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return schema


PROBLEM_STATUSES = (400, 401, 403, 404, 409, 413, 422, 503)
PROBLEM_ANSWER = {
    "description": "A problem, as RFC 9457 says it",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
api = DocumentedAPI(
    title="Rapport",
    version="1",
    description="Conversations with customers, over every channel.",
    auth=TokenAuth(),
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
)
for prefix, router in (
    ("/conversations", conversations.router),
    ("/conversations", facts.router),
    ("/conversations", assignments.router),
    ("/conversations", tags.of_conversation),
    ("/conversations", notes.router),
    ("/conversations", messages.of_conversation),
    ("/conversations", timeline.router),
    ("/messages", messages.router),
    ("/search", searching.router),
    ("/messages", writer.router),
    ("/customers", customers.router),
    ("/customers", people.router),
    ("/tags", tags.router),
    ("/channels", channels.router),
    ("/envelopes", envelopes.router),
    ("/attachments", attachments.router),
):
    api.add_router(prefix, router)
answer_problems(api)
