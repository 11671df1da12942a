from __future__ import annotations

import logging

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpResponse, HttpResponseNotAllowed
from django.test import RequestFactory

from rapport.kernel.tracing import RequestIdFilter
from rapport.web.kit import errors
from rapport.web.kit.csp import ContentSecurityMiddleware
from rapport.web.kit.methods import MethodMiddleware, NoPageMiddleware
from rapport.web.kit.request_ids import RequestIdMiddleware
from rapport.web.kit.verbs import to_sign_in


def test_a_callers_request_id_comes_back_and_stands_in_the_logs(rf: RequestFactory) -> None:
    record = logging.makeLogRecord({})

    def work(request):
        RequestIdFilter().filter(record)
        return HttpResponse()

    request = rf.get("/", headers={"X-Request-Id": "abc-12345"})
    assert RequestIdMiddleware(work)(request)["X-Request-Id"] == "abc-12345"
    assert record.request_id == "abc-12345"


@pytest.mark.parametrize("given", ["", "short", "a b c d e f g", "x" * 65, "x\u0000yyyyyyyy"])
def test_a_request_id_that_would_spoil_a_log_is_replaced(rf: RequestFactory, given: str) -> None:
    request = rf.get("/", headers={"X-Request-Id": given})
    answered = RequestIdMiddleware(lambda _: HttpResponse())(request)["X-Request-Id"]
    assert answered != given
    assert len(answered) == 16


def test_each_page_has_its_own_nonce_and_a_stricter_policy_stays(rf: RequestFactory) -> None:
    policies = [ContentSecurityMiddleware(lambda _: HttpResponse())(rf.get("/")) for _ in "ab"]
    first, second = (page["Content-Security-Policy"] for page in policies)
    assert first != second
    assert "unsafe" not in first
    strict = HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})
    kept = ContentSecurityMiddleware(lambda _: strict)(rf.get("/"))
    assert kept["Content-Security-Policy"] == "default-src 'none'"


@pytest.mark.parametrize(
    ("asked", "method"), [("delete", "DELETE"), ("PUT", "PUT"), ("trace", "POST"), ("", "POST")]
)
def test_a_form_may_ask_for_a_delete(rf: RequestFactory, asked: str, method: str) -> None:
    request = rf.post("/", {"_method": asked})
    MethodMiddleware(lambda _: HttpResponse()).process_view(request)
    assert request.method == method


def test_who_opens_the_address_of_a_button_reads_what_to_do(rf: RequestFactory) -> None:
    refuse = NoPageMiddleware(lambda _: HttpResponseNotAllowed(["POST"]))
    page = refuse(rf.get("/", headers={"Accept": "text/html"}))
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "use the button" in page.text
    assert refuse(rf.get("/", headers={"Accept": "application/json"})).text == ""


def test_a_get_never_becomes_a_delete(rf: RequestFactory) -> None:
    request = rf.get("/", {"_method": "delete"})
    MethodMiddleware(lambda _: HttpResponse()).process_view(request)
    assert request.method == "GET"


def test_every_error_page_has_the_request_id_and_no_traceback(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.request_id = "abc-12345"
    try:
        raise OperationalError("password=hunter2")
    except OperationalError:
        away = errors.server_error(request)
    pages = [
        (errors.bad_request(request), 400),
        (errors.bad_request(request, RequestDataTooBig()), 413),
        (errors.forbidden(request), 403),
        (errors.expired(request), 403),
        (errors.not_found(request), 404),
        (errors.server_error(request), 500),
        (away, 503),
    ]
    for page, status in pages:
        assert page.status_code == status
        assert b"abc-12345" in page.content
        assert b"hunter2" not in page.content
        assert b"Traceback" not in page.content


def test_a_failed_fragment_leaves_the_page_as_it_is(rf: RequestFactory) -> None:
    page = errors.server_error(rf.get("/", headers={"HX-Request": "true"}))
    assert page["HX-Reswap"] == "none"
    assert b'hx-target="#flashes"' in page.content


def test_a_fragment_asked_for_after_sign_out_sends_the_whole_page_to_the_door(
    rf: RequestFactory,
) -> None:
    request = rf.get(
        "/inbox/1/updates",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/mine?x=1"},
    )
    answered = to_sign_in(request)
    assert answered.status_code == 401
    assert answered["HX-Redirect"] == "/sign-in/?next=/inbox/mine%3Fx%3D1"
