from __future__ import annotations

from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import Fragment, answer, fragments, gone, is_partial

EMPTY = Fragment("kit/_empty.html", {"name": "inbox", "title": "<Nothing>", "text": "yet"})
THERE = Fragment("kit/_empty.html", {"title": "there"}, into="thread")


def test_the_main_fragment_comes_bare_and_the_others_name_their_place(request_of) -> None:
    shown = fragments(request_of(), EMPTY, THERE).content.decode()
    assert shown.index("&lt;Nothing&gt;") < shown.index('hx-target="#thread" hx-swap="outerMorph"')


def test_without_a_main_fragment_nothing_else_is_swapped(request_of) -> None:
    assert fragments(request_of(), None, gone("row_7"))["HX-Reswap"] == "none"
    assert (
        b'hx-target="#row_7" hx-swap="delete"'
        in fragments(request_of(), None, gone("row_7")).content
    )


def test_a_flash_comes_with_the_next_answer(request_of) -> None:
    request = request_of()
    flash(request, "Solved", undo="/x/solution", fields={"a": '"b"'})
    first = fragments(request, None).content.decode()
    assert 'hx-target="#flashes" hx-swap="beforeend"' in first
    assert 'hx-post="/x/solution"' in first
    assert 'value="&quot;b&quot;"' in first


def test_a_page_without_scripts_is_sent_back(request_of) -> None:
    assert answer(request_of(), THERE, otherwise="/inbox/").url == "/inbox/"
    partly = request_of(HX_Request="true", HX_Request_Type="partial")
    assert answer(partly, THERE, otherwise="/inbox/").status_code == 200


def test_back_and_forward_want_the_whole_page(request_of) -> None:
    assert not is_partial(request_of(HX_Request="true", HX_Request_Type="full"))
    assert not is_partial(request_of())
