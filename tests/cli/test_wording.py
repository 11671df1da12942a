"""The texts of the benches: many, and the same in each process that makes them."""

from __future__ import annotations

import subprocess
import sys

from rapport.cli.benching.mailing import MailPlan, make_mail
from rapport.cli.benching.wording import TEXTS, text_of
from rapport.kernel.mail.parsing import parse_mail


def test_texts_are_different_and_the_same_for_the_same_number() -> None:
    assert len({text_of(number) for number in range(TEXTS)}) > TEXTS * 0.99
    asked = "from rapport.cli.benching.wording import text_of; print(text_of(77))"
    other = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == text_of(77 + TEXTS)


def test_a_mail_of_the_bench_is_read_as_it_was_written() -> None:
    plan = MailPlan(
        host="h", port=1, path="/", database_url="", clients=1, seconds=1, most=1, people=7
    )
    mail = parse_mail(make_mail(8, plan))
    assert mail.from_ is not None
    assert mail.from_.address == "dora1@customers.example"
    assert text_of(8) in mail.text
