"""Recording: only abilities write news into the journal."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

import pytest

from tests.architecture.sources import ROOMS, dotted, files, name_of, report, tree_of
from tests.architecture.test_names import FRAMES, is_gerund

VERBS = ("record", "record_all")
JOURNAL = "rapport.kernel.journal"
#: The journal itself, and the benches, which fill a throw-away database with a million rows.
EXEMPT = ("rapport/kernel/journal/", "rapport/cli/benching/")


def recordings(tree: ast.Module) -> list[int]:
    """The lines that write into the journal, by its functions or behind their back."""
    own = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(JOURNAL)
        for alias in node.names
        if alias.name in VERBS
    }
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in own or name.endswith(tuple(f"journal.{verb}" for verb in VERBS)):
                lines.append(node.lineno)
            if name.endswith(("Entry.objects.create", "Entry.objects.bulk_create")):
                lines.append(node.lineno)
        elif isinstance(node, ast.Constant) and _writes_rows(str(node.value)):
            lines.append(node.lineno)
    return lines


def _writes_rows(text: str) -> bool:
    return "insert into journal_entry" in " ".join(text.lower().split())


def may_record(path: str) -> bool:
    """Whether this module is an ability of a room."""
    parts = PurePosixPath(path).with_suffix("").parts
    in_room = len(parts) > 2 and parts[1] in ROOMS and "models" not in parts
    return in_room and is_gerund(parts[-1]) and parts[-1] not in FRAMES


def test_only_abilities_record():
    faults = [
        f"{name_of(path)}:{line}: only an ability of a room records"
        for path in files("*.py", "rapport")
        if not may_record(name_of(path)) and not name_of(path).startswith(EXEMPT)
        for line in recordings(tree_of(path))
    ]
    assert not faults, report(faults)


def test_solving_records():
    (path,) = files("solving.py", "rapport/conversations")
    assert recordings(tree_of(path))


@pytest.mark.parametrize(
    "bad",
    [
        "from rapport.kernel import journal\njournal.record(x)",
        "from rapport.kernel import journal\njournal.record_all([x])",
        "from rapport.kernel.journal import record as note\nnote(x)",
        "import rapport.kernel.journal\nrapport.kernel.journal.record(x)",
        "Entry.objects.create(kind='x')",
        "cursor.execute('INSERT  INTO\\n journal_entry VALUES (1)')",
    ],
)
def test_the_lint_sees_a_recording(bad):
    assert recordings(ast.parse(bad))


def test_the_lint_lets_other_records_be():
    assert not recordings(ast.parse("recorder.record(x)\nrecord(y)\njournal.follow('z')"))


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("rapport/conversations/solving.py", True),
        ("rapport/channels/email/receiving.py", True),
        ("rapport/conversations/models/solving.py", False),
        ("rapport/conversations/jobs.py", False),
        ("rapport/conversations/access.py", False),
        ("rapport/web/inbox/solving.py", False),
        ("rapport/edge/taking_in.py", False),
        ("rapport/cli/serving.py", False),
    ],
)
def test_the_lint_knows_an_ability(path, answer):
    assert may_record(path) is answer
