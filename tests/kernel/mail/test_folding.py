"""New words, history and signature, in the languages of our customers."""

from __future__ import annotations

import pytest

from rapport.kernel.mail.folding import fold_text

OLD = "\n\n> Old words\n> and more"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, Feb 1, 2030 at 4:58 PM Support <support@example.org> wrote:",
        "On Mon, Feb 1, 2030 at 4:58 PM Maple Customer Support Team <\nsupport@example.org> wrote:",
        "W dniu 1.02.2030 o 16:58, Wsparcie pisze:",
        "pon., 1 lut 2030 o 16:58 Wsparcie <support@example.org> napisał(a):",
        "Dnia 1 lutego 2030 16:58 Wsparcie <support@example.org> napisał(a):",
        "Am 01.02.2030 um 16:58 schrieb Support:",
        "Am Mo., 1. Feb. 2030 um 16:58 Uhr schrieb Support <\nsupport@example.org>:",
        "Le lun. 1 févr. 2030 à 16:58, Support <support@example.org> a écrit :",
        "Support <support@example.org> 于2030年2月1日周一 16:58写道：",
        "在 2030-02-01 16:58:00，\"Support\" <support@example.org> 写道：",
        "Support <support@example.org> 於 2030年2月1日 週一 下午4:58寫道：",
        "2030年2月1日(月) 16:58 Support <support@example.org>:",
        "2030/02/01 16:58、Support <support@example.org>のメール:",
        "El lun, 1 feb 2030 a las 16:58, Support (<support@example.org>) escribió:",
        "Il giorno lun 1 feb 2030 alle ore 16:58 Support <support@example.org> ha scritto:",
        "Op ma 1 feb. 2030 om 16:58 schreef Support <support@example.org>:",
        "пн, 1 февр. 2030 г. в 16:58, Support <support@example.org>:",
        "Dne 1. 2. 2030 v 16:58 Support napsal(a):",
    ],
)  # fmt: skip
def test_history_is_folded_in_every_language(attribution: str) -> None:
    folded = fold_text(f"Thank you, it came.\n\n{attribution}{OLD}")
    assert folded.text == "Thank you, it came."
    assert folded.quoted == f"{attribution}{OLD}"


@pytest.mark.parametrize(
    "block",
    [
        "From: Support <support@example.org>\nSent: Monday, February 1, 2030 4:58 PM\nTo: Dora\nSubject: Parcel",
        "Von: Support\nGesendet: Montag, 1. Februar 2030\nAn: Dora\nBetreff: Paket",
        "Od: Support\nWysłano: poniedziałek, 1 lutego 2030\nDo: Dora\nTemat: Paczka",
        "De : Support\nEnvoyé : lundi 1 février 2030\nÀ : Dora\nObjet : Colis",
        "发件人: Support\n发送时间: 2030年2月1日 16:58\n收件人: Dora\n主题: 包裹",
        "寄件者： Support\n寄件日期： 2030年2月1日\n收件者： Dora\n主旨： 包裹",
        "差出人: Support\n送信日時: 2030年2月1日 16:58\n宛先: Dora\n件名: 荷物",
        "-----Original Message-----\nFrom: Support\nSent: Monday\nTo: Dora\nSubject: Parcel",
        "-----Ursprüngliche Nachricht-----\nVon: Support\nGesendet: Montag\nAn: Dora\nBetreff: Paket",
        "-----元のメッセージ-----\n差出人: Support\n日時: 2030\n宛先: Dora\n件名: 荷物",
        "------------------ 原始邮件 ------------------\n发件人: Support\n发送时间: 2030\n收件人: Dora",
        "________________________________\nFrom: Support\nSent: Monday\nTo: Dora\nSubject: Parcel",
        "---------- Forwarded message ---------\nFrom: Support\nDate: Mon\nSubject: Parcel\nTo: Dora",
    ],
)
def test_header_blocks_begin_history(block: str) -> None:
    folded = fold_text(f"Thank you, it came.\n\n{block}\n\nOld words, not quoted")
    assert folded.text == "Thank you, it came."
    assert "Old words" in folded.quoted


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nDora\nMaple Street 5",
        "--\nDora",
        "Sent from my iPhone",
        "Wysłane z iPhone'a",
        "Von meinem iPhone gesendet",
        "发自我的iPhone",
        "從我的 iPhone 傳送",
        "iPhoneから送信",
        "Envoyé de mon iPhone",
        "Get Outlook for iOS",
        "━━━━━━━━━━━━━━━\n株式会社メープル\n山田 花子\nTEL: 03-1234-5678\n━━━━━━━━━━━━━━━",
    ],
)
def test_signatures_are_folded(signature: str) -> None:
    folded = fold_text(f"Where is my parcel?\n\n{signature}")
    assert (folded.text, folded.signature) == ("Where is my parcel?", signature)


@pytest.mark.parametrize(
    "text",
    [
        "Order 7\n-----\n2 shoes, red\n-----\nPlease change the colour",
        "From: Warsaw\nplease send it to Kraków",
        "Sent from the wrong warehouse, I think. Where is it?",
        "You wrote:\nthat it comes on Monday",
        "| a | b |\n| 1 | 2 |",
        "```\n> code\n-- \nmore\n```\nwhat is wrong with it?",
        "> only a quote",
        "My original message was clear.",
        "At 5 I wrote: where is it?",
        "",
    ],
)
def test_the_words_of_a_customer_are_never_hidden(text: str) -> None:
    assert fold_text(text) == (text, "", "")


def test_answers_between_quotes_keep_what_they_answer() -> None:
    folded = fold_text(
        "See below.\n\nOn 1 Feb 2030, Support <a@b.c> wrote:\n> Which size?\n42\n> Which colour?\nRed\n> Bye"
    )
    assert folded.text == "See below.\n\n> Which size?\n42\n> Which colour?\nRed"


def test_an_answer_below_the_quote_is_the_text() -> None:
    folded = fold_text("On 1 Feb 2030, Support <a@b.c> wrote:\n> Which size?\n\n42, please")
    assert folded.text == "42, please"
    assert "> Which size?" in folded.quoted


def test_a_mail_that_only_forwards_shows_what_it_forwards() -> None:
    folded = fold_text(
        "---------- Forwarded message ---------\nFrom: Eli\nDate: Mon\nSubject: x\nTo: Dora\n\nHelp!"
    )
    assert folded.text == "Help!"
