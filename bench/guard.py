"""How many secrets the guard finds, how often it is wrong, and how long it takes: `make bench-secrets`.

Secrets are generated (`secret_samples.py`, seeded). Ordinary messages are paragraphs of the documentation that is
installed here, the mails and sets that only measure where they are there, and the corpus of the classifier.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from rich.console import Console
from rich.progress import track
from rich.table import Table
from secret_samples import DOCUMENTS, keys, ordinary, phrases, slips

from triage.connectors.mime import parse
from triage.message import Message
from triage.rules.secrets import guard, redact

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
HARMLESS = {"possible key", "possible seed phrase"}  # masked in the middle, or only marked
WRONG_SHOWN = 12
console = Console()


def recall(title: str, samples: Iterable[tuple[str, str, str]], goal: float) -> dict[str, tuple[int, int]]:
    """Print and return for each group how many were found of how many."""
    found, total, missed = Counter[str](), Counter[str](), []
    for group, text, kind in track(list(samples), description=title, console=console, transient=True):
        total[group] += 1
        hit = kind in redact(text).kinds
        found[group] += hit
        if not hit:
            missed.append((group, text))
    table = Table("", "found", "of", "%", title=title)
    for group in total:
        share = found[group] / total[group]
        row = (group, f"{found[group]:,}", f"{total[group]:,}", f"{100 * share:.2f}")
        table.add_row(*row, style="" if share >= goal else "red")
    whole = found.total() / total.total()
    table.add_row("all", f"{found.total():,}", f"{total.total():,}", f"{100 * whole:.3f}", style="bold")
    console.print(table)
    for group, text in missed[:WRONG_SHOWN]:
        console.print(f"missed ({group}): {text[:160]!r}", style="red", markup=False)
    return {group: (found[group], total[group]) for group in total}


def messages(limit: int, places: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield (source, text) of ordinary messages."""
    yield from ordinary(limit, places)
    for path in sorted((ROOT / "triage/classifier/corpus").rglob("*.jsonl")):
        yield from (("corpus", json.loads(line)["text"]) for line in path.read_text().splitlines() if line)
    for path in sorted((SHARED / "eval").rglob("*.jsonl")):
        yield from (("evaluation sets", json.loads(line).get("text", "")) for line in path.read_text().splitlines())


def mails() -> Iterator[Message]:
    from datetime import UTC, datetime

    for path in sorted((SHARED / "mails").rglob("*")):
        if path.is_file() and path.suffix != ".jsonl":
            read = parse(path.read_bytes(), channel="bench", external_id=path.name, received_at=datetime.now(UTC))
            if isinstance(read, Message):
                yield read


def alarms(limit: int, places: Iterable[Path]) -> dict[str, dict[str, int]]:
    """Print and return how often nothing secret was replaced, for each source."""
    counts: dict[str, Counter[str]] = {}
    wrong: list[tuple[str, str]] = []
    with console.status("ordinary messages"):
        for source, text in messages(limit, places):
            _count(counts.setdefault(source, Counter()), wrong, source, redact(text).kinds, text)
        for mail in mails():
            _count(counts.setdefault("mails", Counter()), wrong, "mails", guard(mail)[1], mail.text or mail.html)
    table = Table("", "messages", "replaced", "middle hidden", "only marked", title="Ordinary messages")
    for source, c in counts.items():
        table.add_row(
            source, *(f"{c[key]:,}" for key in ("messages", "replaced", "possible key", "possible seed phrase"))
        )
    total = sum(counts.values(), Counter[str]())
    table.add_row(
        "all",
        *(f"{total[key]:,}" for key in ("messages", "replaced", "possible key", "possible seed phrase")),
        style="bold",
    )
    console.print(table)
    for source, text in wrong[:WRONG_SHOWN]:
        console.print(f"replaced ({source}): {text}", style="red", markup=False)
    return {source: dict(c) for source, c in counts.items()}


def _count(c: Counter[str], wrong: list[tuple[str, str]], source: str, kinds: tuple[str, ...], text: str) -> None:
    c["messages"] += 1
    c.update(HARMLESS.intersection(kinds))
    if set(kinds) - HARMLESS:
        c["replaced"] += 1
        c.update(set(kinds) - HARMLESS)
        wrong.append((source, f"{kinds} {redact(text).text[:300]!r}"))


def times(count: int, chance: random.Random, places: Iterable[Path]) -> dict[str, float]:
    """Print and return milliseconds of CPU for texts of 2 and 20 kB made of real paragraphs."""
    paragraphs = [text for _, text in ordinary(400_000, places)]
    table = Table("", "p50 ms", "p99 ms", "max ms", title="CPU of one text")
    result = {}
    for name, size in (("2 kB", 2_000), ("20 kB", 20_000)):
        taken = []
        for _ in range(count if size < 10_000 else count // 4):
            text = ""
            while len(text) < size:
                text += chance.choice(paragraphs) + "\n\n"
            began = time.process_time()
            redact(text[:size])
            taken.append(1000 * (time.process_time() - began))
        taken.sort()
        result |= {f"{name} p50": taken[len(taken) // 2], f"{name} p99": taken[int(len(taken) * 0.99)]}
        table.add_row(
            name, *(f"{value:.2f}" for value in (taken[len(taken) // 2], taken[int(len(taken) * 0.99)], taken[-1]))
        )
    console.print(table)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=50, help="phrases of each list and layout")
    parser.add_argument("--limit", type=int, default=12_000_000, help="characters of each place of documentation")
    parser.add_argument("--documents", type=Path, nargs="*", default=DOCUMENTS, help="where documentation lies")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    args = parser.parse_args()
    chance = random.Random(args.seed)
    redact("the word lists are loaded once " * 3)
    figures = {
        "phrases": recall("Phrases, whole and right", phrases(args.each, chance), 1.0),
        "keys": recall("Keys, codes and numbers", keys(6 * args.each, chance), 1.0),
        "slips": recall("Phrases with a slip", slips(2 * args.each, chance), 0.99),
        "times": times(2_000, chance, args.documents),
        "ordinary": alarms(args.limit, args.documents),
    }
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
