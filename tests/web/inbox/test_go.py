from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from rapport.accounts.changing_profiles import change_profile
from rapport.conversations.indexing import index_messages
from rapport.conversations.models import Message
from tests.browser import sign_in
from tests.cast import Cast, make_cast
from tests.web.inbox.conftest import HTMX


def found(client: Client, words: str, **more: str) -> str:
    answer = client.get("/inbox/go", {"q": words, **more}, headers=HTMX)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.fixture
def ben(cast: Cast, sign_in: Any) -> Client:
    index_messages(list(Message.objects.values_list("pk", flat=True)))
    return sign_in(cast.ben)  # type: ignore[no-any-return]


@pytest.mark.django_db
class TestFound:
    def test_lists_pages_conversations_and_customers(self, ben: Client, cast: Cast) -> None:
        assert 'href="/inbox/snoozed"' in found(ben, "snooz")
        assert 'href="/settings/profile"' in found(ben, "you")
        tent = f'href="/inbox/conversations/C-{cast.tent.pk}"'
        assert tent in found(ben, "przecieka")
        assert tent in found(ben, f"c-{cast.tent.pk}")
        assert 'aria-label="Customers"' in found(ben, "dora")

    def test_words_of_the_readers_language_and_english_ones(self, ben: Client, cast: Cast) -> None:
        change_profile(cast.ben, {"language": "pl"}, by=cast.ben.actor)
        for words in ("odlo", "Odło", "snooz"):
            assert 'href="/inbox/snoozed"' in found(ben, words)
        english = re.search(r"data-english='?\"?({.*?})", found(ben, ""))
        assert english
        assert json.loads(english[1])["Rozwiąż"] == "Solve"

    def test_recent_ones_come_first_and_only_those_that_may_be_seen(
        self, ben: Client, cast: Cast, sign_in: Any
    ) -> None:
        recent = f"{cast.tent.pk},999999,x,{'9' * 30}"
        mine = found(ben, "", recent=recent)
        assert mine.index(f"C-{cast.tent.pk}") < mine.index("/inbox/mine")
        for words in ("", "przecieka", "dora", f"C-{cast.tent.pk}"):
            theirs = found(sign_in(cast.cy), words, recent=recent)
            assert f"/inbox/conversations/C-{cast.tent.pk}" not in theirs

    def test_settings_of_admins_are_offered_to_admins(
        self, ben: Client, cast: Cast, sign_in: Any
    ) -> None:
        assert "/settings/people" not in found(ben, "people")
        assert "/settings/people" in found(sign_in(cast.ada), "people")

    def test_a_plain_page_for_who_has_no_scripts(self, ben: Client, cast: Cast) -> None:
        page = ben.get("/inbox/go", {"q": "snoozed"}).content.decode()
        assert '<a class="menu__item palette__item" href="/inbox/snoozed">' in page
        assert "Nothing found" in ben.get("/inbox/go", {"q": "qqqqq"}).content.decode()


def test_the_palette_by_keys_alone(page: Any, live_desk: Any) -> None:
    cast = make_cast()
    index_messages(list(Message.objects.values_list("pk", flat=True)))
    asked: list[str] = []
    page.on("request", lambda each: "/inbox/go" in each.url and asked.append(each.url))
    sign_in(page, cast.ben)
    page.goto("/inbox/open")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette_found [role=option]")
    before = len(asked)
    page.keyboard.type("przecieka", delay=20)
    option = page.wait_for_selector("[aria-label=Conversations] [role=option][aria-selected=true]")
    assert len(asked) == before + 1, "one request for a pause of typing"
    field = page.locator("[role=combobox]")
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    page.evaluate("window.stays = true")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/C-{cast.tent.pk}*")
    page.wait_for_selector("#composer")
    assert page.evaluate("window.stays"), "opened without loading the page anew"
    page.keyboard.press("Control+k")
    page.keyboard.type("solv")
    page.wait_for_selector("[data-actions] [aria-selected=true] >> text=Solve")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#row_{cast.tent.pk}", state="detached")
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    page.wait_for_selector("go-palette dialog", state="hidden")
    assert page.evaluate("document.activeElement !== document.body")
