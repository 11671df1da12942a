"""The plan of history is the same each time, and believable in its order and numbers."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from rapport.cli.demonstrating.casting import COLLEAGUES, PEOPLE, make_slots
from rapport.cli.demonstrating.planning import beats_of, plan_history
from rapport.cli.demonstrating.telling import LANGUAGES, read_stories, tell

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 7, 5, 23, 59, 59, tzinfo=UTC)


def words_of(now: datetime) -> list[tuple[str, str, list[str]]]:
    return [(p.key, p.subject, [beat.words for beat in p.beats]) for p in plan_history(now)]


def test_two_plans_of_different_days_say_the_same():
    assert words_of(MONDAY) == words_of(SUNDAY_NIGHT)


@pytest.mark.parametrize("now", [MONDAY, SUNDAY_NIGHT])
def test_nothing_is_planned_for_the_future_and_all_of_it_within_weeks(now):
    beats = beats_of(plan_history(now))
    assert beats[-1].at < now
    assert beats[-1].at > now - timedelta(minutes=30)
    assert beats[0].at > now - timedelta(days=36)


@pytest.mark.parametrize("now", [MONDAY, SUNDAY_NIGHT])
def test_the_steps_of_a_conversation_keep_their_order(now):
    for plot in plan_history(now):
        times = [beat.at for beat in plot.beats]
        assert times == sorted(set(times)), plot.key


def test_people_answer_when_they_are_awake():
    finished = [plot for plot in plan_history(MONDAY) if plot.stage == "done"]
    hours = Counter(b.at.hour for p in finished for b in p.beats if b.step.kind == "agent")
    assert all(7 <= hour <= 18 for hour in hours), hours


def test_there_are_four_languages_and_every_state():
    plots = plan_history(MONDAY)
    languages = Counter(plot.story.language for plot in plots)
    assert 250 <= len(plots) <= 400
    assert all(languages[language] >= 45 for language in LANGUAGES)
    stages = Counter(plot.stage for plot in plots)
    assert all(stages[stage] >= 7 for stage in ("new", "mine", "asked", "answered", "snoozed"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_story_can_be_told_by_anybody_without_a_trace_of_its_form(language):
    for story in read_stories(language):
        for persona in PEOPLE[language]:
            dice = random.Random(persona.email)
            slots = make_slots(persona, colleague=COLLEAGUES[1], dice=dice)
            for words in (story.subject, *(step.words for step in story.steps)):
                told = tell(words, slots, dice=dice)
                assert not set("{}|\0") & set(told), (story.key, told)
                assert "[[" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_matters_for_those_who_keep_writing(language):
    stories = read_stories(language)
    assert sum("live" in story.has for story in stories) >= 3
    assert sum("any" in story.has for story in stories) == 1


def test_a_polish_customer_writes_as_the_man_or_woman_that_they_are():
    assert tell("zamówi{g:łem|łam}", {"g": "f"}, dice=random.Random(1)) == "zamówiłam"
    assert tell("[[zamówi{g:łem|łam}]]", {"g": "m"}, dice=random.Random(1)) == "zamówiłem"


def test_all_addresses_are_of_domains_that_nobody_can_own():
    for people in PEOPLE.values():
        assert all(persona.email.endswith(".example") for persona in people)
        assert len({persona.email for persona in people}) == len(people)
