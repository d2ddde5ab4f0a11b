import re
from pathlib import Path

from triage import settings

EXAMPLE = Path(__file__).parents[1] / "config" / "triage.example.toml"


def test_the_example_is_a_valid_configuration(tmp_path):
    path = tmp_path / "triage.toml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    found = settings.load(path)
    assert found.channels == {}
    assert found.desk.key.file == tmp_path / "triage.key"


def test_everything_in_the_example_can_be_switched_on(tmp_path):
    path = tmp_path / "triage.toml"
    path.write_text(re.sub(r"(?m)^#(?=[\[a-z])", "", EXAMPLE.read_text(encoding="utf-8")), encoding="utf-8")
    found = settings.load(path)
    assert sorted(found.channels) == ["drop", "support-mail", "telegram", "x"]
    assert found.answers_through("drop") == "support-mail"
    assert found.answers_through("telegram") == "telegram"


def test_a_default_that_the_example_shows_is_the_default(tmp_path):
    path = tmp_path / "triage.toml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    shown = settings.load(path)
    bare = settings.parse({"desk": {"key": {"file": "k"}}}, path)
    assert shown.targets == bare.targets
    assert shown.limits == bare.limits
    assert shown.desk.languages == bare.desk.languages
