from __future__ import annotations

from rapport.kernel.text.naming_emoji import find_emoji
from tests.web.inbox.conftest import HTMX


def offers(client, cast, sign: str, begins: str) -> str:
    at = f"/inbox/conversations/C-{cast.tent.pk}/offers"
    return client.get(at, {"sign": sign, "q": begins}, headers=HTMX).content.decode()


def test_emoji_are_found_by_what_people_call_them(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    assert 'data-inserts="😄"' in offers(client, cast, ":", "smile")
    assert 'data-inserts="⛺"' in offers(client, cast, ":", "tent")
    assert 'data-inserts="🙂"' in offers(client, cast, ":", "")
    assert "data-inserts" not in offers(client, cast, ":", "-) (")


def test_colleagues_who_may_see_it_are_offered_in_a_note(cast, sign_in) -> None:
    found = offers(sign_in(cast.ben), cast, "@", "")
    assert 'data-inserts="@Ada "' in found
    assert "Cy" not in found


def test_a_sign_that_means_nothing_offers_nothing(cast, sign_in) -> None:
    assert "option" not in offers(sign_in(cast.ben), cast, "#", "x")
    at = f"/inbox/conversations/C-{cast.tent.pk}/offers"
    assert sign_in(cast.cy).get(at, {"sign": ":"}).status_code == 404


def test_every_emoji_is_one_wide_sign_with_a_name() -> None:
    found = find_emoji("face", limit=500)
    assert len(found) > 50
    assert all(len(each.sign) == 1 and each.name for each in found)
