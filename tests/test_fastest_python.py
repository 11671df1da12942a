"""Which Python the environment is made with: programs on a PATH that answer as interpreters do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "bin" / "fastest_python.py"


def put_python(
    folder: Path, *, seconds: str, name: str = "python3", said: str = "3|11|True|True"
) -> Path:
    folder.mkdir(exist_ok=True)
    python = folder / name
    python.write_text(
        f'#!/bin/sh\ncase "$*" in *--time*) echo {seconds};; *) echo "$0|{said}";; esac\n'
    )
    python.chmod(0o755)
    return python


def chosen(*folders: Path, options: tuple[str, ...] = (), **environment: str) -> str:
    path = os.pathsep.join(map(str, folders))
    done = subprocess.run(
        [sys.executable, SCRIPT, *options],
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_a_build_that_is_clearly_faster_is_taken_before_the_usual_one(tmp_path):
    put_python(tmp_path / "a", seconds="0.0100")
    fast = put_python(tmp_path / "b", seconds="0.0080")
    assert chosen(tmp_path / "a", tmp_path / "b") == str(fast)


def test_the_usual_one_stays_where_the_other_is_hardly_faster(tmp_path):
    usual = put_python(tmp_path / "a", seconds="0.0100")
    put_python(tmp_path / "b", seconds="0.0097")
    assert chosen(tmp_path / "a", tmp_path / "b") == str(usual)


@pytest.mark.parametrize(
    "said",
    ["3|15|True|True", "3|12|False|True", "3|13|True|False"],
    ids=["untried", "without pip", "a preview"],
)
def test_a_fast_one_that_might_not_serve_is_not_taken(tmp_path, said):
    usual = put_python(tmp_path / "a", seconds="0.0100")
    put_python(tmp_path / "b", seconds="0.0010", name="python3.12", said=said)
    assert chosen(tmp_path / "a", tmp_path / "b") == str(usual)


def test_where_uv_makes_the_environment_no_pip_is_asked_for(tmp_path):
    put_python(tmp_path / "a", seconds="0.0100")
    bare = put_python(tmp_path / "b", seconds="0.0010", said="3|12|False|True")
    assert chosen(tmp_path / "a", tmp_path / "b", options=("--uv",)) == str(bare)


def test_a_launcher_of_a_python_that_is_not_there_is_passed_over(tmp_path):
    broken = put_python(tmp_path / "a", seconds="0.0001")
    broken.write_text("#!/bin/sh\nexit 127\n")
    good = put_python(tmp_path / "b", seconds="0.0100")
    assert chosen(tmp_path / "a", tmp_path / "b") == str(good)


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_the_python_of_an_active_environment_is_not_weighed(tmp_path, name):
    usual = put_python(tmp_path / "a", seconds="0.0100")
    put_python(tmp_path / "b", seconds="0.0010")
    assert chosen(tmp_path / "a", tmp_path / "b", **{name: "/somewhere"}) == str(usual)


def test_whoever_names_a_python_gets_it(tmp_path):
    put_python(tmp_path / "a", seconds="0.0010")
    named = put_python(tmp_path / "b", seconds="0.0100", name="python-of-mine")
    assert chosen(tmp_path / "a", PYTHON=str(named)) == str(named)


def test_where_none_serves_nothing_is_said_and_it_fails(tmp_path):
    assert chosen(tmp_path) == ""
