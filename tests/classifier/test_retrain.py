"""A whole retraining on little data: what is written, which gates refuse, and that attacks on the labels fail."""

import json
import shutil
from dataclasses import replace

import pytest
from builders import NOW, a_verdict

from triage.case import Urgency
from triage.classifier import artefact, dataset, gates, predict
from triage.classifier.dataset import Row
from triage.classifier.evaluate import Question
from triage.classifier.feedback import Judged, Opinion, lessons
from triage.classifier.gates import Gate
from triage.classifier.retrain import retrain
from triage.errors import ConfigError
from triage.rules.language import LANGUAGES

SUBJECTS = {
    "billing": ("invoice", "card", "payment", "price", "discount", "double charge", "refund", "receipt", "tax", "fee"),
    "delivery": ("parcel", "courier", "address", "shipping", "tracking", "doorstep", "box", "van", "label", "pickup"),
    "outage": ("server", "login page", "error 500", "timeout", "blank screen", "line", "site", "loading", "app", "dns"),
}
FRAMES = (
    "hello, I have a question about the {0}", "the {0} is not what I expected, can you look", "{0} again, third time",
    "please help me with my {0}", "what is going on with the {0} since monday", "no answer about the {0} for a week",
    "I was told the {0} would be fine by today", "is the {0} my fault or yours", "my wife asked about the {0} too",
    "can somebody explain the {0} to me",
)  # fmt: skip


def own_rows():
    """Messages of a team with a taxonomy of its own, 100 of each category."""
    return [
        Row(text=frame.format(word), lang="en", nature="request", category=category, topic="", urgency=Urgency.NORMAL)
        for category, words in SUBJECTS.items()
        for word in words
        for frame in FRAMES
    ]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A first model on own categories, made current by its gates."""
    models = tmp_path_factory.mktemp("own")
    return models, retrain(own_rows(), models, "1", seed=1)


def a_copy(models, folder):
    """A folder with the first model alone, current."""
    shutil.copytree(models / "1", folder / "1")
    artefact.make_current(folder, "1")
    return folder


def names_of(found: list[Gate]) -> set[str]:
    return {gate.name for gate in found}


def test_own_categories_become_the_models(own):
    models, outcome = own
    judge = predict.current(models)
    assert outcome.current
    assert set(judge.categories) == {"billing", "delivery", "outage"}


def test_a_card_for_people_and_one_for_programs_say_where_a_model_comes_from(own):
    _, outcome = own
    card = json.loads((outcome.folder / "card.json").read_text("utf-8"))
    readable = (outcome.folder / "MODEL_CARD.md").read_text("utf-8")
    assert card["passed"]
    assert not card["forced"]
    assert card["data"]["rows"] + card["frozen"]["rows"] == len(own_rows())
    assert {"class billing", "never missed", "calibration", "speed"} <= {gate["name"] for gate in card["gates"]}
    for words in ("| billing |", "| en |", "confusion.svg", "calibration.svg", card["data"]["sha256"][:16]):
        assert words in readable
    assert (outcome.folder / "confusion.svg").read_text("utf-8").startswith("<svg ")
    assert not list(outcome.folder.glob("*.pkl"))


def test_what_measures_never_teaches():
    learnable, frozen = dataset.held_out(own_rows())
    assert 0.04 < len(frozen) / len(own_rows()) < 0.18
    assert not {row.text for row in learnable} & {row.text for row in frozen}


def test_a_worse_model_is_kept_and_does_not_judge_and_force_is_written_down(own, tmp_path):
    models, _ = own
    spoilt = [replace(row, category="billing" if row.category == "outage" else row.category) for row in own_rows()]
    learnable, _ = dataset.held_out(spoilt)
    _, frozen = dataset.held_out(own_rows())
    a_copy(models, tmp_path)
    few = [row for row in own_rows() if row.category == "outage"][:6]
    refused = retrain([*learnable, *few, *frozen], tmp_path, "2")
    assert "class outage" in names_of(refused.failed)
    assert not refused.current
    assert artefact.current_version(tmp_path) == "1"
    forced = retrain([*learnable, *few, *frozen], tmp_path, "3", force=True)
    assert forced.current
    assert artefact.current_version(tmp_path) == "3"
    assert "made the current model by --force" in (forced.folder / "MODEL_CARD.md").read_text("utf-8")
    assert "| class outage | **FAILS** |" in (forced.folder / "MODEL_CARD.md").read_text("utf-8")


def test_the_card_says_what_changed_against_the_model_before(own, tmp_path):
    models, _ = own
    again = retrain(own_rows(), a_copy(models, tmp_path), "again")
    assert again.card["against"]["version"] == "1"
    assert again.card["against"]["category_accuracy"] == 0.0
    assert "1 on the same messages" in (again.folder / "MODEL_CARD.md").read_text("utf-8")


def test_another_taxonomy_is_compared_with_nothing(own, tmp_path):
    models, _ = own
    other = [replace(row, category=row.category.upper()) for row in own_rows()]
    outcome = retrain(other, a_copy(models, tmp_path), "other")
    assert outcome.card["against"] == "1 knows other categories"


def test_too_little_to_measure_with_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="to measure with"):
        retrain(own_rows()[:2], tmp_path, "1")


def test_every_language_has_messages_that_no_model_may_miss():
    lines = gates.NEVER_MISSED.read_text("utf-8").splitlines()
    told = [json.loads(line)["lang"] for line in lines]
    assert len(lines) >= 36
    assert all(told.count(language) >= 3 for language in LANGUAGES)


class Deaf:
    """A judge that calls everything normal."""

    version = "deaf"
    categories = ("security",)

    def judge(self, readings):
        return [a_verdict(urgency=Urgency.NORMAL) for _ in readings]


def test_a_model_that_misses_what_none_may_miss_is_refused():
    found = gates.never_missed(Deaf())
    assert not found.passed
    assert found.told.startswith("0 of ")


def some(count, right, category="security", urgency=Urgency.CRITICAL):
    """Questions of one class, and verdicts of which `right` are right."""
    questions = [Question(text=f"{n}", lang="en", category=category, urgency=urgency) for n in range(count)]
    good, bad = a_verdict(category=category, urgency=urgency), a_verdict(category="feedback", urgency=Urgency.LOW)
    return questions, [good if n < right else bad for n in range(count)]


def failed(questions, now, before):
    return {gate.name for gate in gates.gates(Deaf(), questions, now, before) if not gate.passed}


def test_a_class_that_was_lost_is_seen_though_the_whole_is_hardly_worse():
    many, good = some(900, 900, "account", Urgency.NORMAL)
    few, before = some(60, 55)
    _, now = some(60, 36)
    found = failed([*many, *few], [*good, *now], [*good, *before])
    assert {"class security", "urgent security"} <= found
    assert not found & {"class account", "not urgent"}


def test_what_chance_explains_is_no_loss():
    questions, before = some(40, 35)
    _, now = some(40, 33)
    assert "class security" not in failed(questions, now, before)


def test_false_alarms_that_grow_are_seen():
    questions, before = some(100, 100, "account", Urgency.NORMAL)
    now = [replace(verdict, urgency=Urgency.CRITICAL) if n % 3 else verdict for n, verdict in enumerate(before)]
    assert "not urgent" in failed(questions, now, before)


def test_confidence_that_is_not_true_is_refused():
    questions, verdicts = some(400, 200)
    boastful = [replace(verdict, confidence=0.99) for verdict in verdicts]
    honest = [replace(verdict, confidence=0.5) for verdict in verdicts]
    assert "calibration" in failed(questions, boastful, verdicts)
    assert "calibration" not in failed(questions, honest, verdicts)


def flips(who):
    """What an agent would say who calls every outage a delivery."""
    outages = [row for row in dataset.held_out(own_rows())[0] if row.category == "outage"]
    for number, row in enumerate(outages * 2):
        opinion = Opinion(who=who, at=NOW, field="category", was="outage", now="delivery")
        called = {"category": "delivery", "topic": "", "urgency": "normal"}
        text = row.text + " thanks" * (number >= len(outages))
        yield Judged(number=f"T{number}", text=text, lang="en", called=called, opinions=[opinion])


def test_labels_flipped_by_one_agent_are_capped_and_change_no_class(own, tmp_path):
    models, _ = own
    taught = lessons(flips("eve"), own_rows())
    assert taught.capped["eve"] < 0.1
    outcome = retrain(own_rows(), a_copy(models, tmp_path), "2", taught=taught.rows)
    assert outcome.current, outcome.failed


def test_without_the_cap_the_gate_of_the_class_refuses_what_hardly_shows_in_the_whole(own, tmp_path):
    """The attack of the literature: labels of one class are flipped. This shows that it works, and what stops it."""
    models, _ = own
    taught = [replace(row, weight=4.0) for row in lessons(flips("eve"), own_rows(), share=10.0).rows]
    outcome = retrain(own_rows(), a_copy(models, tmp_path), "2", taught=taught)
    assert "class outage" in names_of(outcome.failed)
    assert "class delivery" not in names_of(outcome.failed)
    assert artefact.current_version(tmp_path) == "1"
