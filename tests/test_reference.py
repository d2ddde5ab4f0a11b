from pathlib import Path

import pytest

from triage import reference

FOLDER = Path(__file__).parents[1] / "docs" / "reference"


@pytest.mark.parametrize("page", ["configuration.md", "cli.md", "errors.md", "log-events.md"])
def test_the_pages_say_what_the_code_does(page):
    written = (FOLDER / page).read_text(encoding="utf-8")
    assert written == reference.pages()[page], "run: python -m triage.reference docs/reference"


def test_every_key_of_the_tables_is_explained():
    rows = reference.pages()["configuration.md"].split("## `[channels")[0].splitlines()
    assert [row for row in rows if row.startswith("| `") and row.endswith("|  |")] == []


def test_no_page_names_a_place_of_the_machine_it_was_made_on():
    assert not any(str(Path(__file__).parents[1]) in text for text in reference.pages().values())
