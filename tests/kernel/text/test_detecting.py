"""The language of a text, from its script and its commonest words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.kernel.text.detecting import detect_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Where is my order?"),
        ("en", "ok thanks"),
        ("en", "The product 客戶 is what we call a customer and you are not"),
        ("pl", "Gdzie jest moja paczka?"),
        ("pl", "dziekuje"),
        ("pl", "Proszę o zwrot pieniędzy"),
        ("de", "Wo ist meine Bestellung?"),
        ("fr", "Bonjour, où est ma commande ?"),
        ("es", "¿Dónde está mi pedido?"),
        ("it", "Dove è il mio ordine?"),
        ("pt", "Onde está o meu pedido?"),
        ("nl", "Waar is mijn bestelling?"),
        ("cs", "Kde je moje objednávka?"),
        ("zh-Hant", "客戶反映退款一直沒有收到"),
        ("zh-Hant", "我的 iPhone 15 Pro Max 壞了"),
        ("zh-Hant", "我們的客户說還沒收到"),
        ("zh-Hans", "客户反映退款一直没有收到"),
        ("zh-Hans", "请问可以退款吗"),
        ("zh", "中文"),
        ("ja", "注文した商品が届きません"),
        ("ja", "東京駅 発売"),
        ("ko", "주문한 상품이 안 왔어요"),
        ("ru", "Где мой заказ?"),
        ("uk", "Де моє замовлення?"),
        ("th", "สวัสดี"),
        ("", "The Łódź parcel was refunded"),
        ("en", "The Łódź parcel was refunded to her and not to you"),
        ("", ""),
        ("", "4711"),
        ("", "OK"),
        ("", "https://example.com/the/and/you dora@example.com"),
        ("", "\x00\ud800 👍"),
    ],
)
def test_a_short_text_tells_its_language(language: str, text: str) -> None:
    assert detect_language(text) == language


@given(st.text(st.characters(), max_size=100))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_detecting_fail(text: str) -> None:
    assert isinstance(detect_language(text), str)
