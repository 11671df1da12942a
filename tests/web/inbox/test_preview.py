from __future__ import annotations

from rapport.channels.email.configuring import MailConfig
from rapport.channels.email.writing import keep_message_id, write_mail
from rapport.conversations.replying import reply
from rapport.conversations.uploading import keep_upload
from rapport.kernel.mail.parsing import parse_mail
from tests.web.inbox.conftest import HTMX

TEXT = "Hello **Dora**,\n\n- one\n- two\n\n<script>alert(1)</script> [x](javascript:alert(1))"


def preview(client, cast, **fields: object) -> str:
    at = f"/inbox/conversations/C-{cast.tent.pk}/preview"
    return client.post(at, {"kind": "reply", **fields}, headers=HTMX).content.decode()


def test_the_preview_is_what_the_mail_will_say(cast, sign_in) -> None:
    shown = preview(sign_in(cast.ben), cast, text=TEXT)
    assert "<strong>Dora</strong>" in shown
    assert "Maple Outdoors, Kraków" in shown
    message = reply(cast.tent, by=cast.ben.actor, text=TEXT)
    keep_message_id(message, channel=cast.mail)
    raw = write_mail(message, channel=cast.mail, settings=MailConfig()).raw
    sent = parse_mail(raw).html
    words = "<li>one</li>"
    assert words in shown
    assert words in sent.replace("\n", "")


def test_nothing_of_the_words_runs(cast, sign_in) -> None:
    shown = preview(sign_in(cast.ben), cast, text=TEXT)
    assert "<script" not in shown
    assert 'href="javascript' not in shown


def test_a_note_has_no_signature_and_a_picture_its_place(cast, sign_in) -> None:
    assert "Kraków" not in preview(sign_in(cast.ben), cast, text="x", kind="note")
    place = "0123456789abcdef"
    kept = {"name": "a.png", "content_type": "image/png", "content_id": place}
    upload = keep_upload(b"x", by=cast.ben.actor, **kept)
    shown = preview(sign_in(cast.ben), cast, text=f"![a](cid:{place})", upload=upload.pk)
    assert f'src="/inbox/uploads/{upload.pk}"' in shown
    others = preview(sign_in(cast.ada), cast, text=f"![a](cid:{place})", upload=upload.pk)
    assert f"/inbox/uploads/{upload.pk}" not in others


def test_who_may_not_see_it_previews_nothing(cast, sign_in) -> None:
    at = f"/inbox/conversations/C-{cast.tent.pk}/preview"
    assert sign_in(cast.cy).post(at, {"text": "x"}).status_code == 404
