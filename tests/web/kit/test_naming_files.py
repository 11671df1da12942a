from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from rapport.web.kit.naming_files import FOR_GOOD, read_files

NAMED = re.compile(r"/static/[\w/-]+(?:\.min)?\.[0-9a-f]{12}\.(?:css|js|svg)")


@pytest.fixture
def start(client: Client, cast) -> str:
    """The sign-in page, which asks for everything that other pages ask for."""
    return client.get("/sign-in/").text


def test_every_file_of_a_page_is_named_by_its_content_and_kept_for_good(
    client: Client, start: str
) -> None:
    asked = re.findall(r'(?:href|src)="(/static/[^"]+)"', start)
    modules = json.loads(re.search(r'type="importmap"[^>]*>(.*?)</script>', start)[1])["imports"]
    assert len(modules) > 10
    for address in [*asked, *modules.values()]:
        assert NAMED.fullmatch(address), address
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer["Cache-Control"] == FOR_GOOD
        assert answer["Content-Type"].startswith(("text/css", "text/javascript", "image/svg"))


def test_no_address_leads_to_another_content_than_it_names(client: Client, start: str) -> None:
    address = re.search(r'src="(/static/js/app[^"]+)"', start)[1]
    assert client.get(re.sub(r"[0-9a-f]{12}", "0" * 12, address)).status_code == 404
    plain = client.get("/static/js/app.js")
    assert "immutable" not in plain["Cache-Control"]
    assert b"".join(plain.streaming_content) == client.get(address).content


def test_an_upgrade_under_a_running_process_does_not_reach_its_pages(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    script = tmp_path / "js" / "app.js"
    script.write_text("old()")
    before = read_files(tmp_path)["js/app.js"]
    script.write_text("new()")
    after = read_files(tmp_path)["js/app.js"]
    assert before.name != after.name
    assert before.body == b"old()"
    script.write_text("old()")
    assert read_files(tmp_path)["js/app.js"] == before
