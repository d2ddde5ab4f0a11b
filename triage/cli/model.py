"""Commands around the model: evaluate, retrain, replay-model, review."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.classifier import Profile
from triage.cli.terminal import (
    Agent,
    AsJson,
    Config,
    agent_name,
    judge_of,
    note,
    print_json,
    say,
    settings_from,
    store_of,
)
from triage.errors import ConfigError

if TYPE_CHECKING:
    from triage.classifier import Judge
    from triage.settings import Settings

ProfileOption = Annotated[
    Profile, typer.Option("--profile", help='"semantic" adds a sentence encoder; it needs triage[semantic].')
]
Models = Annotated[
    Path | None, typer.Option("--models", help="The folder of models. Default: the configured one.", show_default=False)
]

REFUSED = 1
"""What `triage retrain` returns for a model that its gates refused: it is kept, and the old one judges on."""


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (review, retrain, evaluate, replay_model):
        app.command(command.__name__.replace("_", "-"), rich_help_panel="Model")(command)


def evaluate(
    data: Annotated[Path, typer.Option("--data", help="JSON lines with text, category, perhaps lang and urgency.")],
    config: Config = None,
    profile: ProfileOption = "default",
    model: Annotated[str | None, typer.Option(help="Default: the current one.", show_default=False)] = None,
    models: Models = None,
    as_json: AsJson = False,
) -> None:
    """Measure a model on labelled messages: per category, language and urgency. Needs no configuration."""
    from triage.classifier import evaluate as measuring
    from triage.cli.model_views import print_figures
    from triage.cli.progress import bar

    questions = measuring.read(data)
    judge = load(models or models_folder(settings_or_none(config)), model, profile)
    strange = sorted({question.category for question in questions} - set(judge.categories))
    if strange:
        note(f"the model {judge.version} does not know {', '.join(strange)}: it cannot be right there")
    with bar("judging", len(questions)) as tick:
        figures = measuring.evaluate(judge, questions, tick)
    figures["profile"] = profile
    if as_json:
        print_json(figures)
        return
    print_figures(figures)


def retrain(  # noqa: PLR0913, PLR0917 - one parameter for each option; Typer passes them by name
    data: Annotated[
        list[Path] | None,
        typer.Option(
            "--data", help="Own labelled messages, instead of the shipped corpus; may be given several times."
        ),
    ] = None,
    config: Config = None,
    with_corpus: Annotated[bool, typer.Option("--with-corpus", help="Learn from the corpus beside --data.")] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed and data give the same bytes.")] = 1,
    share: Annotated[
        float, typer.Option("--agent-share", min=0.0, max=1.0, help="Of a topic, so much may one agent relabel.")
    ] = 0.1,
    corrections: Annotated[bool, typer.Option(help="Learn from what agents corrected.")] = True,
    profile: Annotated[
        Profile | None,
        typer.Option(
            "--profile",
            help='"semantic": the sentence encoder teaches it, and both profiles can judge with it; it needs '
            "triage[semantic]. Default: the configured profile, or semantic where the current model was taught so.",
            show_default=False,
        ),
    ] = None,
    head_only: Annotated[
        bool,
        typer.Option("--head-only", help="Only the semantic head is new: by words it judges as the current model."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Use it though gates fail; its card says so.")] = False,
    models: Models = None,
    as_json: AsJson = False,
) -> None:
    """Train a new model from the corpus and the agents' corrections; it is used only if every gate holds.

    Ends with 0 when the new model judges, with 1 when gates refused it: it is kept, and the old one judges on.
    """
    from triage.classifier.feedback import Lessons
    from triage.cli import retraining
    from triage.cli.model_views import print_outcome

    settings = settings_or_none(config)
    folder = models or models_folder(settings)
    configured: Profile = settings.classifier.profile if settings else "default"
    wish = retraining.Wish(
        models=folder,
        data=data or (),
        with_corpus=with_corpus,
        seed=seed,
        profile=profile or retraining.usual_profile(folder, configured),
        share=share,
        head_only=head_only,
        force=force,
    )
    rows, told = retraining.rows_of(wish)
    learns = settings is not None and corrections
    lessons = retraining.corrections(settings, rows, share) if settings and corrections else Lessons()
    if not learns:
        note("no corrections of agents are learned: " + ("there is no configuration" if corrections else "as wished"))
    retraining.tell(lessons, told)
    outcome = retraining.run(wish, rows, lessons)
    if as_json:
        print_json(retraining.as_object(outcome, lessons))
    else:
        print_outcome(outcome)
    if not outcome.current:
        first = outcome.failed[0]
        say(f"refused, {outcome.version} does not judge: {first.name}: {first.told}", "red") if not as_json else None
        raise typer.Exit(REFUSED)


def replay_model(
    version: Annotated[str, typer.Argument(help="The model, as `triage models` names it.", metavar="VERSION")],
    since: Annotated[str, typer.Option("--since", help="How far back: 90m, 2h, 7d.")] = "7d",
    config: Config = None,
    profile: ProfileOption = "default",
    as_json: AsJson = False,
) -> None:
    """Show which cases a model would have called otherwise, and where they would stand; nothing is written."""
    from datetime import UTC, datetime

    from triage.cli.messages import span
    from triage.cli.model_views import print_moves
    from triage.cli.what_if import find_moves
    from triage.desk import Desk

    settings = settings_from(config)
    judge = load(settings.models.folder, version, profile)
    with store_of(settings) as store:
        looked_at, moves = find_moves(store, Desk.from_settings(settings), judge, datetime.now(UTC) - span(since))
    if as_json:
        for move in moves:
            print_json(move.as_object())
        return
    print_moves(moves)
    found = f"{len(moves)} cases would be called otherwise"
    say(f"{looked_at} messages judged by {judge.version}: {found}; nothing is written")


def review(
    since: Annotated[str, typer.Option("--since", help="Cases of so long: 90m, 2h, 7d.")] = "30d",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many.")] = 20,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="Take labels from JSON lines instead of keys; - is standard input.")
    ] = None,
    config: Config = None,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Label the cases that teach most, one key at a time: those the model is least sure of, and no copies of one story.

    Cases that one agent alone called not urgent come first: they need a second one. With --json, or where no terminal
    is, it prints the cases; --labels takes lines such as {"number": "...", "category": "...", "urgency": "..."}.
    """
    from datetime import UTC, datetime

    from triage.cli import reviewing
    from triage.cli.messages import span
    from triage.desk import Desk

    settings = settings_from(config)
    desk, judge, who = Desk.from_settings(settings), judge_of(settings), agent_name(agent)
    with store_of(settings) as store:
        if labels is not None:
            reviewing.take_labels(store, desk, judge, who, labels, as_json=as_json)
            return
        reviewing.review(store, desk, judge, who, datetime.now(UTC) - span(since), limit, as_json=as_json)


def settings_or_none(config: Path | None) -> "Settings | None":
    """Return the configuration, or None when there is none and none was named."""
    from triage import settings

    if config is None:
        try:
            config = settings.find(None)
        except ConfigError:
            return None
    return settings_from(config)


def models_folder(settings: "Settings | None") -> Path:
    """Return the folder of the models that the configuration names, or of the shipped ones when there is none."""
    from triage.settings import shipped

    return settings.models.folder if settings else shipped("models")


def load(models: Path, version: str | None, profile: Profile = "default") -> "Judge":
    """Return a model, the current one unless a version is named; raises `ModelUnusable`."""
    from triage.classifier import artefact, predict

    return predict.load(artefact.folder_of(models, version or artefact.current_version(models)), profile)
