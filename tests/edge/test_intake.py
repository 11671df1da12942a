"""What the doors take, what they refuse, and that nothing is acknowledged before it is kept."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from rapport.channels.models import Channel, Envelope
from rapport.channels.webhook.signing import sign_headers
from rapport.kernel import clock
from rapport.kernel.secrets import seal
from tests.edge.conftest import BODY, SECRET, Post, RunningEdge, make_webhook

MAIL = (
    b"From: Dora <dora@example.com>\r\nMessage-ID: <a@example.com>\r\nSubject: Hi\r\n\r\nHello\r\n"
)


def post_mail(edge: RunningEdge, key: str, mail: bytes = MAIL) -> httpx.Response:
    return edge.http.post(
        f"/hooks/email/{key}", content=mail, headers={"content-type": "message/rfc822"}
    )


def post_message(
    edge: RunningEdge, channel: Channel, body: bytes = BODY, *, token: str = "rct_right"
) -> httpx.Response:
    return edge.http.post(
        f"/api/v1/channels/{channel.public_id}/messages",
        content=body,
        headers={"content-type": "application/json", "authorization": f"Bearer {token}"},
    )


def test_a_signed_message_is_kept_as_it_came(deliver: Post, webhook: Channel) -> None:
    answer = deliver(**{"x-request-id": "trace-me-please"})
    assert answer.status_code == 202
    envelope = Envelope.objects.get()
    assert answer.json() == {"envelope_id": envelope.pk, "known": False}
    assert bytes(envelope.raw) == BODY
    assert (envelope.channel, envelope.event_id, envelope.door) == (webhook, "hook:msg_1", "hook")
    assert (envelope.state, envelope.request_id) == ("waiting", "trace-me-please")
    assert envelope.headers["webhook-id"] == "msg_1"
    assert answer.headers["x-request-id"] == "trace-me-please"


def test_a_retry_is_known_and_kept_once(deliver: Post) -> None:
    first, second = deliver(), deliver()
    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json() == {"envelope_id": first.json()["envelope_id"], "known": True}
    assert Envelope.objects.count() == 1


def test_one_id_for_two_messages_is_a_conflict(deliver: Post) -> None:
    deliver()
    answer = deliver(BODY.replace(b"Where?", b"When?"))
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert Envelope.objects.count() == 1


def test_a_retry_that_was_serialised_anew_is_known(deliver: Post) -> None:
    deliver()
    assert deliver(json.dumps(json.loads(BODY), indent=2).encode()).status_code == 200


def test_a_retry_is_known_when_the_bytes_of_the_first_were_taken_away(deliver: Post) -> None:
    deliver()
    Envelope.objects.update(raw=b"", headers={})  # past its days, or a secret was taken out
    assert deliver().status_code == 200


@pytest.mark.parametrize("times", [8])
def test_the_same_mail_eight_times_at_once_is_one_envelope(
    edge: RunningEdge, mailbox: Channel, times: int
) -> None:
    with ThreadPoolExecutor(times) as pool:
        answers = list(pool.map(lambda _: post_mail(edge, mailbox.hook_secret), range(times)))
    assert sorted(answer.status_code for answer in answers) == [200] * (times - 1) + [202]
    assert len({answer.json()["envelope_id"] for answer in answers}) == 1
    assert Envelope.objects.get().door == "hook"


def test_two_mails_that_share_a_message_id_are_two(edge: RunningEdge, mailbox: Channel) -> None:
    post_mail(edge, mailbox.hook_secret)
    assert post_mail(edge, mailbox.hook_secret, MAIL + b"and more\r\n").status_code == 202
    assert Envelope.objects.count() == 2


def test_a_large_mail_is_kept_whole(edge: RunningEdge, mailbox: Channel) -> None:
    mail = MAIL + b"x" * 1_500_000
    assert post_mail(edge, mailbox.hook_secret, mail).status_code == 202
    assert bytes(Envelope.objects.get().raw) == mail


def test_a_paused_channel_still_keeps_what_comes(edge: RunningEdge) -> None:
    channel = make_webhook(state="paused")
    assert post_message(edge, channel).status_code == 202


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,\u00e9\u00e9"},
        {"webhook-id": "msg.2"},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "1614265330"},
    ],
)
def test_a_wrong_signature_keeps_nothing(deliver: Post, change: dict[str, str]) -> None:
    answer = deliver(**{name: value.encode() for name, value in change.items()})  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert not Envelope.objects.exists()


@pytest.mark.parametrize("seconds", [-301, 310])
def test_a_replay_after_five_minutes_is_refused_both_ways(
    edge: RunningEdge, webhook: Channel, seconds: int
) -> None:
    then = clock.now().timestamp() + seconds
    signed = sign_headers([SECRET], message_id="m", now=clock.now().fromtimestamp(then), body=BODY)
    answer = edge.http.post(
        f"/hooks/webhook/{webhook.public_id}",
        content=BODY,
        headers={"content-type": "application/json", **signed},
    )
    assert answer.status_code == 401


def test_the_other_header_family_and_the_older_secret_work(
    edge: RunningEdge, webhook: Channel
) -> None:
    fresh = "whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3"
    opened = {"signing": [{"secret": fresh, "until": None}, {"secret": SECRET, "until": None}]}
    Channel.objects.filter(pk=webhook.pk).update(sealed=seal(opened))
    signed = sign_headers([SECRET], message_id="m", now=clock.now(), body=BODY)
    headers = {name.replace("webhook", "svix"): value for name, value in signed.items()}
    address = f"/hooks/webhook/{webhook.public_id}"
    answer = edge.http.post(
        address, content=BODY, headers={"content-type": "application/json", **headers}
    )
    assert answer.status_code == 202


def test_a_rotated_secret_counts_at_once_and_the_old_one_no_more(
    edge: RunningEdge, webhook: Channel, deliver: Post
) -> None:
    assert deliver().status_code == 202
    until = clock.now().isoformat()
    opened = {"signing": [{"secret": "whsec_" + "bmV3" * 8, "until": None}]}
    opened["signing"].append({"secret": SECRET, "until": until})
    Channel.objects.filter(pk=webhook.pk).update(sealed=seal(opened))
    signed = sign_headers(["whsec_" + "bmV3" * 8], message_id="m2", now=clock.now(), body=BODY)
    assert deliver(message_id="m2", **signed).status_code == 202
    assert deliver(message_id="m3").status_code == 401


def test_an_unknown_channel_is_not_found(edge: RunningEdge, webhook: Channel) -> None:
    assert post_mail(edge, "guess").status_code == 404
    assert post_mail(edge, webhook.hook_secret).status_code == 404
    webhook.public_id = uuid.uuid4()
    assert post_message(edge, webhook).status_code == 404


def test_a_channel_made_a_moment_ago_works(edge: RunningEdge, database: str) -> None:
    post_mail(edge, "guess")
    assert post_message(edge, make_webhook()).status_code == 202


def test_the_api_takes_a_token_and_names_by_external_id(
    edge: RunningEdge, webhook: Channel
) -> None:
    assert post_message(edge, webhook).status_code == 202
    assert post_message(edge, webhook).status_code == 200
    assert post_message(edge, webhook, BODY.replace(b"Where", b"When")).status_code == 409
    assert post_message(edge, webhook, token="rct_wrong").status_code == 401
    envelope = Envelope.objects.get()
    assert (envelope.event_id, envelope.door) == ("api:crm-1", "api")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"contact":{"external_id":"u"},"text":"a"}', "/external_id"),
        (b'{"external_id":"1","contact":{},"text":"a"}', "/contact"),
        (b'{"external_id":"1","text":"a"}', ""),
        (b'{"external_id":"1","contact":{"email":7},"text":"a"}', "/contact/email"),
        (b'{"external_id":"1","contact":{"email":"d@example.com"}}', "/text"),
        (b'{"external_id":"a\\u0000b","contact":{"email":"d@e"},"text":"a"}', "/external_id"),
        (
            b'{"external_id":"1","contact":{"email":"d@e"},"attachments":[{"name":"a"}]}',
            "/attachments/0",
        ),
    ],
)
def test_a_wrong_field_is_named(
    edge: RunningEdge, webhook: Channel, body: bytes, pointer: str
) -> None:
    answer = post_message(edge, webhook, body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Envelope.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a":"\\ud800"}', b"[" * 100_000])
def test_what_is_no_json_is_a_bad_request(edge: RunningEdge, webhook: Channel, body: bytes) -> None:
    answer = post_message(edge, webhook, body)
    assert answer.status_code in (400, 422)
    assert "Traceback" not in answer.text
