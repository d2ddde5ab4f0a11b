"""`triage retrain`: from the corpus, a team's own files and what agents said to a model that passed its gates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triage.classifier import Profile, artefact, dataset, feedback, labelled, retrain, semantic
from triage.classifier.dataset import Row
from triage.classifier.feedback import Lessons
from triage.cli.progress import bar
from triage.cli.terminal import note, store_of
from triage.desk import Desk
from triage.errors import ModelUnusable
from triage.labelling import judged
from triage.settings import Settings
from triage.store import labels

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a retraining is asked for.

    Attributes:
        data: A team's own files; without any, the shipped corpus teaches.
        with_corpus: The shipped corpus teaches beside `data`.
        profile: "semantic" for a model that both profiles can judge with.
        models: The folder that gets the new version.
        share: As `feedback.SHARE`.
        head_only: What judges by words stays the current model's.
    """

    models: Path
    data: Sequence[Path] = ()
    with_corpus: bool = False
    seed: int = 1
    profile: Profile = "default"
    share: float = feedback.SHARE
    head_only: bool = False
    force: bool = False


def usual_profile(models: Path, configured: Profile) -> Profile:
    """Return the profile that a retraining takes unasked: the configured one, or more.

    Where the sentence encoder is installed and taught the current model, it teaches the next one too: without it the
    default profile would lose the words that it knows from there.
    """
    if configured == "semantic" or not semantic.is_installed():
        return configured
    try:
        artefact.read(models / artefact.current_version(models), "semantic")
    except ModelUnusable:
        return configured
    return "semantic"


def rows_of(wish: Wish) -> tuple[list[Row], list[str]]:
    """Return the rows that are trusted, and what a person should know about them; raises `ConfigError`."""
    own, told = labelled.load(wish.data) if wish.data else ([], [])
    corpus = dataset.load() if wish.with_corpus or not wish.data else []
    return [*corpus, *own], told


def corrections(settings: Settings, rows: Sequence[Row], share: float) -> Lessons:
    """Return what the agents of a configured desk teach beside `rows`."""
    desk = Desk.from_settings(settings)
    with store_of(settings) as store, store.read() as tx:
        return feedback.lessons((judged(one, desk) for one in labels.labelled(tx)), rows, share=share)


def run(wish: Wish, rows: Sequence[Row], lessons: Lessons) -> retrain.Outcome:
    """Train, with a progress bar for people; raises `ConfigError` and `ModelUnusable`."""
    if wish.profile == "default":
        note("no sentence encoder teaches this model words that the data never uses; --profile semantic lets it")
    version = artefact.next_version(wish.models, datetime.now(UTC))
    with bar(f"training {version}", retrain.STEPS) as tick:
        return retrain.retrain(
            rows,
            wish.models,
            version,
            taught=lessons.rows,
            seed=wish.seed,
            encoder=semantic.encoder() if wish.profile == "semantic" else None,
            head_only=wish.head_only,
            force=wish.force,
            done=lambda: tick(1),
        )


def tell(lessons: Lessons, told: Iterable[str]) -> None:
    """Say what a person should look at before she trusts the data, on standard error."""
    for lines, what in (
        (list(told), "labels of the data contradict each other"),
        (list(lessons.contradictions), "corrections contradict each other"),
        (list(lessons.held_back), "urgent cases were called not urgent by one agent alone; a second one is needed"),
        (list(lessons.foreign), "corrected cases have a category that the data does not have"),
        ([f"{who} keeps {kept:.0%}" for who, kept in (lessons.capped or {}).items()], "agents' weight was capped"),
    ):
        if lines:
            more = f" … and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
            note(f"{len(lines)} {what}: {'; '.join(lines[:_SHOWN])}{more}")


def as_object(outcome: retrain.Outcome, lessons: Lessons) -> dict[str, Any]:
    """Return what became of a retraining as programs get it."""
    return {
        "version": outcome.version,
        "folder": str(outcome.folder),
        "current": outcome.current,
        "passed": outcome.card["passed"],
        "forced": outcome.card["forced"],
        "failed": [f"{gate.name}: {gate.told}" for gate in outcome.failed],
        "rows": outcome.card["data"]["rows"],
        "corrections": outcome.card["data"]["corrections"],
        "contradictions": list(lessons.contradictions),
        "held_back": list(lessons.held_back),
        "foreign": list(lessons.foreign),
        "capped": dict(lessons.capped or {}),
        "held_out": outcome.card["held_out"],
        "against": outcome.card["against"],
    }
