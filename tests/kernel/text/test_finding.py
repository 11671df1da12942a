"""What must be found, decided by PostgreSQL itself."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.kernel.text.querying import search_query
from rapport.kernel.text.vectoring import search_vector

Finds = Callable[[str, str], bool]

REFUND = "客戶反映退款一直沒有收到，訂單已經出貨。"

# Words of customer service as Taiwan, Hong Kong and the mainland write them, two or more per line.
SAME_WORDS = """
客戶 客户 客戸|訂單 订单|退款 退款|換貨 换货|發票 发票|帳號 账号 賬號 帳号|密碼 密码|運費 运费|物流 物流|優惠 优惠
回覆 回复 回複|裏面 裡面 里面|臺灣 台灣 台湾|聯絡 联络|聯繫 联系|電話 电话|郵件 邮件|網站 网站|門市 门市
付款 付款|收據 收据|點數 点数|會員 会员|取消 取消|預約 预约|週末 周末|隻 只|製造 制造|複雜 复杂|於是 于是
後來 后来|這裡 這裏 这里|計畫 計劃 计划|頭髮 头发|發現 发现|乾淨 干净|幹部 干部|麵包 面包|鐘 钟|鍾 钟|着 著
為什麼 爲什麼 为什么|說明 説明 说明|衛生 衞生 卫生|眾 衆 众|群 羣|啟動 啓動 启动|錶 表|餘額 余额
確認 确认|遲到 迟到|壞 坏|貨 货|滿意 满意|投訴 投诉|處理 处理|經理 经理|專員 专员|質量 质量|體驗 体验|線上 线上
"""
JAPANESE = [
    "駅 驛 驿",
    "発送 發送 发送",
    "売 賣 卖",
    "会社 會社 会社",
    "円 圓 圆",
    "横浜 橫濱 横滨",
    "対応 對應 对应",
]


def _pairs() -> list[tuple[str, str]]:
    groups = SAME_WORDS.replace("\n", "|").split("|") + JAPANESE
    lists = [group.split() for group in groups if group.strip()]
    return [(one, other) for words in lists for one in words for other in words]


@pytest.mark.parametrize(
    ("question", "body"),
    [
        ("退款", "客戶反映退款一直沒有收到"),
        ("退款一直", "客戶反映退款一直沒有收到"),
        ("客戶", "客戶反映退款一直沒有收到"),
        ("客户", "客戶反映退款一直沒有收到"),
        ("訂單已經", REFUND),
        ("订单已经", REFUND),
        ("退款 沒有收到", REFUND),
        ("pieniedzy", "Proszę o zwrot pieniędzy"),
        ("pieniędzy", "prosze o zwrot pieniedzy"),
        ("lodz", "Mieszkam w mieście Łódź"),
        ("łódź", "mieszkam w miescie Lodz"),
        ("zwrot pieniędzy za zamówienie", "Zwrot pieniędzy za zamówienia"),
        ("zwrot", "Nie dostałem zwrotów"),
        ("zwrotow", "Nie dostałem zwrotów"),
        ("faktura", "Proszę o fakturę"),
        ("refund", "I was refunded twice"),
        ("deliveries", "Where is my delivery?"),
        ("Müller", "Herr Mueller"),
        ("mueller", "Herr Müller"),
        ("muller", "Herr Müller"),
        ("strasse", "Straße 5"),
        ("ABC 123", "ＡＢＣ １２３"),
        ("ﾊﾟｿｺﾝ", "パソコンが壊れました"),
        ("ぱそこん", "パソコンが壊れました"),
        ("한국", "한국어로 답장해 주세요"),
        ("don't", "Please don’t"),
        ("email", "my e-mail"),
        ("e-mail", "my email"),
        ("ORD-2024-00123", "Order ORD-2024-00123."),
        ("ord202400123", "Order ORD-2024-00123."),
        ("00123", "Order ORD-2024-00123."),
        ("訂單ORD-77", "我的訂單ORD-77還沒到"),
        ("dora@example.com", "From: Dora <Dora@Example.com>"),
        ("example.com", "From: Dora <dora@example.com>"),
        ("dora@example.com", "E-mail:dora@example.com"),
        ("dora@example.com", "mailto:dora@example.com"),
        ("dora@example.com", "kontakt/dora@example.com i Łódź"),
        ("dora.z@example.com", "客服:dora.z@example.com"),
        ("e-mail", "E-mail:dora@example.com"),
        ("dora+shop@example.com", "dora+shop@example.com"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("józef@example.com", "józef@example.com"),
        ("www.shop.example", "see https://shop.example/orders/12"),
        ("www.shop.example", "see www.shop.example"),
        ("https://shop.example/a", "https://www.shop.example/a"),
        ("#12345", "order #12345 is late"),
        ("12345", "order #12345"),
        ("#1234*", "order #12345"),
        ("AB-1234-X", "your order AB-1234-X."),
        ("ab1234x", "your order AB-1234-X."),
        ("AB-1234-X", "AB 1234 X and AB–1234–X"),
        ("AB‑1234‑X", "AB-1234-X"),
        ("AB-12*", "AB-1234-X"),
        ("ＡＢ－１２３４", "AB-1234-X"),
        ("0017", "faktura FV/2024/11/0017 z dnia"),
        ("+48 600 100 200", "tel. +48 600 100 200"),
        ("faktura 2024-17.pdf", "Faktura_2024-17.pdf"),
        ("IMG_0423", "IMG_0423.JPG"),
        ("报价单.pdf", "報價單_2024.pdf"),
        ("zielinskiej", "Dora Zielińska"),
        ("怡立", "林怡立"),
        ("田中", "田中さん"),
        ("ﾀﾅｶ", "たなかです"),
        ("nguyen", "Nguyễn"),
        ("https://shop.example/orders/12", "see https://www.shop.example/orders/12/?utm=x."),
        ("shop.example", "see https://www.shop.example/orders/12"),
        ("退款", "一直沒有收到退\r\n款"),
        ("soft hyphen", "so\u00adft hy\u200bphen"),
        ('"order number"', "my order number is 5"),
        ("заказ", "Где мои заказы?"),
        ("café", "cafe\u0301"),
        ("ﬁle", "the file"),
    ],
)
def test_a_question_finds_what_a_person_expects(finds: Finds, question: str, body: str) -> None:
    assert finds(question, body)


@pytest.mark.parametrize(
    ("question", "body"),
    [
        ("款一", "退款。一直"),
        ("收款", "收到退款"),
        ('"number order"', "my order number is 5"),
        ("order -number", "my order number is 5"),
        ("refund", "I was charged twice"),
        ("dora@example.com", "dora@example.org and eli@example.com"),
        ("ora@example.com", "E-mail:dora@example.com"),
        ("1234", "order #12345"),
        ("#12345", "order 123456"),
        ("AB-1234-X", "AB-1234-Y"),
        ("17", "0017"),
        ("www", "a shop"),
        ("客服", "客戶服務"),
        ("sp", "spam"),
        ("-order", "no word of it"),
    ],
)
def test_a_question_finds_nothing_else(finds: Finds, question: str, body: str) -> None:
    assert not finds(question, body)


def test_every_content_word_is_found_by_each_of_its_written_forms(finds: Finds) -> None:
    assert [pair for pair in _pairs() if not finds(pair[0], f"請問{pair[1]}的事")] == []


@pytest.mark.parametrize("word", ["zamówienie", "zamówienia", "zamówieniu", "zamówień"])
def test_a_polish_word_is_found_in_every_case_with_and_without_accents(
    finds: Finds, word: str
) -> None:
    forms = ["zamówienie", "zamówienia", "zamówieniu", "zamowienie", "zamowienia", "zamowieniu"]
    bodies = [f"Dzień dobry, gdzie jest moje {form}?" for form in forms]
    questions = [word] if word == "zamówień" else [word, word.replace("ó", "o")]
    assert all(finds(question, body) for question in questions for body in bodies)


@pytest.mark.parametrize(
    ("question", "literal"),
    [
        ("zamów*", "('zamow':* | 'zam')"),
        ("zamów *", "('zamow' | 'zam')"),
        ("客*", "'客'"),
        ("*", ""),
        ("-par* tent", "!'par':* & 'tent'"),
        ("ord-20*", "('ord20' | 'ord' <-> '20':*)"),
    ],
)
def test_a_star_stands_for_the_rest_of_a_word(question: str, literal: str) -> None:
    assert search_query(question).literal == literal


@pytest.mark.parametrize(
    ("question", "outline"),
    [
        ("tent leaks", "'tent' & ('leaks' | 'leak')"),
        ('"a b" c', "('a' & 'b') & 'c'"),
        ("退款一", "('退款' & '款一')"),
        ('-"a b" c', "'c'"),
        ("-b c", "!'b' & 'c'"),
        ("-b par*", ""),
        ("ord-20*", "('ord20' | 'ord')"),
        ("e-mail*", "('email' | 'e')"),
    ],
)
def test_an_outline_leaves_out_what_no_index_knows(question: str, outline: str) -> None:
    assert search_query(question).outline == outline


WORDS = st.sampled_from(
    ["a", "b", "c", "d", "-a", "-b", "a*", "ord-1", "退款", "款退", '"a b', 'c"', '-"', '"']
)


@given(st.lists(WORDS, max_size=9), st.lists(WORDS, max_size=7))
@settings(max_examples=500, deadline=None)
def test_whatever_answers_a_question_meets_its_outline(
    postgres: psycopg.Connection, words: list[str], asked: list[str]
) -> None:
    query = search_query(" ".join(asked))
    if query.outline:
        vector = search_vector({"C": " ".join(words)})
        row = postgres.execute(
            "SELECT v @@ %s::tsquery, v @@ %s::tsquery FROM (SELECT %s::tsvector v) one",
            [query.literal, query.outline, vector],
        ).fetchone()
        assert row in {(True, True), (False, True), (False, False)}


def test_no_phrase_runs_from_the_subject_into_the_body() -> None:
    vector = search_vector({"A": "order", "C": "number"}, language="en", marks=["#7"])
    assert vector == "'order':1A 'number':9C '#7'"
