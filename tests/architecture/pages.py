"""How the project's pages are read: headings, links, and what must not stand in them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.sources import ROOT, text_of, tree_of

#: Hosts that packages are fetched from; which one serves is the operator's business.
REGISTRIES = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|test\.pypi|npmjs\.(?:com|org)|docker\.io|ghcr\.io|"
    r"quay\.io|crates\.io|conda\.(?:io|org)|rubygems\.org|proxy\.golang\.org)\b",
    re.IGNORECASE,
)
#: A path from the root, with its first folder; addresses of ours look alike.
ABSOLUTE = re.compile(r"(?<![\w.:/…<}>)*\-])/([A-Za-z][\w.-]*)")
#: Folders that every system has, and the first parts of our own addresses.
KNOWN = {"backups", "dev", "etc", "opt", "run", "root", "srv", "tmp", "usr", "var"}
KNOWN |= {"anymail", "api", "files", "healthz", "hooks", "inbox", "live", "metrics", "readyz"}
KNOWN |= {"join", "settings", "setup", "sign-in", "static"}
#: The beginnings of JSON pointers in problems.
KNOWN |= {"attachments", "body", "contact", "external_id", "text"}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```|^(?: {4}|\t)[^\n]*$", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    """Every page of the project for people."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def anchors_of(page: Path) -> set[str]:
    """The names under which the headings of a page are reached."""
    prose = FENCE.sub("", text_of(page))
    return {_anchor(words) for words in re.findall(r"^#{1,6} (.+)$", prose, re.MULTILINE)}


def _anchor(words: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", words.strip().lower())
    return kept.replace(" ", "-")


def dead_links(page: Path) -> list[str]:
    """Links of a page to a file or heading that is not there."""
    faults = []
    for target in LINK.findall(FENCE.sub("", text_of(page))):
        path, _, anchor = target.partition("#")
        if path.startswith(("https://", "http://", "mailto:")):
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            faults.append(f"{target}: there is no such file")
        elif anchor and anchor not in anchors_of(file):
            faults.append(f"{target}: there is no such heading")
    return faults


def strange_words(text: str) -> list[str]:
    """Registry hosts and paths of one machine."""
    found = [match[0] for match in REGISTRIES.finditer(text)]
    return found + [match[0] for match in ABSOLUTE.finditer(text) if match[1] not in KNOWN]


def sections(page: str) -> dict[str, str]:
    """What stands under each heading in code marks of a page in docs/."""
    parts = re.split(r"^#{2,4} `([^`]+)`$", text_of(ROOT / "docs" / page), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def named_code(text: str) -> set[tuple[str, str]]:
    """`room/module.py:function` and `room/test_x.py::test_y`, as (file below the checkout, name)."""
    ours = re.findall(r"`([\w/]+\.py):(\w+(?:\.\w+)?)`", text)
    tests = re.findall(r"`([\w/]+\.py)::(\w+)`", text)
    return {(f"rapport/{path}", name) for path, name in ours} | {
        (f"tests/{path}", name) for path, name in tests
    }


def is_defined(path: str, name: str) -> bool:
    """Whether a file holds this function, class, or method of a class."""
    if not (ROOT / path).is_file():
        return False
    found: list[ast.stmt] = list(tree_of(ROOT / path).body)
    for part in name.split("."):
        nodes = [node for node in found if getattr(node, "name", "") == part]
        if not nodes:
            return False
        found = list(getattr(nodes[0], "body", []))
    return True
