"""A stranger's HTML: nothing runs, nothing is fetched, and the words stay."""

from __future__ import annotations

import re

import pytest

from rapport.kernel.mail.flattening import flatten_html
from rapport.kernel.mail.sanitizing import sanitize_html


@pytest.mark.parametrize(
    "dirty",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" java&#10;script:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<iframe src="https://evil.example"></iframe>',
        '<form action="https://evil.example"><input name=password><button>Sign in</button></form>',
        '<meta http-equiv=refresh content="0;url=https://evil.example">',
        '<link rel=stylesheet href="https://evil.example/x.css">',
        "<style>@import url(https://evil.example/x.css); * { display: none }</style>",
        '<base href="https://evil.example/">',
        '<object data="https://evil.example/x.swf"></object>',
        '<svg onload="alert(1)"><image href="https://evil.example/x.png"/></svg>',
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math>",
        '<div style="position:fixed;top:0;z-index:9">x</div>',
        '<div style="background:url(https://evil.example/x.png)">x</div>',
        '<div style="background-color:\\75rl(https://evil.example/x.png)">x</div>',
        '<div style="border-image:url(https://evil.example/x.png)">x</div>',
        '<div style="color:expression(alert(1))">x</div>',
        '<table background="https://evil.example/x.png"><tr><td background="//evil.example">x</table>',
        '<img srcset="https://evil.example/x.png 2x">',
        '<video poster="https://evil.example/x.png" src="https://evil.example/x.mp4"></video>',
        '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
        '<img src="file:///etc/passwd">',
        '<div id="main" class="sidebar">x</div>',
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
        "<!--><img src=x onerror=alert(1)>-->",
    ],
)  # fmt: skip
def test_nothing_of_a_stranger_runs_or_is_fetched(dirty: str) -> None:
    clean = sanitize_html(f"<p>Hello</p>{dirty}").html
    tags = "".join(re.findall(r"<[^>]*>", clean))
    for bad in ("script", "onerror", "onload", "javascript", "url(", "position", "form", "input",
                "iframe", "meta", "link", "base", "object", "svg+xml", "file:", "srcset", "poster",
                "background=", "expression", "sidebar", 'id="main"', "data:text"):  # fmt: skip
        assert bad not in tags, bad
    assert not re.search(r'(?<!-)src="(?!cid:|data:image)', clean)
    assert "<p>Hello</p>" in clean


@pytest.mark.parametrize(
    "source",
    [
        "https://a.example/x.png",
        "http://a.example/x.png?a=1&b=2",
        "//a.example/x",
        "HTTPS://A.example/",
    ],
)
def test_remote_images_are_held(source: str) -> None:
    clean = sanitize_html(f'<img alt="a > b" src="{source}" width=1>')
    assert clean.has_held_images
    assert "data-held-src=" in clean.html
    assert " src=" not in clean.html


def test_an_alternative_text_cannot_bring_a_source_back() -> None:
    clean = sanitize_html(
        '<img alt=\' src="https://evil.example/x.png" \' src="https://a.example/x.png">'
    )
    assert not re.search(r'<img[^>]* src="http', clean.html)
    assert clean.html.count("data-held-src=") == 1


def test_pictures_that_came_along_keep_their_address() -> None:
    clean = sanitize_html('<img src="cid:<part1@example.com>"><img src="CID:part2">')
    assert clean.html == '<img src="cid:part1@example.com"><img src="cid:part2">'
    assert not clean.has_held_images


def test_small_pictures_inside_the_mail_stay() -> None:
    assert "data:image/png" in sanitize_html('<img src="data:image/png;base64,iVBORw0KGgo=">').html


def test_links_open_outside_and_tell_nothing() -> None:
    clean = sanitize_html('<a href="https://example.com/?a=1&amp;b=2" onclick=x>x</a>').html
    assert 'rel="noopener noreferrer nofollow"' in clean
    assert 'target="_blank"' in clean
    assert 'href="https://example.com/?a=1&amp;b=2"' in clean


def test_formatting_that_readers_need_stays() -> None:
    dirty = (
        '<table border=1 width="80%"><tr><td colspan=2 style="text-align:right;color:#c00">x</td></tr></table>'
        "<ol start=3><li><b>a</b></li></ol><blockquote type=cite>q</blockquote><pre>a\n b</pre>"
    )
    clean = sanitize_html(dirty).html
    for kept in (
        "<td colspan",
        "text-align:right",
        "color:#c00",
        '<ol start="3">',
        "<blockquote",
        "a\n b",
    ):
        assert kept in clean


def test_what_the_writer_hid_stays_hidden_and_unread() -> None:
    clean = sanitize_html('<div style="display:none;max-height:0">Preview</div><p>Hello</p>').html
    assert "display:none" in clean
    assert flatten_html(clean) == "Hello"


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 100_000,
        "&amp;" * 300_000,
        "<b>x" * 200_000,
        "<table><tr><td>" * 50_000,
        "<" * 500_000,
    ],
)
@pytest.mark.timeout(60)  # without its guard each of them takes minutes
def test_a_bomb_of_tags_ends(bomb: str) -> None:
    assert sanitize_html(f"<p>Hello</p>{bomb}").html.count("Hello") == 1


def test_chinese_written_in_numbers_is_chinese() -> None:
    clean = sanitize_html("<p>" + "&#20013;" * 60_000 + "</p>").html
    assert clean.count("中") == 60_000


@pytest.mark.parametrize(
    ("dirty", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br><br>Three", "One\nTwo\n\nThree"),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ('See <a href="https://example.com/x">this page</a>.', "See this page <https://example.com/x>."),
        ('<a href="https://example.com/">https://example.com</a>', "https://example.com"),
        ('<a href="mailto:a@b.c">a@b.c</a>', "a@b.c"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("  a \n b&nbsp;c  ", "a b c"),
        ("Hi<blockquote>old<blockquote>older</blockquote></blockquote>", "Hi\n> old\n>> older"),
        ('Hi<div class="gmail_quote">On x wrote:<br>old</div>', "Hi\n> On x wrote:\n> old"),
        ('Hi<div id="appendonsend"></div><div>From: x</div>', "Hi\n> From: x"),
        ('<img src="cid:x" alt="The box">', "[The box]"),
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
    ],
)  # fmt: skip
def test_html_reads_as_text(dirty: str, text: str) -> None:
    assert flatten_html(sanitize_html(dirty).html) == text
