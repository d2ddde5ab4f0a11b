"""The stories in the text files beside this one, each told on SQLite and on PostgreSQL."""

from collections import Counter
from pathlib import Path

import pytest
from telling import Telling, stories

STORIES = list(stories(Path(__file__).parent))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.file}: {story.title}")
def test_story(story, room):
    telling = Telling(room)
    for number, line in story.lines:
        try:
            telling.tell(line)
        except Exception as error:
            raise AssertionError(f"{story.file}.txt, line {number}: {line}\n{type(error).__name__}: {error}") from error


def test_every_story_has_a_title_of_its_own_and_says_what_must_be_true():
    assert [title for title, n in Counter(story.title for story in STORIES).items() if n > 1] == []
    assert [story.title for story in STORIES if not any(line.startswith("=") for _, line in story.lines)] == []
