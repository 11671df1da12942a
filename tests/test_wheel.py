"""`pip install` gives the same program as a checkout."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all files in a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    if shutil.which("uv"):
        words = ["uv", "build", "--wheel", "--out-dir", str(folder), str(ROOT)]
    elif importlib.util.find_spec("pip"):
        words = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(folder), str(ROOT)]
    else:
        pytest.skip("neither uv nor pip is here to build a wheel")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode and os.environ.get("CI") != "true" and "resolve" in done.stderr.lower():
        pytest.skip("the tools that build a wheel cannot be fetched just now")
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("rapport-*.whl")
    return set(zipfile.ZipFile(built).namelist())


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: set[str]) -> None:
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "rapport").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert not ours - wheel
    assert not {name for name in wheel if not name.startswith(("rapport/", "rapport-"))}


def test_the_wheel_holds_compiled_translations(wheel: set[str]) -> None:
    sources = {name for name in wheel if name.endswith(".po")}
    assert {name.replace(".po", ".mo") for name in sources} <= wheel


def test_the_wheel_brings_the_command(wheel: set[str]) -> None:
    assert any(name.endswith("/entry_points.txt") for name in wheel)
    assert "rapport/web/templates/base.html" in wheel
    assert any(name.startswith("rapport/web/static/") for name in wheel)
