"""Every form, address and shape with values that nobody should send: refused or cleaned, never a 500."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.test import Client

from tests.cast import Cast
from tests.proof.addresses import make_theirs, private_addresses
from tests.proof.test_access import browser_of, everything, program_of, words_of

pytestmark = pytest.mark.django_db
#: As bytes, because half of a surrogate pair is no text that could be encoded.
VALUES = {
    "nul": b"a\x00b",
    "half a surrogate pair": b"a\xed\xa0\x80b",
    "not utf-8": b"\xff\xfe\x80",
    "an endless number": b"9" * 40,
    "a number that is none": "²".encode(),
    "below zero": b"-1",
    "a long line": b"x" * 20_000,
    "line ends": b"a\r\nBcc: spy@evil.example\r\n\r\nb",
    "a path": b"../../../etc/passwd",
}
JSON_VALUES: dict[str, Any] = {
    "nul": "a\x00b",
    "half a surrogate pair": "a\ud800b",
    "an endless number": 10**40,
    "below zero": -1,
    "a list in a list": [["a"]],
    "an object": {"a": {"b": None}},
    "null": None,
    "not a number": float("nan"),
    "line ends": "a\r\nBcc: spy@evil.example\r\n\r\nb",
}
FIELDS = [
    "text", "kind", "what", "agent", "team", "priority", "until", "custom", "new", "tag", "into",
    "across", "message", "subject", "secret", "decision", "anyway", "forwards", "upload", "drop",
    "seen", "client_key", "later", "then", "reply_to", "all_to", "forward_to", "reply_cc", "name",
    "email", "role", "language", "time_zone", "signature", "address", "q", "after", "before",
    "from", "since", "conversation", "shelf", "compose", "download", "formatted", "pictures",
    "cursor", "limit", "external_id",
]  # fmt: skip


@pytest.fixture
def theirs(cast: Cast) -> dict[str, int]:
    return make_theirs(cast)


def encoded(value: bytes) -> str:
    """Every field that any page reads, with this value."""
    return "&".join(f"{name}={quote_from_bytes(value)}" for name in FIELDS)


@pytest.mark.parametrize("name", VALUES)
def test_no_page_breaks_on(cast: Cast, theirs: dict[str, int], name: str) -> None:
    client, broken = browser_of(cast.ada), []
    form = "application/x-www-form-urlencoded"
    for address in private_addresses(theirs):
        if address.path.startswith("/api/"):
            continue
        asked = client.get(f"{address.path}?{encoded(VALUES[name])}")
        sent = client.post(address.path, encoded(VALUES[name]), form)
        broken += [(a.status_code, address.path) for a in (asked, sent) if a.status_code >= 500]
        words_of(asked)
    assert broken == []


@pytest.mark.parametrize("name", VALUES)
def test_no_query_of_the_api_breaks_on(cast: Cast, theirs: dict[str, int], name: str) -> None:
    client, broken = program_of(cast.ada), []
    for address in private_addresses(theirs):
        if address.path.startswith("/api/"):
            answer = client.get(f"{address.path}?{encoded(VALUES[name])}")
            broken += [(answer.status_code, address.path)] if answer.status_code >= 500 else []
            words_of(answer)
    assert broken == []


@pytest.mark.parametrize("name", JSON_VALUES)
def test_no_field_of_the_api_breaks_on(cast: Cast, theirs: dict[str, int], name: str) -> None:
    client, broken = program_of(cast.ada), []
    whole = everything(theirs, []) | {"cc": [], "bcc": [], "send_at": None}
    for method, path, fields in _operations(theirs):
        for field in ("", *fields):
            body = json.dumps(_with(whole, field, JSON_VALUES[name]))
            answer = getattr(client, method)(path, body, "application/json")
            broken += [(method, path, field)] if answer.status_code >= 500 else []
    assert broken == []


def _operations(theirs: dict[str, int]) -> list[tuple[str, str, list[str]]]:
    """What the API says that it takes: method, path with their ids, and the fields of the body."""
    document = Client().get("/api/v1/openapi.json").json()
    shapes = document["components"]["schemas"]
    paths = {re.sub(r"<\w+:(\w+)>", r"{\1}", a.route): a.path for a in private_addresses(theirs)}
    found = []
    for route, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                shape = shapes[content["application/json"]["schema"]["$ref"].rpartition("/")[2]]
                found.append((method, paths[route[1:]], list(shape["properties"])))
    assert len(found) > 5
    return found


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 50_000, b"null", b"\xff", b'{"text": "a" "b"}', b"1e999", b'"\\ud800"'],
)
def test_what_is_no_json_is_a_problem_with_an_id(cast: Cast, body: bytes) -> None:
    client = program_of(cast.ada)
    path = f"/api/v1/conversations/{cast.tent.pk}/messages"
    answer = client.post(path, body, "application/json")
    assert answer.status_code in (400, 422)
    told = answer.json()
    assert told["request_id"] == answer["X-Request-Id"]
    assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_another_kind_of_body_is_a_problem_too(cast: Cast, settings: Any, kind: str) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    client, path = program_of(cast.ada), f"/api/v1/conversations/{cast.tent.pk}/messages"
    for target in (path, "/api/v1/attachments"):
        for body in (b"", b"--x\r\n", b"--x\r\n\r\n" + b"y" * 2000):
            answer = client.post(target, body, kind)
            assert answer.status_code in (400, 413, 422), (target, body[:9], answer.content)
    assert (
        client.post(path, json.dumps({"text": "x" * 2000}), "application/json").status_code == 413
    )


@pytest.mark.parametrize("name", VALUES)
def test_no_single_field_of_the_composer_breaks_it(cast: Cast, name: str) -> None:
    client, path = browser_of(cast.ada), f"/inbox/conversations/{cast.tent.ref}/messages"
    newest, broken = str(cast.tent.last_message_id), []
    for kind in ("reply", "forward"):
        whole = {
            "kind": kind, "text": "Hello", "subject": "Hello", "client_key": f"{kind}-{name[0]}",
            "seen": newest, "forwards": newest, "anyway": "1", "later": "", "upload": "", "then": "",
            **{f"{to}_to": "dora@poczta.example" for to in ("reply", "all", "forward")},
        }  # fmt: skip
        for field in whole:
            fine = {n: v for n, v in whole.items() if n != field}
            body = "&".join(f"{n}={v}" for n, v in fine.items())
            sent = f"{body}&{field}={quote_from_bytes(VALUES[name])}"
            answer = client.post(path, sent, "application/x-www-form-urlencoded")
            broken += [(kind, field)] if answer.status_code >= 500 else []
    assert broken == []


@pytest.mark.parametrize("number", ["0", "9" * 40, "%00", "²", "%ED%A0%80"])
def test_no_id_in_an_address_breaks_anything(cast: Cast, number: str) -> None:
    pages, program, broken = browser_of(cast.ada), program_of(cast.ada), []
    numbers = dict.fromkeys(make_theirs(cast), 77_777_777)
    for address in private_addresses(numbers):
        client: Client = program if address.path.startswith("/api/") else pages
        path = address.path.replace("77777777", number)
        for method in ("get", "post"):
            answer = getattr(client, method)(path)
            broken += [(method, path, answer.content)] if answer.status_code >= 500 else []
    assert broken == []


def _with(whole: dict[str, Any], field: str, value: Any) -> Any:
    if not field:
        return value
    if isinstance(whole.get(field), list) and not isinstance(value, list):
        value = [value]
    return whole | {field: value}
