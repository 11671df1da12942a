"""Sizes: nothing may grow into the file that everybody edits (caps of DESIGN §7)."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.sources import (
    files,
    functions,
    length_of,
    name_of,
    report,
    text_of,
    tree_of,
)

MODULE, FUNCTION, VIEW = 400, 60, 30
TEST_MODULE, TEST = 500, 55
FRAGMENT, PAGE, CSS, JS, SCRIPT = 100, 150, 350, 200, 60
ALL_JS = 4_000


def is_long(text: str, cap: int) -> bool:
    return len(text.splitlines()) > cap


def long_files(paths: list[Path], cap: int) -> list[str]:
    return [
        f"{name_of(path)}: longer than {cap} lines" for path in paths if is_long(text_of(path), cap)
    ]


def long_functions(tree: ast.Module, where: str, *, web: bool = False) -> list[str]:
    faults = []
    for node in functions(tree):
        cap = TEST if node.name.startswith("test_") else FUNCTION
        if web and is_view(node):
            cap = VIEW
        lines = length_of(node)
        if lines > cap:
            faults.append(f"{where}:{node.lineno}: {node.name} has {lines} lines, the cap is {cap}")
    return faults


def is_view(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A view takes the request first; a method of a view class takes it second."""
    names = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args][:2]]
    return names[:1] == ["request"] or names == ["self", "request"]


def test_no_module_is_longer_than_its_cap():
    faults = long_files(files("*.py", "rapport", "bench"), MODULE)
    faults += long_files(files("*.py", "tests"), TEST_MODULE)
    assert not faults, report(faults)


def test_no_function_view_or_test_is_longer_than_its_cap():
    faults = []
    for path in files("*.py", "rapport", "bench", "bin", "tests"):
        where = name_of(path)
        faults += long_functions(tree_of(path), where, web=where.startswith("rapport/web/"))
    assert not faults, report(faults)


def test_no_template_style_sheet_or_script_is_longer_than_its_cap():
    templates = files("*.html", "rapport")
    faults = long_files([path for path in templates if path.name.startswith("_")], FRAGMENT)
    faults += long_files([path for path in templates if not path.name.startswith("_")], PAGE)
    faults += long_files(files("*.css", "rapport"), CSS)
    faults += long_files(files("*.js", "rapport"), JS)
    assert not faults, report(faults)


def test_all_scripts_together_stay_small():
    assert sum(len(text_of(path).splitlines()) for path in files("*.js", "rapport")) <= ALL_JS


def test_no_command_of_the_checkout_is_longer_than_its_cap():
    faults = long_files(files("*", "bin", ".ci"), SCRIPT)
    assert not faults, report(faults)


def test_the_lint_measures_functions_tests_and_views():
    body = "".join(f"    x = {n}\n" for n in range(30))
    view = ast.parse(f"def show(request):\n{body}")
    assert long_functions(view, "a.py", web=True)
    assert not long_functions(view, "a.py")
    method = ast.parse(f"class A:\n    def get(self, request):\n        x = 1\n    {body}")
    assert long_functions(ast.parse(f"def test_it():\n{body}{body}"), "a.py")
    assert not long_functions(method, "a.py")


def test_the_lint_measures_files():
    assert is_long("x = 1\n" * 401, MODULE)
    assert not is_long("x = 1\n" * 400, MODULE)
