"""How urgency is judged, and how well it stands against who plays with it: `make bench-urgency`.

A model is trained on what `dataset.held_out` leaves, so that the rest of the corpus is new to it (`--shipped` takes
the shipped model as it is, which has seen all of it). Printed: recall and precision of each level by language, on the
held-out part and on the real messages of `--real` where they are; how many calm messages rise when alarming words are
put before, behind or between their own, and how many urgent ones are hidden by small talk; messages a second. All of it in
the default profile or, with `--profile semantic`, in the other one.
"""

import argparse
import random
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from triage.case import Reading, Urgency
from triage.classifier import Judge, Profile, dataset, predict, semantic
from triage.classifier.evaluate import read
from triage.classifier.scoring import Scorer
from triage.classifier.train import STEPS, learn

HERE = Path(__file__).parent
REAL = HERE.parents[1] / "shared/eval/wallet_users.jsonl"
ATTACKS = tomllib.loads((HERE / "urgency_attacks.toml").read_text("utf-8"))
GOALS = "goals: critical recall 90 at precision 60, high or critical recall 85, within one 97"
SPACELESS = ("zh", "ja")
console = Console()


@dataclass(frozen=True, slots=True)
class Known:
    """A message whose urgency is known."""

    text: str
    language: str
    urgency: Urgency


def levels(judge: Judge, rows: Sequence[Known], texts: Sequence[str] | None = None) -> list[Urgency]:
    """Return the urgency of each row, or of the `texts` that stand for them."""
    readings = [
        Reading(text=text, language=row.language)
        for text, row in zip(texts or [row.text for row in rows], rows, strict=True)
    ]
    return [v.urgency for at in range(0, len(readings), 256) for v in judge.judge(readings[at : at + 256])]


def share(hits: Sequence[bool]) -> str:
    return f"{100 * sum(hits) / len(hits):.1f}" if hits else "-"


def quality(title: str, rows: Sequence[Known], said: Sequence[Urgency]) -> Table:
    """Return recall and precision of each level, for all languages and for each."""
    table = Table(title=title, caption=GOALS, caption_justify="left")
    names = ("language", "messages", "critical R", "P", "high+ R", "P", "normal+ R", "P", "within one", "exact")
    for name in names:
        table.add_column(name, justify="left" if name == "language" else "right")
    pairs = list(zip(rows, said, strict=True))
    for language in ("all", *sorted({row.language for row in rows})):
        own = [(row.urgency, level) for row, level in pairs if language in ("all", row.language)]
        cells = []
        for level in (Urgency.CRITICAL, Urgency.HIGH, Urgency.NORMAL):
            cells += [
                share([s >= level for t, s in own if t >= level]),
                share([t >= level for t, s in own if s >= level]),
            ]
        near, exact = share([abs(t - s) <= 1 for t, s in own]), share([t == s for t, s in own])
        table.add_row(language, str(len(own)), *cells, near, exact)
    return table


def sprinkled(text: str, words: str, language: str, rng: random.Random) -> str:
    """Return `text` with each of `words` at some place of its own between the text's words; "_" is a space in one."""
    apart = "" if language.startswith(SPACELESS) else " "
    parts = list(text) if not apart else text.split(" ")
    for word in words.split():
        parts.insert(rng.randrange(len(parts) + 1), word.replace("_", " "))
    return apart.join(parts)


STUFFING: dict[str, Callable[[str, str, str, random.Random], str]] = {
    "before": lambda text, words, language, rng: f"{words.replace('_', ' ')} {text}",
    "behind": lambda text, words, language, rng: f"{text} {words.replace('_', ' ')}",
    "between": sprinkled,
}


def small_talk(language: str, sentences: int, rng: random.Random) -> str:
    talk = ATTACKS[language]["talk"]
    return (" " if not language.startswith(SPACELESS) else "").join(rng.choice(talk) for _ in range(sentences))


def padded(rows: Sequence[Known], where: str, sentences: int, seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    for row in rows:
        before, behind = (small_talk(row.language, sentences, rng) for _ in range(2))
        yield "\n".join([*([before] if where != "behind" else []), row.text, *([behind] if where != "before" else [])])


def stuffing(judge: Judge, rows: Sequence[Known]) -> Table:
    """Return how many calm messages rise to high or critical when alarming words are put into them."""
    calm = [row for row in rows if row.urgency <= Urgency.NORMAL]
    first = levels(judge, calm)
    kept = [(row, level) for row, level in zip(calm, first, strict=True) if level <= Urgency.NORMAL]
    table = Table(title=f"Stuffing: of {len(kept)} calm messages, % that rise to high or critical (goal: 5)")
    for name in ("language", "messages", *STUFFING):
        table.add_column(name, justify="left" if name == "language" else "right")
    raised: dict[tuple[str, str], list[bool]] = {}
    for where, put in STUFFING.items():
        rng = random.Random(7)
        texts = [put(row.text, rng.choice(ATTACKS[row.language]["words"]), row.language, rng) for row, _ in kept]
        for (row, _), level in zip(kept, levels(judge, [row for row, _ in kept], texts), strict=True):
            for language in ("all", row.language):
                raised.setdefault((language, where), []).append(level >= Urgency.HIGH)
    for language in ("all", *sorted({row.language for row, _ in kept})):
        hits = [raised[language, where] for where in STUFFING]
        table.add_row(language, str(len(hits[0])), *map(share, hits))
    return table


def padding(judge: Judge, rows: Sequence[Known]) -> Table:
    """Return how many urgent messages fall below high when small talk stands around them."""
    urgent = [row for row in rows if row.urgency >= Urgency.HIGH]
    seen = [row for row, level in zip(urgent, levels(judge, urgent), strict=True) if level >= Urgency.HIGH]
    table = Table(title=f"Padding: of {len(seen)} urgent messages, % that fall below high (goal: 10)")
    for name in ("small talk", "1 sentence", "3 sentences", "8 sentences"):
        table.add_column(name, justify="left" if name == "small talk" else "right")
    for where in ("before", "behind", "around"):
        cells = [
            share([level < Urgency.HIGH for level in levels(judge, seen, list(padded(seen, where, n, n)))])
            for n in (1, 3, 8)
        ]
        table.add_row(where, *cells)
    return table


def held_out_model(seed: int, profile: Profile) -> tuple[Judge, list[Known]]:
    """Return a model that has not seen the held-out rows, and those rows."""
    learned, measured = dataset.held_out(dataset.load())
    encoder = semantic.encoder() if profile == "semantic" else None
    with Progress(console=console) as progress:
        step = progress.add_task(f"training on {len(learned)} messages, some minutes", total=STEPS)
        arrays, settings = learn(learned, seed=seed, encoder=encoder, done=lambda: progress.advance(step))
    judge = predict.Model("held-out", Scorer(arrays, settings, encoder), settings)
    return judge, [Known(row.text, row.lang, row.urgency) for row in measured if row.nature == "request"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shipped", action="store_true", help="measure the shipped model, which knows the corpus")
    parser.add_argument("--model", type=Path, help="measure the model in this folder on the held-out part")
    parser.add_argument("--profile", choices=("default", "semantic"), default="default")
    parser.add_argument("--real", type=Path, default=REAL, help="labelled real messages")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.shipped or options.model:
        shipped = HERE.parent / "models"
        judge = (
            predict.load(options.model, options.profile) if options.model else predict.current(shipped, options.profile)
        )
        rows = [
            Known(row.text, row.lang, row.urgency)
            for row in dataset.held_out(dataset.load())[1]
            if row.nature == "request"
        ]
    else:
        judge, rows = held_out_model(options.seed, options.profile)
    began = time.process_time()
    said = levels(judge, rows)
    rate = len(rows) / (time.process_time() - began)
    known = " (the model has learned them)" if options.shipped else ""
    console.print(quality(f"The held-out part of the corpus{known}", rows, said))
    if options.real.exists():
        real = [
            Known(one.text, one.reading.language, one.urgency) for one in read(options.real) if one.urgency is not None
        ]
        console.print(quality("Real wallet users", real, levels(judge, real)))
    else:
        console.print(f"[yellow]left out:[/] real wallet users, {options.real.name} is not here")
        real = []
    everything = [row for row in (*rows, *real) if row.language in ATTACKS]
    console.print(stuffing(judge, everything), padding(judge, everything))
    console.print(f"{rate:,.0f} messages per second of CPU, in batches of 256")


if __name__ == "__main__":
    main()
