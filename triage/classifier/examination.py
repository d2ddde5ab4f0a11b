"""A new model on the messages that never teach, in one profile, beside the model that judges now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from triage.classifier import Judge, Profile, artefact, dataset
from triage.classifier import card as cards
from triage.classifier.artefact import Artefact
from triage.classifier.evaluate import Question, figures, verdicts_on
from triage.classifier.gates import Gate, gates
from triage.classifier.predict import Model
from triage.classifier.scoring import Scorer
from triage.classifier.semantic import Encoder
from triage.errors import ModelUnusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was found out about a model in one profile.

    Attributes:
        figures: How many messages it was measured on, and what `evaluate.figures` says of them.
        against: What changed against the current model, or why it is compared with nothing.
    """

    gates: Sequence[Gate]
    figures: dict[str, Any]
    against: dict[str, Any] | str


def examine(made: Artefact, models: Path, questions: Sequence[Question], encoder: Encoder | None) -> Examination:
    """Judge `questions` in the semantic profile if there is an `encoder`, else in the default one, and hold the gates.

    `models` is the folder whose current model is the one to compare with. The gates of the semantic profile have its
    name before theirs.
    """
    profile: Profile = "semantic" if encoder else "default"
    judge = _judge(made, encoder)
    verdicts = verdicts_on(judge, questions)
    before, why_not = _current(models, judge, encoder, profile)
    earlier = verdicts_on(before, questions) if before else None
    found = gates(judge, questions, verdicts, earlier, profile)
    if encoder:
        found = [replace(gate, name=f"{profile} {gate.name}") for gate in found]
    told = {"n": len(questions)} | figures(questions, verdicts)
    if before is None or earlier is None:
        return Examination(gates=found, figures=told, against=why_not)
    against = cards.against(before.version, figures(questions, earlier), told)
    return Examination(gates=found, figures=told, against=against)


def _judge(made: Artefact, encoder: Encoder | None) -> Judge:
    return Model(made.version, Scorer(made.arrays, made.settings, encoder), made.settings)


def _current(models: Path, judge: Judge, encoder: Encoder | None, profile: Profile) -> tuple[Judge | None, str]:
    """Return the current model if the new one can be held against it, else why not."""
    try:
        version = artefact.current_version(models)
        stored = artefact.read(models / version, profile)
        before = _judge(stored, encoder)
    except ModelUnusable:
        return None, "there is no usable model before it"
    if set(before.categories) != set(judge.categories):
        return None, f"{version} knows other categories"
    if stored.card.get("frozen", {}).get("percent") != dataset.FROZEN:
        return None, f"{version} has learned from the messages that only measure now"
    return before, ""
