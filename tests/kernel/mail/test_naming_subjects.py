"""What a subject is about."""

from __future__ import annotations

import pytest

from rapport.kernel.mail.naming_subjects import (
    base_subject,
    forward_subject,
    is_forward,
    reply_subject,
)


@pytest.mark.parametrize(
    "prefix",
    [
        "Re: ", "RE:", "re : ", "Re[2]: ", "Re (3): ", "Re^2: ", "AW: ", "Antw: ", "SV: ", "Odp: ", "Odp.: ",
        "ODP: RE: ", "PD: ", "WG: ", "Fwd: ", "FW: ", "Fwd: Re: AW: ", "TR: ", "RV: ", "ENC: ", "RES: ",
        "VS: ", "Vá: ", "Ynt: ", "HA: ", "На: ", "Отв: ", "回复: ", "回复：", "回覆：", "答复: ", "轉寄: ",
        "返信: ", "転送: ", "Re：", "[EXTERNAL] Re: ", "*** SPAM *** ", "Re: [EXT] Re: ", "답장: ", "  Re:  ",
    ],
)  # fmt: skip
def test_prefixes_of_every_language_go(prefix: str) -> None:
    assert base_subject(prefix + "Parcel 42: where?") == "Parcel 42: where?"


@pytest.mark.parametrize(
    "subject",
    [
        "Parcel 42",
        "Reklamacja: buty",
        "Refund: order 7",
        "[Maple] News",
        "AWS: invoice",
        "Ihre Rechnung",
        "回复率",
    ],
)
def test_what_is_no_prefix_stays(subject: str) -> None:
    assert base_subject(subject) == subject


def test_only_a_prefix_leaves_nothing() -> None:
    assert base_subject("Re: Fwd:") == ""
    assert base_subject("") == ""


def test_an_answer_has_one_prefix() -> None:
    assert reply_subject("AW: Re: 回复: Parcel") == "Re: Parcel"
    assert forward_subject("Fwd: Re: Parcel") == "Fwd: Parcel"
    assert reply_subject("") == "Re:"


def test_a_forward_is_told_from_an_answer() -> None:
    assert is_forward("[EXT] WG: Parcel")
    assert is_forward("轉寄: 包裹")
    assert not is_forward("Re: Fwd: Parcel")


def test_a_thousand_prefixes_end() -> None:
    assert len(base_subject("Re: " * 1000 + "x")) < 4000
