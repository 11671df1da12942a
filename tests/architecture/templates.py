"""How a template is read for its faults: Django's tags are masked, the rest is HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

UNSEEN = re.compile(
    r"{#.*?#}|{%\s*comment\b.*?endcomment\s*%}"
    r"|{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%}|{%.*?%}|{{.*?}}",
    re.DOTALL,
)
#: What stands for a tag of Django's inside an attribute.
MASK = "\ue000"
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
#: Elements whose words are the same in every language.
WORDLESS = {"script", "style", "code", "kbd", "pre", "svg", "samp"}
SPOKEN = ("placeholder", "title", "alt", "aria-label", "aria-description")
CHANGES = ("hx-post", "hx-put", "hx-patch", "hx-delete")
NAMES = re.compile(r"\b(Rapport|English|Polski)\b")
LETTERS = re.compile(r"[^\W\d_]{2,}")
UNSAFE = re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off")


def faults_of(text: str) -> list[str]:
    """Each fault as `line: what is wrong`."""
    reader = _Reader()
    reader.feed(UNSEEN.sub(_mask, text))
    reader.close()
    for found in UNSAFE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        reader.faults.append(f"{line}: text of a stranger would be run ({found[0].strip()})")
    return reader.faults


def _mask(found: re.Match[str]) -> str:
    return f" {MASK} " + "\n" * found[0].count("\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self._check_reach(tag, held)
        self._check_words(tag, held)
        self._check_policy(tag, held)
        if tag not in VOID:
            self.open.append((tag, held))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        if any(tag in WORDLESS or held.get("translate") == "no" for tag, held in self.open):
            return
        if found := LETTERS.search(NAMES.sub("", data)):
            self._fault(f"bare words, not translatable: {found[0]!r}")

    def _check_reach(self, tag: str, held: dict[str, str]) -> None:
        forms = [attrs for name, attrs in self.open if name == "form"]
        acts = "action" in held if tag == "form" else any("action" in form for form in forms)
        acts = acts or bool(held.get("formaction"))
        if "hx-get" in held and not held.get("href") and not acts:
            self._fault(f"<{tag} hx-get> has no href and no form: dead without JavaScript")
        if any(name in held for name in CHANGES) and not acts:
            self._fault(f"<{tag} hx-post …> stands in no form with an action")

    def _check_words(self, tag: str, held: dict[str, str]) -> None:
        spoken = [held.get(name, "") for name in SPOKEN]
        if tag == "input" and held.get("type") in ("submit", "button", "reset"):
            spoken.append(held.get("value", ""))
        for words in spoken:
            if MASK not in words and LETTERS.search(NAMES.sub("", words)):
                self._fault(f"bare words in an attribute, not translatable: {words!r}")

    def _check_policy(self, tag: str, held: dict[str, str]) -> None:
        for name in held:
            if name.startswith("on") or name == "style":
                self._fault(f"{name}=… is refused by the content security policy")
        if tag == "script" and "src" not in held and "nonce" not in held:
            self._fault("<script> without a nonce is refused by the content security policy")

    def _fault(self, words: str) -> None:
        self.faults.append(f"{self.getpos()[0]}: {words}")
