from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from rapport.conversations.models import Attachment, Message
from tests.web.inbox.conftest import HTMX

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PLACE = "0123456789abcdef"


def bring(client, data: bytes = PICTURE, **fields: str):
    file = SimpleUploadedFile("seam.png", data, content_type="image/png")
    return client.post("/inbox/uploads", {"file": file, **fields}, headers=HTMX)


def test_a_file_waits_with_its_writer_and_nobody_else_gets_it(cast, sign_in) -> None:
    ben = sign_in(cast.ben)
    part = bring(ben).content.decode()
    kept = Attachment.objects.get(name="seam.png")
    assert f'name="upload" value="{kept.pk}"' in part
    shown = ben.get(f"/inbox/uploads/{kept.pk}")
    assert b"".join(shown.streaming_content) == PICTURE
    assert shown["Content-Type"] == "image/png"
    for agent in (cast.ada, cast.cy):
        assert sign_in(agent).get(f"/inbox/uploads/{kept.pk}").status_code == 404
        assert sign_in(agent).delete(f"/inbox/uploads/{kept.pk}").status_code == 404
    assert ben.delete(f"/inbox/uploads/{kept.pk}").status_code == 200
    assert not Attachment.objects.filter(pk=kept.pk).exists()


def test_a_pasted_picture_stands_where_it_was_pasted_and_goes_out_there(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    bring(client, cid=PLACE)
    bring(client, cid="ffffffffffffffff")
    numbers = list(Attachment.objects.filter(message=None).values_list("pk", flat=True))
    fields = {"kind": "reply", "text": f"Here:\n\n![seam.png](cid:{PLACE})", "client_key": "k"}
    fields |= {"upload": numbers, "seen": cast.tent.last_message_id}
    at = f"/inbox/conversations/C-{cast.tent.pk}"
    client.post(f"{at}/messages", fields)
    message = Message.objects.get(client_key="k")
    placed, beside = message.attachments.order_by("pk")
    assert (placed.is_inline, beside.is_inline) == (True, False)
    page = client.get(at).content.decode()
    assert f'<img src="/inbox/files/{placed.pk}" alt="seam.png"' in page
    assert f"/inbox/files/{beside.pk}" in page


def test_a_place_is_never_more_than_its_sixteen_signs(cast, sign_in) -> None:
    bring(sign_in(cast.ben), cid='x"><script>')
    assert Attachment.objects.get(name="seam.png").content_id == ""


def test_too_large_none_and_a_stranger(cast, sign_in, client, settings, monkeypatch) -> None:
    assert sign_in(cast.ben).post("/inbox/uploads").status_code == 400
    assert bring(client).status_code == 401
    assert bring(sign_in(cast.zoe)).status_code == 403
    assert not Attachment.objects.filter(message=None).exists()
