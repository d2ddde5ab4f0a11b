"""Two pictures of a model's figures as SVG: drawn as text, so that the same figures give the same bytes."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

_FONT = 'font-family="Helvetica, Arial, sans-serif" font-size="13"'
_CELL, _LABEL, _TOP = 84, 150, 70
_SIZE, _EDGE = 320, 60


def confusion(counts: Mapping[str, Mapping[str, int]]) -> str:
    """Return the picture of how often each category (rows) was taken for which (columns)."""
    guesses = sorted({guess for row in counts.values() for guess in row}, key=lambda name: (name not in counts, name))
    parts = [_text(_LABEL + _CELL * len(guesses) / 2, 22, "taken for", weight="bold")]
    for column, guess in enumerate(guesses):
        parts.append(_text(_LABEL + _CELL * (column + 0.5), _TOP - 12, guess))
    for line, (name, row) in enumerate(counts.items()):
        y = _TOP + _CELL / 2 * line
        parts.append(_text(_LABEL - 10, y + _CELL / 4 + 5, name, anchor="end"))
        total = max(sum(row.values()), 1)
        for column, guess in enumerate(guesses):
            parts += _cell(_LABEL + _CELL * column, y, row.get(guess, 0), total, right=guess == name)
    return _svg(_LABEL + _CELL * len(guesses) + 20, _TOP + _CELL / 2 * len(counts) + 20, parts)


def _cell(x: float, y: float, count: int, total: int, *, right: bool) -> Iterable[str]:
    share = count / total
    colour = "31,119,80" if right else "178,34,34"
    yield (
        f'<rect x="{x:g}" y="{y:g}" width="{_CELL - 2}" height="{_CELL / 2 - 2:g}" '
        f'fill="rgb({colour})" fill-opacity="{share:.3f}" stroke="#ddd"/>'
    )
    if count:
        ink = "#fff" if share > 0.55 else "#222"
        yield _text(x + _CELL / 2 - 1, y + _CELL / 4 + 4, f"{count} ({share:.0%})", colour=ink)


def calibration(curve: Sequence[Mapping[str, float]]) -> str:
    """Return the picture of how often the model is right (up) where it says how sure it is (across)."""
    corner = _EDGE + _SIZE
    parts = [
        f'<rect x="{_EDGE}" y="20" width="{_SIZE}" height="{_SIZE}" fill="#fff" stroke="#999"/>',
        f'<line x1="{_EDGE}" y1="{20 + _SIZE}" x2="{corner}" y2="20" stroke="#999" stroke-dasharray="4 4"/>',
    ]
    for percent in range(0, 101, 25):
        parts.append(_text(_EDGE + _SIZE * percent / 100, _SIZE + 38, f"{percent}"))
        parts.append(_text(_EDGE - 8, 24 + _SIZE * (1 - percent / 100), f"{percent}", anchor="end"))
    points = [(_EDGE + _SIZE * p["confidence"] / 100, 20 + _SIZE * (1 - p["accuracy"] / 100), p["n"]) for p in curve]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    parts.append(f'<polyline points="{path}" fill="none" stroke="#1f5c99" stroke-width="2"/>')
    most = max((n for _, _, n in points), default=1)
    for x, y, n in points:
        size = 3 + 7 * (n / most) ** 0.5
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="#1f5c99" fill-opacity="0.6"/>')
    parts.append(_text(_EDGE + _SIZE / 2, _SIZE + 60, "says it is so sure, %"))
    parts.append(_text(18, 20 + _SIZE / 2, "is right so often, %", turned=True))
    return _svg(corner + 30, _SIZE + 75, parts)


def _text(
    x: float, y: float, words: str, *, anchor: str = "middle", weight: str = "", colour: str = "", turned: bool = False
) -> str:
    extra = f' font-weight="{weight}"' if weight else ""
    extra += f' fill="{colour}"' if colour else ""
    extra += f' transform="rotate(-90 {x:g} {y:g})"' if turned else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{extra}>{escape(words)}</text>'


def _svg(width: float, height: float, parts: Iterable[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" {_FONT}>'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])
