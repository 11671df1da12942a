"""Files in S3-compatible storage: kept once, found again, and waited for while it is away."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.kernel.buckets import KEY, SECRET, Bucket, running_bucket

Run = Callable[..., str]
BEGIN = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.settings"
import django
django.setup()
from rapport.kernel.storage import name_of, open_file, store_file
def outcome(act):
    try:
        return act()
    except OSError as error:
        return type(error).__name__
"""


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with running_bucket() as running:
        yield running


@pytest.fixture
def run(bucket: Bucket) -> Run:
    """Run a program whose files lie in the bucket; returns what it prints."""

    def run(program: str, *, secret: str = SECRET) -> str:
        settings = {
            "RAPPORT_S3_BUCKET": "files",
            "RAPPORT_S3_ENDPOINT": bucket.url,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_MAX_ATTEMPTS": "1",
        }
        ended = subprocess.run(
            [sys.executable, "-c", BEGIN + program],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    return run


def test_a_file_is_kept_once_and_found_again(bucket: Bucket, run: Run) -> None:
    told = run("""
name = store_file(b"seam " * 3_000_000)
assert store_file(b"seam " * 3_000_000) == name
with open_file(name) as file:
    assert file.read() == b"seam " * 3_000_000
print(name)
""")
    content = b"seam " * 3_000_000
    assert bucket.files == {told: content}
    assert told.endswith(hashlib.sha256(content).hexdigest())
    assert [method for method, _ in bucket.asked].count("POST") == 2


def test_what_is_not_there_and_what_is_away_are_told_apart(bucket: Bucket, run: Run) -> None:
    look = 'print(outcome(lambda: open_file(name_of("0" * 64))), outcome(lambda: store_file(b"x")))'
    assert run(look).split()[0] == "FileNotFoundError"
    bucket.files.clear()
    bucket.is_away = True
    assert run(look) == "OSError OSError"
    assert bucket.files == {}


def test_a_wrong_key_keeps_nothing_and_is_no_missing_file(bucket: Bucket, run: Run) -> None:
    look = 'print(outcome(lambda: store_file(b"x")))'
    assert run(look, secret="wrong") == "OSError"
    assert bucket.files == {}


def test_the_doctor_proves_it(bucket: Bucket, run: Run) -> None:
    told = run("""
from rapport.kernel.checks import check_files
print([(finding.verdict, finding.words) for finding in check_files()])
""")
    assert told == "[('ok', 'written and read in S3 bucket files')]"
    assert {method for method, _ in bucket.asked} >= {"PUT", "GET", "DELETE"}
    assert bucket.files == {}
