"""Retraining: learn, measure on what never teaches, hold it against the gates, write it, make it current."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from triage.classifier import artefact, dataset, taxonomy
from triage.classifier import card as cards
from triage.classifier.artefact import Artefact
from triage.classifier.dataset import Row
from triage.classifier.evaluate import Question
from triage.classifier.examination import examine
from triage.classifier.gates import Gate
from triage.classifier.pictures import calibration, confusion
from triage.classifier.semantic import HEAD, Encoder
from triage.classifier.train import STEPS as STEPS_OF_LEARNING
from triage.classifier.train import Parts, learn
from triage.classifier.weights import Arrays
from triage.errors import ConfigError

STEPS = STEPS_OF_LEARNING + 2
"""How often `retrain` says that a part of it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a training.

    Attributes:
        folder: models/VERSION.
        card: As in its card.json.
        current: It judges from now on.
    """

    version: str
    folder: Path
    card: dict[str, Any]
    gates: Sequence[Gate]
    current: bool

    @property
    def failed(self) -> list[Gate]:
        """Return the gates that do not hold."""
        return [gate for gate in self.gates if not gate.passed]


def retrain(  # noqa: PLR0913 - what a training can be asked for
    trusted: Sequence[Row],
    models: Path,
    version: str,
    *,
    taught: Sequence[Row] = (),
    seed: int = 1,
    encoder: Encoder | None = None,
    head_only: bool = False,
    force: bool = False,
    done: Callable[[], object] = lambda: None,
) -> Outcome:
    """Train on `trusted` rows and what agents `taught`, write `models/VERSION/`, and make it current if it may.

    One trusted row in ten never teaches: it measures. The same rows, seed and current model give the same bytes.
    With an `encoder` both profiles can judge with it, and both must pass the gates. With `head_only` too, it judges by
    words as the current model does, and only its semantic head is new. Raises `ConfigError` when the rows teach
    nothing, or no head for that model; `ModelUnusable` when the folder cannot be written.
    """
    if head_only and not encoder:
        raise ConfigError("only the semantic profile has a head that could learn alone: it needs --profile semantic")
    words = artefact.read(models / artefact.current_version(models)) if head_only else None
    learnable, frozen = dataset.held_out(trusted)
    asked = [row for row in frozen if row.nature == "request"]
    if not asked:
        raise ConfigError(f"none of the {len(trusted)} messages was chosen to measure with: more are needed")
    texts = {row.text for row in frozen}
    told = [row for row in taught if row.text not in texts]
    rows = [*learnable, *told]
    if words and words.settings["topics"] != [list(topic) for topic in taxonomy.topics_of(rows)]:
        raise ConfigError(f"the topics of the data are not those of {words.version}: no head of them fits its words")
    arrays, settings = learn(rows, seed=seed, encoder=encoder, done=done)
    if words:
        arrays, settings = _with_words_of(words, arrays, settings)
    made = Artefact(version=version, arrays=arrays, settings=settings, card={})
    questions = [Question(text=row.text, lang=row.lang, category=row.category, urgency=row.urgency) for row in asked]
    plain = examine(made, models, questions, None)
    done()
    semantic = examine(made, models, questions, encoder) if encoder else None
    done()
    found = [*plain.gates, *(semantic.gates if semantic else ())]
    card = cards.card(rows, len(told), frozen, seed, settings) | cards.decided(found, force=force)
    card |= {"held_out": plain.figures, "against": plain.against}
    if words:
        own = {"version": words.version, "data": words.card.get("data", {})}
        card |= {"words": words.card.get("words", own)}
    if semantic:
        card |= {"held_out_semantic": semantic.figures, "against_semantic": semantic.against}
    folder = _write(replace(made, card=card), models)
    moves = card["passed"] or card["forced"]
    if moves:
        artefact.make_current(models, version)
    return Outcome(version=version, folder=folder, card=card, gates=found, current=moves)


def _with_words_of(before: Artefact, arrays: Arrays, settings: Mapping[str, Any]) -> Parts:
    """Return the parts of a model that judges by words as `before` does, and has the semantic head of the others."""
    head = {name: array for name, array in arrays.items() if name.startswith(HEAD)}
    words = {name: array for name, array in before.arrays.items() if not name.startswith(HEAD)}
    kept = {name: value for name, value in before.settings.items() if name != "format"}
    return words | head, kept | {"semantic": settings["semantic"]}


def _write(made: Artefact, models: Path) -> Path:
    held = made.card["held_out"]
    pictures = {cards.CONFUSION: confusion(held["confusion"]), cards.CALIBRATION: calibration(held["reliability"])}
    return artefact.write(made, models, cards.readable(made.version, made.card), pictures)
