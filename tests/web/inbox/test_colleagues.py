from __future__ import annotations

from tests.makers import make_agent


def test_a_name_that_is_begun_offers_the_form_that_means_one_colleague(cast, sign_in) -> None:
    for number in (1, 2):
        make_agent("Ewa Lis", email=f"ewa{number}@maple.example", team=cast.support)
    client = sign_in(cast.ben)
    at = f"/inbox/conversations/C-{cast.tent.pk}/colleagues"
    found = client.get(at, {"q": "lis"}).json()["colleagues"]
    assert [each["form"] for each in found] == [
        "Ewa Lis (ewa1@maple.example)",
        "Ewa Lis (ewa2@maple.example)",
    ]
    assert client.get(at, {"q": "cy"}).json()["colleagues"] == [
        {"name": "Cy", "form": "Cy", "may_see": False}
    ]


def test_who_may_not_see_the_conversation_is_offered_nobody(cast, sign_in) -> None:
    at = f"/inbox/conversations/C-{cast.tent.pk}/colleagues"
    assert sign_in(cast.cy).get(at).status_code == 404
    assert sign_in(cast.zoe).get(at).status_code in (403, 404)
