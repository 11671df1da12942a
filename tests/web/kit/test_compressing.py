from __future__ import annotations

import gzip
import re

import pytest
from django.test import Client

from rapport.conversations.models import Attachment
from rapport.kernel.storage import store_file
from rapport.web.kit.naming_files import named_files
from tests.cast import Cast
from tests.web.inbox.conftest import sign_in

__all__ = ["sign_in"]
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def ben(cast: Cast, sign_in) -> Client:
    return sign_in(cast.ben)


def test_a_page_is_packed_for_whoever_takes_it(ben: Client) -> None:
    packed, plain = ben.get("/inbox/open", headers=GZIP), ben.get("/inbox/open")
    assert packed["Content-Encoding"] == "gzip"
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content) / 2
    assert b"Namiot przecieka" in gzip.decompress(packed.content)
    assert not plain.has_header("Content-Encoding")
    for answer in (packed, plain):
        assert "Accept-Encoding" in answer["Vary"]


@pytest.mark.parametrize("said", ["", "br", "gzip;q=0", "gzip; q=0.0, br", "identity"])
def test_nobody_gets_what_they_do_not_take(ben: Client, said: str) -> None:
    for address in ("/inbox/open", f"/static/{named_files()['css/all.css'].name}"):
        answer = ben.get(address, headers={"Accept-Encoding": said})
        assert b"row" in answer.content or b"{" in answer.content
        assert not answer.has_header("Content-Encoding")


def test_style_sheets_and_scripts_are_packed(ben: Client) -> None:
    page = ben.get("/inbox/open").text
    for name in ("css/all", "js/app", "js/live-updates", "django_htmx/htmx-4.min"):
        address = re.search(rf"/static/{name}\.[0-9a-f]{{12}}\.(?:css|js)", page)[0]
        packed, plain = ben.get(address, headers=GZIP), ben.get(address)
        assert packed["Content-Encoding"] == "gzip"
        assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
        assert gzip.decompress(packed.content) == plain.content


def test_a_customers_file_passes_as_it_is(ben: Client, cast: Cast) -> None:
    import hashlib

    body = b"a photo " * 500
    digest = hashlib.sha256(body).hexdigest()
    file = Attachment.objects.create(
        message=cast.tent.messages.first(),
        name="seam.txt",
        size=len(body),
        sha256=digest,
        stored_name=store_file(body, sha256=digest),
    )
    answer = ben.get(f"/inbox/files/{file.pk}", headers=GZIP, follow=True)
    assert answer.status_code == 200
    assert not answer.has_header("Content-Encoding")
    assert b"".join(answer.streaming_content) == body


def test_no_two_answers_tell_their_length(ben: Client, cast: Cast) -> None:
    """BREACH: what is guessed by the length of an answer is blurred, and tokens of forms differ each time."""
    address = f"/inbox/conversations/C-{cast.tent.pk}"
    answers = [ben.get(address, headers=GZIP) for _ in range(12)]
    assert len({len(answer.content) for answer in answers}) > 4
    token = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
    tokens = {token.search(gzip.decompress(answer.content))[1] for answer in answers}
    assert len(tokens) == len(answers)
