"""Signs that we issue and recognise."""

from __future__ import annotations

import pytest

from rapport.kernel.mail.tagging_threads import (
    conversation_in_message_id,
    conversation_in_token,
    conversations_in_addresses,
    make_message_id,
    message_in_message_id,
    reply_token,
    tag_address,
    tokens_in_addresses,
    untag_address,
)

SECRET = "install-secret"
TOKEN = "c10423-gueztxq266x4fqov"


def test_a_token_is_as_documented() -> None:
    assert reply_token(SECRET, 10423) == TOKEN
    assert conversation_in_token(SECRET, TOKEN) == 10423


def test_a_token_survives_a_change_of_case() -> None:
    assert conversation_in_token(SECRET, TOKEN.upper()) == 10423


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "c10423-",
        "c10424-gueztxq266x4fqov",
        TOKEN[:-1] + "a",
        TOKEN + "a",
        "c-" + TOKEN[7:],
        "c١-x",
    ],
)
def test_a_forged_token_proves_nothing(forged: str) -> None:
    assert conversation_in_token(SECRET, forged) is None


def test_a_token_of_another_installation_proves_nothing() -> None:
    assert conversation_in_token("other-secret", TOKEN) is None


def test_our_message_id_tells_its_conversation_and_message() -> None:
    made = make_message_id(SECRET, conversation_id=7, message_id=42, domain="example.org")
    assert made.endswith("@example.org")
    assert conversation_in_message_id(SECRET, made) == 7
    assert conversation_in_message_id(SECRET, f"<{made}>") == 7
    assert message_in_message_id(SECRET, made) == 42
    assert len(made) < 100


def test_two_messages_never_share_an_id() -> None:
    made = {
        make_message_id(SECRET, conversation_id=7, message_id=42, domain="example.org")
        for _ in range(50)
    }
    assert len(made) == 50


def test_a_changed_message_id_proves_nothing() -> None:
    made = make_message_id(SECRET, conversation_id=7, message_id=42, domain="example.org")
    assert conversation_in_message_id(SECRET, made.replace(".c7.", ".c8.")) is None
    assert conversation_in_message_id("other", made) is None
    assert conversation_in_message_id(SECRET, "") is None
    assert conversation_in_message_id(SECRET, "<a@b>") is None


def test_an_address_carries_a_token_and_gives_it_back() -> None:
    tagged = tag_address("support+eu@example.org", TOKEN)
    assert tagged == f"support+eu+{TOKEN}@example.org"
    assert conversations_in_addresses(SECRET, ["eve@example.com", tagged.upper()]) == (10423,)
    assert untag_address(tagged) == "support+eu@example.org"


def test_a_local_part_never_exceeds_what_servers_take() -> None:
    long = "a" * 50 + "@example.org"
    assert tag_address(long, TOKEN) == long


def test_a_catch_all_address_gives_its_token() -> None:
    assert conversations_in_addresses(SECRET, [f"{TOKEN}@reply.example.org"]) == (10423,)


def test_tokens_come_in_the_order_of_the_addresses_and_each_once() -> None:
    other = reply_token(SECRET, 5)
    addresses = [f"a+{other}@x.org", f"a+{TOKEN}@x.org", f"b+{other}@x.org"]
    assert tokens_in_addresses(addresses) == (other, TOKEN)
    assert conversations_in_addresses(SECRET, addresses) == (5, 10423)


def test_a_token_in_a_domain_is_no_token() -> None:
    assert tokens_in_addresses([f"a@{TOKEN}.example.org"]) == ()
