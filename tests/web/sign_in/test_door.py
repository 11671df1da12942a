from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from rapport.accounts.changing_roles import deactivate_agent
from rapport.accounts.models import Agent
from rapport.kernel.journal.models import Entry
from tests.cast import Cast
from tests.web.sign_in.conftest import PASSWORD

DOOR = "/sign-in/"


def sign_in(client: Client, email: str, password: str, **more: str):
    return client.post(DOOR, {"login": email, "password": password, **more})


def test_ben_signs_in_and_comes_to_the_page_he_wanted(client: Client, ben: Agent) -> None:
    wanted = client.get("/inbox/all")
    assert wanted.status_code == 302
    assert wanted["Location"] == "/sign-in/?next=/inbox/all"
    page = client.get(wanted["Location"])
    assert b'name="next" value="/inbox/all"' in page.content
    answer = sign_in(client, ben.email.upper(), PASSWORD, next="/inbox/all")
    assert answer["Location"] == "/inbox/all"
    assert client.get("/inbox/all").status_code == 200


def test_a_next_page_elsewhere_is_not_followed(client: Client, ben: Agent) -> None:
    answer = sign_in(client, ben.email, PASSWORD, next="https://evil.example/")
    assert answer["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_look_the_same(client: Client, ben: Agent) -> None:
    def told(email: str) -> str:
        page = sign_in(client, email, "nonsense-nonsense")
        assert page.status_code == 200
        words = page.content.decode().replace(email, "")
        return re.sub(r'(nonce|value)="[^"]*"|"nonce-[^"]*"', "", words)

    assert told(ben.email) == told("nobody@maple.example")
    assert "belong together" in told(ben.email)


def test_tries_at_one_account_are_limited_for_all_processes(client: Client, ben: Agent) -> None:
    for _ in range(10):
        sign_in(client, ben.email, "nonsense-nonsense")
    page = sign_in(client, ben.email, PASSWORD)
    assert "_auth_user_id" not in client.session
    assert b"Too many tries" in page.content


def test_a_form_without_its_token_is_refused(ben: Agent) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, ben.email, PASSWORD).status_code == 403
    assert "_auth_user_id" not in strict.session


def test_signing_out_asks_first_and_ends_the_session(client: Client, ben: Agent) -> None:
    client.force_login(ben)
    assert b"Sign out?" in client.get("/sign-out/").content
    assert "_auth_user_id" in client.session
    assert client.post("/sign-out/")["Location"] == DOOR
    assert client.get("/inbox/all").status_code == 302


def test_a_closed_account_is_told_so_only_with_its_password(
    client: Client, ben: Agent, cast: Cast
) -> None:
    client.force_login(ben)
    deactivate_agent(ben, by=cast.ada.actor)
    assert client.get("/inbox/all").status_code == 302, "an open session ends at once"
    assert sign_in(client, ben.email, PASSWORD)["Location"] == "/sign-in/closed/"
    assert b"closed" in client.get("/sign-in/closed/").content
    assert b"belong together" in sign_in(client, ben.email, "nonsense-nonsense").content


def test_zoe_who_has_no_role_sees_a_friendly_page(client: Client, cast: Cast) -> None:
    client.force_login(cast.zoe)
    page = client.get("/inbox/all")
    assert page.status_code == 403
    assert b"You have no access yet" in page.content
    assert b"/sign-out/" in page.content
    partly = client.get("/inbox/all", headers={"HX-Request": "true"})
    assert partly["HX-Reswap"] == "none"


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_request_login_code",
        "account_confirm_login_code",
        "account_confirm_email",
        "mfa_login_webauthn",
        "mfa_signup_webauthn",
        "mfa_download_recovery_codes",
    ],
)
def test_pages_of_the_library_that_we_do_not_use_have_no_address(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_a_deployment_that_nobody_has_set_up_says_how_to_begin(client: Client, db: None) -> None:
    first = client.get("/", follow=True)
    assert b"rapport setup-link" in first.content
    assert b'name="password"' not in first.content


def test_a_forgotten_password_is_replaced_by_a_mailed_link(
    client: Client, ben: Agent, with_mail: None, queued_mails
) -> None:
    answer = client.post(
        "/password/forgotten/", {"email": ben.email}, headers={"host": "localhost"}
    )
    assert answer["Location"] == "/password/forgotten/sent/"
    (mail,) = queued_mails()
    assert mail["to"] == ben.email
    link = re.search(r"http://127\.0\.0\.1:8000(/password/new/\S+)", mail["text"])[1]
    form = client.get(link, follow=True)
    assert link.split("-", 1)[1].rstrip("/") not in form.request["PATH_INFO"], (
        "the key leaves the address"
    )
    new = {"password1": "stove-pipes-in-snow", "password2": "stove-pipes-in-snow"}
    done = client.post(form.request["PATH_INFO"], new)
    assert done["Location"] == "/password/new/done/"
    ben.refresh_from_db()
    assert ben.check_password("stove-pipes-in-snow")
    assert Entry.objects.filter(kind="accounts.password_changed", subject_id=ben.pk).exists()
    assert b"used or too old" in client.get(link, follow=True).content
    assert [m["subject"] for m in queued_mails()][1:] == [
        "Maple Outdoors: your password was changed"
    ]


def test_asking_for_a_link_tells_nothing_about_an_address(
    client: Client, ben: Agent, with_mail: None, queued_mails
) -> None:
    known = client.post("/password/forgotten/", {"email": ben.email})
    unknown = client.post("/password/forgotten/", {"email": "nobody@maple.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [mail["to"] for mail in queued_mails()] == [ben.email]


def test_a_deployment_without_mail_says_whom_to_ask(
    client: Client, ben: Agent, queued_mails
) -> None:
    assert b"sends no mail of its own" in client.get("/password/forgotten/").content
    client.post("/password/forgotten/", {"email": ben.email})
    assert not queued_mails()


def test_the_door_costs_the_same_number_of_questions(
    client: Client, ben: Agent, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(4):
        client.get(DOOR)
