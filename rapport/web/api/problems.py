"""Problems: what went wrong, as RFC 9457 says it, with the id that finds the log line."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from rapport.conversations.assigning import AlreadyTaken
from rapport.conversations.locking import Refusal
from rapport.conversations.repeating import KeyTaken
from rapport.conversations.replying import ThreadMoved
from rapport.customers.changing_customers import Unfit
from rapport.customers.locking import Refusal as CustomerRefusal
from rapport.kernel.pg.passing import is_passing
from rapport.kernel.storage import is_full

log = logging.getLogger("rapport.api")
TYPE = "about:blank"


class Problem(Exception):
    """A problem to tell the caller: status, a short code, one sentence, and what else belongs to it."""

    def __init__(self, status: int, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.extra = status, code, detail, extra


TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict",
    413: "Too large",
    422: "Not valid",
    500: "Something broke here",
    503: "Not ready",
}


def problem_response(
    request: HttpRequest, status: int, code: str, detail: str, **extra: Any
) -> HttpResponse:
    """The answer `application/problem+json`."""
    body = {
        "type": TYPE,
        "title": TITLES.get(status, "Problem"),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": getattr(request, "request_id", ""),
        **extra,
    }
    answer = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="rapport"'
    if status == 503:
        answer["Retry-After"] = "2"
    return answer


@csrf_exempt  # it changes nothing, and a program has no form
def no_such_address(request: HttpRequest, rest: str) -> HttpResponse:
    """Below /api nobody wants a page, not even to be told that there is nothing."""
    return problem_response(request, 404, "not_found", "There is no such address.")


def answer_problems(api: NinjaAPI) -> None:
    """Let every error of the API leave as a problem."""

    def answers(error: type[Exception], status: int, code: str, detail: str = "") -> None:
        def handler(request: HttpRequest, exc: Exception) -> HttpResponse:
            return problem_response(request, status, code, detail or str(exc))

        api.add_exception_handler(error, handler)  # type: ignore[arg-type]

    answers(AuthenticationError, 401, "not_signed_in", "Send a valid token as a bearer.")
    answers(Http404, 404, "not_found", "There is no such thing, or you may not see it.")
    answers(PermissionDenied, 403, "not_allowed", "You may not do this.")
    answers(RequestDataTooBig, 413, "too_large", "The body is larger than we take.")
    answers(TooManyFieldsSent, 413, "too_large", "There are more fields than we take.")
    answers(TooManyFilesSent, 413, "too_large", "There are more files than we take.")
    answers(MultiPartParserError, 400, "bad_request", "The body is not what its type says.")
    answers(UnreadablePostError, 400, "bad_request", "The body did not come whole.")
    answers(Refusal, 409, "refused")
    answers(CustomerRefusal, 409, "refused")
    answers(AlreadyTaken, 409, "already_taken")
    words = "This Idempotency-Key belongs to another request in this conversation."
    answers(KeyTaken, 422, "key_reused", words)
    api.add_exception_handler(OSError, _tell_disk)  # type: ignore[arg-type]
    for database in (OperationalError, InterfaceError):
        api.add_exception_handler(database, _tell_database)  # type: ignore[arg-type]
    api.add_exception_handler(Problem, _tell_problem)  # type: ignore[arg-type]
    api.add_exception_handler(ValidationError, _tell_fields)  # type: ignore[arg-type]
    api.add_exception_handler(HttpError, _tell_http)  # type: ignore[arg-type]
    api.add_exception_handler(Unfit, _tell_unfit)  # type: ignore[arg-type]
    api.add_exception_handler(ThreadMoved, _tell_moved)  # type: ignore[arg-type]
    api.add_exception_handler(Exception, _tell_crash)  # type: ignore[arg-type]


def _tell_problem(request: HttpRequest, exc: Problem) -> HttpResponse:
    return problem_response(request, exc.status, exc.code, exc.detail, **exc.extra)


def _tell_fields(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    errors = [
        {"pointer": "/" + "/".join(str(part) for part in e["loc"][1:]), "detail": e["msg"]}
        for e in exc.errors
    ]
    return problem_response(request, 422, "not_valid", "Some fields are wrong.", errors=errors)


def _tell_unfit(request: HttpRequest, exc: Unfit) -> HttpResponse:
    errors = [{"pointer": f"/body/{exc.field}", "detail": str(exc)}]
    return problem_response(request, 422, "not_valid", "Some fields are wrong.", errors=errors)


def _tell_http(request: HttpRequest, exc: HttpError) -> HttpResponse:
    return problem_response(request, exc.status_code, "bad_request", str(exc))


def _tell_moved(request: HttpRequest, exc: ThreadMoved) -> HttpResponse:
    newer = [message.pk for message in exc.newer]
    return problem_response(request, 409, "thread_moved", str(exc), newer_messages=newer)


def _tell_database(request: HttpRequest, exc: Exception) -> HttpResponse:
    if not is_passing(exc):
        return _tell_crash(request, exc)
    log.warning("database away", extra={"path": request.path, "error": type(exc).__name__})
    words = "The database does not answer; try again."
    return problem_response(request, 503, "database_away", words)


def _tell_disk(request: HttpRequest, exc: Exception) -> HttpResponse:
    if not is_full(exc):
        return _tell_crash(request, exc)
    log.error("disk full", extra={"path": request.path})
    return problem_response(request, 503, "no_space", "There is no room to keep this.")


def _tell_crash(request: HttpRequest, exc: Exception) -> HttpResponse:
    log.error("api failed", exc_info=exc, extra={"path": request.path})
    return problem_response(
        request, 500, "crashed", "Something broke here; the request id finds it in the log."
    )
