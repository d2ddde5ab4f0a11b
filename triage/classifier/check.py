"""`make corpus-check`: whether the corpus is fit to learn from, as a table of what there is and what is wrong."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from triage.case import Urgency
from triage.classifier import dataset
from triage.classifier.dataset import CATEGORIES, NATURES, Row
from triage.classifier.findings import BIG, Finding, examine

_SHOWN = 15


def print_report(rows: Sequence[Row], findings: Sequence[Finding], console: Console, most: int = _SHOWN) -> None:
    """Print the balance table, one line for each finding, and the first `most` faults of each."""
    console.print(_balance_table(rows))
    table = Table(title="Findings", title_justify="left", box=None, pad_edge=False, show_header=False)
    for finding in findings:
        mark = Text("FAIL", "bold red") if finding.faults else Text("ok", "green")
        table.add_row(mark, Text(finding.what), Text(finding.figure, "dim"))
    console.print(table)
    for finding in findings:
        for fault in finding.faults[:most]:
            console.print(Text(f"{finding.what}: {fault}", "red"), soft_wrap=True)
        if len(finding.faults) > most:
            more = f"{finding.what}: … and {len(finding.faults) - most} more (--all shows them)"
            console.print(Text(more, "red"))


def _balance_table(rows: Sequence[Row]) -> Table:
    """Return how many messages there are of each language, category and urgency, the most urgent first."""
    cells = Counter((row.lang, row.category or row.nature, row.urgency) for row in rows)
    title = "Messages by language and category: critical, high, normal, low"
    table = Table(title=title, title_justify="left", row_styles=["", "dim"])
    table.add_column("")
    groups = [*CATEGORIES, *(nature for nature in NATURES if nature != "request")]
    for name in (*groups, "all"):
        table.add_column(name, justify="right")
    present = sorted({row.lang for row in rows}, key=lambda lang: (lang not in BIG, lang))
    for language in present:
        counts = [[cells[language, group, level] for level in reversed(Urgency)] for group in groups]
        shown = [_cell(each) for each in counts[: len(CATEGORIES)]] + [str(sum(c)) for c in counts[len(CATEGORIES) :]]
        table.add_row(language, *shown, str(sum(map(sum, counts))))
    sums = [str(sum(n for (_, group, _), n in cells.items() if group == name)) for name in groups]
    table.add_section()
    table.add_row("all", *sums, str(len(rows)))
    return table


def _cell(counts: Sequence[int]) -> str:
    return f"{sum(counts)} ({'·'.join(map(str, counts))})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the corpus from the command line: 0 when it is fit, 1 when something is to be done."""
    parser = argparse.ArgumentParser(description="Check that the corpus is fit to learn from.")
    parser.add_argument("files", type=Path, nargs="*", help="corpus files; without any, the shipped corpus")
    parser.add_argument("--evaluation", type=Path, nargs="+", default=(), help="folders of sets that only measure")
    parser.add_argument("--all", action="store_true", help="show every fault, not only the first ones")
    options = parser.parse_args(arguments)
    rows, findings = examine(options.files or sorted(dataset.CORPUS.glob("*.jsonl")), options.evaluation)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    print_report(rows, findings, console, sys.maxsize if options.all else _SHOWN)
    return int(any(finding.faults for finding in findings))


if __name__ == "__main__":
    sys.exit(main())
