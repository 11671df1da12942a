"""Dependencies: few, pinned with hashes, and told without an address."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.sources import ROOT, text_of

CAP = 35
LOCKS = ("requirements.lock", "requirements-dev.lock")
ADDRESSES = ("://", "--index-url", "--extra-index-url", "--find-links", "--trusted-host", "file:")


def project() -> dict:
    return tomllib.loads(text_of(ROOT / "pyproject.toml"))


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", line)[0].lower().replace("_", "-") for line in requirements}


def pins(lock: str) -> dict[str, str]:
    """Each requirement of a lock with all of its lines."""
    joined = lock.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line and line[0] not in "# "]
    return {re.match(r"[\w.-]+", line)[0].lower().replace("_", "-"): line for line in lines}


def loose(lock: str) -> list[str]:
    """What a lock leaves open: a version, a hash, or an address that binds it to one place."""
    faults = [f"{name}: no exact version" for name, line in pins(lock).items() if "==" not in line]
    faults += [
        f"{name}: no hash" for name, line in pins(lock).items() if "--hash=sha256:" not in line
    ]
    return faults + [word for word in ADDRESSES if word in lock]


def test_the_program_needs_few_others():
    needed = project()["project"]["dependencies"]
    assert len(names(needed)) <= CAP


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_no_address(lock):
    assert not loose(text_of(ROOT / lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_every_dependency(lock):
    told = project()
    wanted = names(told["project"]["dependencies"])
    if lock == "requirements-dev.lock":
        wanted |= names(told["dependency-groups"]["dev"])
    assert not wanted - set(pins(text_of(ROOT / lock)))


def test_both_locks_pin_the_same_versions():
    run, dev = (pins(text_of(ROOT / lock)) for lock in LOCKS)
    assert not {name for name in run if run[name].split()[0] != dev.get(name, "-").split()[0]}


@pytest.mark.parametrize(
    "bad",
    [
        "django==5.2.1\n",
        "django>=5.2 --hash=sha256:aa\n",
        "--index-url https://example.com\ndjango==5.2.1 --hash=sha256:aa\n",
        "django @ file:///django.whl --hash=sha256:aa\n",
    ],
)
def test_the_lint_sees_a_loose_lock(bad):
    assert loose(bad)


def test_the_lint_knows_a_tight_lock():
    assert not loose("# made by hand\ndjango==5.2.1 \\\n    --hash=sha256:aa\n    # via rapport\n")
