"""What a system sends becomes a message that is safe to show."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from rapport.channels.contract import ChannelKey, Unreadable
from rapport.channels.webhook.configuring import thread_key
from rapport.channels.webhook.reading import read_envelope
from rapport.conversations.inbound import Inbound
from rapport.kernel.mail.tagging_threads import reply_token

CHANNEL = ChannelKey(
    id=1,
    kind="webhook",
    public_id="48de759e-0524-482f-877b-6089d132d1f5",
    hook_secret="",
    state="active",
    address="",
    config={},
    secrets={},
)
DORA = {"external_id": "u-42", "name": "Dora", "email": "Dora@Example.com", "phone": "+48 600"}


def read(
    payload: dict[str, Any], *, channel: ChannelKey = CHANNEL, webhook_id: str = "msg_1"
) -> Inbound:
    raw = json.dumps({"contact": DORA, "text": "Hi"} | payload).encode()
    headers = {"webhook-id": webhook_id}
    return read_envelope(
        raw, event_id="", channel=channel, headers=headers, own_addresses=frozenset()
    )


def test_a_message_is_read_with_all_that_came() -> None:
    inbound = read({"external_id": "crm-1", "sent_at": "2026-11-02T09:59:58Z", "subject": "Order"})
    assert (inbound.text, inbound.subject, inbound.external_id) == ("Hi", "Order", "crm-1")
    assert (inbound.sender.kind, inbound.sender.value) == ("email", "Dora@Example.com")
    assert inbound.sent_at is not None
    assert inbound.sent_at.isoformat() == "2026-11-02T09:59:58+00:00"


def test_the_same_id_by_hook_and_by_api_is_the_same_content() -> None:
    by_api = read({"external_id": "crm-1"}, webhook_id="")
    assert read({"external_id": "crm-1"}).content_key == by_api.content_key
    assert read({}).content_key != by_api.content_key
    other = replace(CHANNEL, public_id="another")
    assert read({"external_id": "crm-1"}, channel=other).content_key != by_api.content_key


def test_an_id_of_the_other_system_belongs_to_its_channel_alone() -> None:
    channel = replace(CHANNEL, config={"identify_by": "external_id", "vouches": True})
    sender = read({}, channel=channel).sender
    assert (sender.kind, sender.value) == ("external", f"{CHANNEL.public_id}:u-42")
    assert sender.is_verified
    assert not read({}).sender.is_verified


def test_html_is_made_safe_and_gives_the_text() -> None:
    html = "<p>Where is <b>it</b>?</p><script>alert(1)</script><img src=https://x.example/a.png>"
    inbound = read({"text": None, "html": html})
    assert "script" not in inbound.html
    assert inbound.has_held_images
    assert "Where is it?" in inbound.text


def test_a_file_is_kept_and_an_address_is_only_shown() -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
    inbound = read(
        {
            "attachments": [
                {
                    "name": "a\r\nb.exe",
                    "content_type": "text/html",
                    "data": base64.b64encode(png).decode(),
                },
                {"name": "a.pdf", "url": "https://127.0.0.1/a.pdf"},
                {"name": "x", "url": "javascript:alert(1)"},
            ]
        }
    )
    [file] = inbound.files
    assert (file.data, file.size, file.content_type) == (png, len(png), "image/png")
    assert "\n" not in file.name
    assert inbound.extras["links"] == [{"name": "a.pdf", "url": "https://127.0.0.1/a.pdf"}]


def test_only_a_token_of_ours_for_this_channel_leads_to_a_conversation() -> None:
    token = reply_token(thread_key(CHANNEL.public_id), 42)
    assert read({"conversation_ref": token}).thread_tokens == [42]
    for ref in ("C-42", "42", reply_token(thread_key("another"), 42), token[:-1] + "0"):
        assert read({"conversation_ref": ref}).thread_tokens == []
        assert read({"conversation_ref": ref}).matter == ref
    assert read({"conversation_ref": token}).matter == ""


def test_nothing_that_the_database_refuses_comes_through() -> None:
    inbound = read({"text": "a\x00b", "metadata": {"k\x00": ["v\x00"]}})
    assert "\x00" not in inbound.text
    assert inbound.extras["metadata"] == {"k": ["v"]}


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"contact":{},"text":"a"}', b"\xff"])
def test_what_cannot_be_read_says_why(raw: bytes) -> None:
    with pytest.raises(Unreadable, match=r"\w"):
        read_envelope(raw, event_id="", channel=CHANNEL, headers={}, own_addresses=frozenset())
