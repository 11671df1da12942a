"""What `bin/up` and `bin/test` begin with: the environment in .venv, also where something is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("sh", "dirname", "basename", "cat", "cut", "cksum", "grep", "rm")
#: A Python as Debian has it, with or without the package python3-venv; pip is one that has nothing to do.
PYTHON = """\
#!/bin/sh
case "$*" in *this_python.py) echo "$0|3|11|{has_pip}|True"; exit ;; esac
[ "$1 $2" = "-m venv" ] || exec {python} "$@"
{python} -m venv --without-pip "$3"
[ {has_pip} = True ] || {{ echo "The virtual environment was not created"; exit 1; }}
for packages in "$3"/lib/python3*/site-packages; do : >"$packages/pip.py"; done
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that needs no package, and a PATH with a Python and no uv."""
    folder = tmp_path / "a checkout"
    (folder / "bin").mkdir(parents=True)
    for name in ("_environment", "fastest_python.py", "this_python.py"):
        shutil.copy(ROOT / "bin" / name, folder / "bin")
    (folder / "bin" / "compile_catalogs.py").touch()
    (folder / "rapport").mkdir()
    (folder / "requirements.lock").write_text("# nothing\n")
    (tmp_path / "tools").mkdir()
    for name in TOOLS:
        (tmp_path / "tools" / name).symlink_to(str(shutil.which(name)))
    lay_python(folder)
    return folder


def lay_python(checkout: Path, *, has_ensurepip: bool = True) -> None:
    real = Path(sys.base_prefix, "bin", "python3")
    python = checkout.parent / "tools" / "python3"
    python.write_text(PYTHON.format(python=real, has_pip=has_ensurepip))
    python.chmod(0o755)


def start(checkout: Path) -> tuple[int, str]:
    """What `bin/up` does first: how it ended and what it said."""
    done = subprocess.run(
        ["sh", str(checkout / "bin" / "_environment"), "run"],
        env={"PATH": str(checkout.parent / "tools")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_without_a_python_the_word_is_what_to_install(checkout: Path) -> None:
    (checkout.parent / "tools" / "python3").unlink()
    code, said = start(checkout)
    assert code == 1
    assert "no Python 3.11 or newer" in said


def test_a_python_without_ensurepip_leaves_nothing_that_stops_the_next_start(
    checkout: Path,
) -> None:
    lay_python(checkout, has_ensurepip=False)
    code, said = start(checkout)
    assert code == 1
    assert "apt-get install python3-venv" in said
    lay_python(checkout)
    code, said = start(checkout)
    assert code == 0, said
    assert "installing from requirements.lock" in said
    assert start(checkout) == (0, "")


def test_an_environment_that_was_cut_short_is_made_again(checkout: Path) -> None:
    # As a Ctrl-C leaves it between its making and pip's.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    code, said = start(checkout)
    assert code == 0, said
    assert "making the environment" in said


def test_packages_that_cannot_be_installed_are_asked_for_again_by_the_next_start(
    checkout: Path,
) -> None:
    assert start(checkout)[0] == 0
    (pip,) = (checkout / ".venv" / "lib").glob("python3*/site-packages/pip.py")
    pip.write_text("import sys; sys.exit('--version' not in sys.argv)\n")
    (checkout / "requirements.lock").write_text("# something new\n")
    code, said = start(checkout)
    assert code == 1
    assert "could not be installed" in said
    pip.write_text("")
    assert "installing from" in start(checkout)[1]
    assert start(checkout) == (0, "")


def test_a_moved_checkout_gets_an_environment_of_its_own(checkout: Path) -> None:
    assert start(checkout)[0] == 0
    moved = checkout.rename(checkout.with_name("moved"))
    assert "making the environment" in start(moved)[1]
    assert start(moved) == (0, "")


def test_a_python_that_was_replaced_by_a_newer_one_gets_an_environment(checkout: Path) -> None:
    assert start(checkout)[0] == 0
    (packages,) = (checkout / ".venv" / "lib").glob("python3*")
    packages.rename(packages.with_name("python3.1"))
    assert "making the environment" in start(checkout)[1]
    assert start(checkout) == (0, "")
