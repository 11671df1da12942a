from __future__ import annotations

import logging
import re

import pytest
from django.test import Client

from rapport.accounts.granting_tokens import grant_token, verify_token
from rapport.accounts.models import ApiToken
from tests.cast import Cast

FIELDS = {"name": "Shop", "days": "90", "scopes": ["messages:read", "messages:write"]}


def test_a_token_is_shown_once_and_works(
    ben: Client, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="rapport")
    page = ben.post("/settings/profile/tokens", FIELDS)
    assert page.status_code == 201
    text = re.search(r"rpt_\d+_[\w-]+", page.content.decode())[0]
    assert verify_token(text).agent == cast.ben
    later = ben.get("/settings/profile/tokens").content.decode()
    assert "Shop" in later
    assert text not in later
    assert text not in caplog.text


def test_ben_ends_his_own_token_and_not_adas(ben: Client, cast: Cast) -> None:
    mine, _text = grant_token(cast.ben, name="mine", scopes=["*"], by=cast.ben.actor)
    hers, _text = grant_token(cast.ada, name="hers", scopes=["*"], by=cast.ada.actor)
    assert ben.post(f"/settings/tokens/{mine.pk}", {"_method": "delete"}).status_code == 302
    assert ben.post(f"/settings/tokens/{hers.pk}", {"_method": "delete"}).status_code == 403
    assert list(ApiToken.objects.filter(ended_at=None)) == [hers]


def test_ada_sees_and_ends_everybodys(ada: Client, cast: Cast) -> None:
    his, text = grant_token(cast.ben, name="his", scopes=["*"], by=cast.ben.actor)
    assert b"his" in ada.get("/settings/tokens").content
    ada.post(f"/settings/tokens/{his.pk}", {"_method": "delete"})
    assert verify_token(text) is None


@pytest.mark.parametrize(
    "bad", [{"name": ""}, {"scopes": []}, {"scopes": ["root"]}, {"days": "4000"}]
)
def test_bad_tokens_keep_the_form(ben: Client, bad: dict) -> None:
    assert ben.post("/settings/profile/tokens", FIELDS | bad).status_code == 422
    assert not ApiToken.objects.exists()
