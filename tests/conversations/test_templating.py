from __future__ import annotations

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.filling import fill_template, unfilled_in
from rapport.conversations.models import Template
from rapport.conversations.templating import (
    TemplateIncomplete,
    TemplateTooLong,
    find_templates,
    may_change,
    save_template,
    templates_for,
    text_for,
    throw_away_template,
)
from rapport.kernel.journal.models import Entry


def make(agent, title: str = "Refund", **fields):
    fields.setdefault("texts", {"en": "Hello", "pl": "Dzień dobry"})
    return save_template(None, title=title, by=agent.actor, **fields)


def titles(agent) -> list[str]:
    return [each.title for each in templates_for(agent)]


def test_each_uses_the_own_ones_those_of_the_team_and_everybodys(cast) -> None:
    make(cast.ada, "All")
    make(cast.ben, "Support's", team=cast.support)
    make(cast.ben, "Ben's", is_private=True)
    make(cast.ada, "Ada's", is_private=True)
    assert titles(cast.ben) == ["All", "Ben's", "Support's"]
    assert titles(cast.cy) == ["All"]
    assert titles(cast.zoe) == []
    assert titles(cast.ada) == ["Ada's", "All", "Support's"]


def test_nobody_writes_for_more_than_may_hear_it(cast) -> None:
    with pytest.raises(NotAllowed):
        make(cast.ben, "For all")
    with pytest.raises(NotAllowed):
        make(cast.ben, "For Returns", team=cast.returns)
    with pytest.raises(NotAllowed):
        make(cast.zoe, is_private=True)
    private = make(cast.ben, is_private=True)
    for stranger in (cast.ada, cast.cy):
        assert not may_change(private, agent=stranger)
        with pytest.raises(NotAllowed):
            save_template(private, title="x", texts={"en": "x"}, by=stranger.actor, is_private=True)
        with pytest.raises(NotAllowed):
            throw_away_template(private, by=stranger.actor)
    assert Template.objects.get().owner == cast.ben


def test_a_private_one_is_thrown_away_once_and_its_words_are_nowhere(cast) -> None:
    private = make(cast.ben, "Whisper", is_private=True)
    throw_away_template(private, by=cast.ben.actor)
    kinds = Entry.objects.filter(subject_kind="template").values_list("kind", "details")
    assert [kind for kind, _ in kinds] == [
        "conversations.template_saved", "conversations.template_thrown_away",
    ]  # fmt: skip
    assert "Whisper" not in str(list(kinds))


def test_without_words_or_with_too_many_it_is_refused(cast) -> None:
    for fields in ({"title": " "}, {"texts": {"en": "  "}}, {"texts": {}}):
        with pytest.raises(TemplateIncomplete):
            make(cast.ada, **fields)
    with pytest.raises(TemplateTooLong):
        make(cast.ada, texts={"en": "x" * 20_001})


def test_a_shortcut_comes_before_a_name(cast) -> None:
    make(cast.ada, "Address change")
    make(cast.ada, "Zwrot pieniędzy", shortcut="/ad dr")
    make(cast.ada, "Other")
    found = [each.title for each in find_templates(cast.ben, begins="addr")]
    assert found == ["Zwrot pieniędzy", "Address change"]
    assert [each.title for each in find_templates(cast.ben, begins="pieniedzy")] == [
        "Zwrot pieniędzy"
    ]


@pytest.mark.parametrize(
    ("language", "said"), [("pl", "Cześć"), ("zh-Hant", "您好"), ("zh-Hans", "您好"), ("de", "Hi")]
)
def test_the_words_are_in_the_readers_language(cast, language, said) -> None:
    template = make(cast.ada, texts={"en": "Hi", "pl": "Cześć", "zh-Hant": "您好"})
    assert text_for(template, language=language) == said


def test_what_is_known_is_filled_in_and_what_is_not_is_named(cast) -> None:
    cast.dora.attributes = {"last order": "A-17", "gone": None}
    cast.dora.save()
    cast.tent.refresh_from_db()
    text = (
        "Hi {{customer.first_name}}, {{ customer.last order }} {{customer.gone}} "
        "{{customer.nick|friend}} {{agent.name}} {{conversation.ref}} {{brand.name}} {{what}}"
    )
    filled = fill_template(text, conversation=cast.tent, agent=cast.ben)
    assert filled.text.startswith("Hi Dora, A-17 {{customer.gone}} friend Ben C-")
    assert set(filled.missing) >= {"customer.gone", "what"}
    assert set(unfilled_in(filled.text)) == set(filled.missing)


@pytest.mark.parametrize(
    "name", ["[click](https://evil.example)", "**x**", "{{agent.name}}", "<b>x</b>", "`x`"]
)
def test_a_strangers_name_is_neither_markdown_nor_a_variable(cast, name) -> None:
    cast.tent.customer.name = name
    filled = fill_template("Hi {{customer.name}}", conversation=cast.tent, agent=cast.ben)
    assert not unfilled_in(filled.text)
    assert name not in filled.text


def test_who_has_only_an_address_has_no_name(cast) -> None:
    cast.tent.customer.name = "dora@poczta.example"
    filled = fill_template("Hi {{customer.name}}", conversation=cast.tent, agent=cast.ben)
    assert filled.missing == ("customer.name",)
