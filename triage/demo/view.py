"""The live picture of the demonstration: the ranked list with its reasons, what goes out, and the totals."""

from collections import deque

from rich import box
from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from triage.case import Case, Urgency

COLOURS = {
    Urgency.CRITICAL: "bold white on red",
    Urgency.HIGH: "bold red",
    Urgency.NORMAL: "yellow",
    Urgency.LOW: "dim",
}
MOST_CASES = 40


class View:
    """What the terminal shows; the player fills it in, Rich asks for it several times a second."""

    def __init__(self) -> None:
        """Begin with an empty desk."""
        self.cases: list[Case] = []
        self.totals: dict[str, object] = {}
        self.came: deque[tuple[str, str, str]] = deque(maxlen=12)
        self.went: deque[tuple[str, str, str]] = deque(maxlen=12)
        self.clock = ""
        self.done = False

    def __rich__(self) -> RenderableType:
        """Return the whole picture."""
        layout = Layout()
        layout.split_column(Layout(name="top", ratio=3), Layout(name="bottom", ratio=2), Layout(name="foot", size=3))
        layout["top"].update(
            Panel(self._list(), title=f"Cases, first things first · {self.clock}", border_style="cyan")
        )
        layout["bottom"].split_row(
            Layout(Panel(_lines(self.came), title="Messages in", border_style="blue")),
            Layout(Panel(_lines(self.went), title="Acknowledgements out", border_style="green")),
        )
        layout["foot"].update(Panel(self._foot(), border_style="cyan"))
        return layout

    def _list(self) -> Table:
        table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
        for name, options in (
            ("", {"width": 8}),
            ("Number", {"no_wrap": True, "style": "cyan"}),
            ("What", {"ratio": 3, "no_wrap": True, "overflow": "ellipsis"}),
            ("Category", {"no_wrap": True}),
            ("Channel", {"no_wrap": True}),
            ("Lang", {"no_wrap": True}),
            ("+", {"justify": "right"}),
            ("Why here", {"ratio": 2, "no_wrap": True, "overflow": "ellipsis", "style": "dim"}),
        ):
            table.add_column(name, **options)
        for case in self.cases[:MOST_CASES]:
            table.add_row(*_row(case))
        return table

    def _foot(self) -> Group:
        told = {name: value for name, value in self.totals.items() if name != "seconds"}
        words = "   ".join(f"{name} [b]{value}[/b]" for name, value in spoken(told).items())
        end = "[green]The day is over. Ctrl-C ends.[/green]" if self.done else "[dim]Ctrl-C ends[/dim]"
        return Group(Text.from_markup(f"{words}   {end}"))


def _row(case: Case) -> tuple[Text | str, ...]:
    verdict = case.verdict
    why = "; ".join(r.text for r in verdict.reasons[:2]) or "; ".join(p.text for p in case.place.parts[1:3])
    return (
        Text(verdict.urgency.label, style=COLOURS[verdict.urgency]),
        case.number,
        Text(case.summary),
        f"{verdict.category}/{verdict.topic}" if verdict.topic else verdict.category,
        case.channel,
        case.language,
        str(case.follow_ups + case.repeats or ""),
        Text(why),
    )


def _lines(lines: deque[tuple[str, str, str]]) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(style="dim", no_wrap=True, max_width=22, overflow="ellipsis")
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for channel, who, text in reversed(lines):
        table.add_row(channel, who, Text(text.replace("\n", " ")))
    return table


def clock_of(minutes: float) -> str:
    """Return the hour of the scripted day ("09:31"); it begins at eight."""
    whole = int(8 * 60 + minutes)
    return f"{whole // 60 % 24:02d}:{whole % 60:02d}"


def spoken(totals: dict[str, object]) -> dict[str, object]:
    """Return the totals in words for people: no underscores, channels beside each other."""
    return {
        name.replace("_", " "): "  ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        for name, value in totals.items()
    }
