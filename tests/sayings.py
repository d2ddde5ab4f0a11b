"""Every text that Triage stores or shows in English and a page says in the reader's language, found in the code.

Texts are put together from values, so each is found with a 7 in every place: "a reply of 7 characters".
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import triage

TRIAGE = Path(triage.__file__).parent
VALUE = "7"

ERRORS = ("ChannelDown", "ChannelRefused", "SendRefused", "SendUnknown", "Limited", "kind")
PLACES = dict.fromkeys(ERRORS, 1) | {"_reason": 1, "reason_of": 1, "keep_row": 2, "_link": 2, "ModelUnusable": 0}
"""Which argument of a call is such a text: of `Reason`, `Part` and `Unreadable` it is named instead."""
NAMED = {"Reason": "text", "Part": "text", "Unreadable": "why"}
STAGES = ("within", "_command", "_stage")
"""Whose first argument says what a connector was at, if it is written there."""


@cache
def sayings() -> tuple[tuple[str, str | None], ...]:
    """Return each text with where it stands; None for one that is made elsewhere: nobody can see what it says."""
    return tuple(_read())


def _read() -> Iterator[tuple[str, str | None]]:
    for path in sorted(TRIAGE.rglob("*.py")):
        module = Module(ast.parse(path.read_text("utf-8")))
        for call in (node for node in module.nodes if isinstance(node, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            told = [given.value for given in call.keywords if given.arg and given.arg == NAMED.get(name)]
            if name in PLACES:
                told += call.args[PLACES[name] : PLACES[name] + 1]
            if name in STAGES and "connectors" in path.parts:
                told += [one for one in call.args[:1] if isinstance(one, ast.Constant | ast.JoinedStr)]
            for one in told:
                for text in module.texts(one):
                    yield f"{path.relative_to(TRIAGE)}: {ast.unparse(one)}", text


class Module:
    """One file of the code, asked for the texts that an expression of it can be."""

    def __init__(self, tree: ast.Module) -> None:
        self.nodes = [*ast.walk(tree)]
        self.given: dict[str, list[ast.expr]] = {}
        self.returned: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self.given.setdefault(ast.unparse(target), []).append(node.value)
            elif isinstance(node, ast.FunctionDef):
                answers = (one.value for one in ast.walk(node) if isinstance(one, ast.Return))
                self.returned[node.name] = [answer for answer in answers if answer is not None]
        for node in self.nodes:
            if isinstance(node, ast.comprehension | ast.For) and isinstance(node.target, ast.Tuple):
                self._given_in_a_loop(node.target, ast.unparse(node.iter))

    def _given_in_a_loop(self, names: ast.Tuple, table: str) -> None:
        rows = [row for one in self.given.get(table, []) if isinstance(one, ast.Tuple) for row in one.elts]
        for at, name in enumerate(names.elts):
            told = [row.elts[at] for row in rows if isinstance(row, ast.Tuple) and len(row.elts) == len(names.elts)]
            self.given.setdefault(ast.unparse(name), []).extend(told)

    def texts(self, node: ast.expr, depth: int = 3) -> Iterator[str | None]:
        """Yield what an expression can be."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)
        elif isinstance(node, ast.IfExp):
            yield from self.texts(node.body, depth)
            yield from self.texts(node.orelse, depth)
        elif isinstance(node, ast.Dict):
            yield from self._any(node.values, depth)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and depth:
            yield from self._any([node.func.value, *node.args[1:]], depth)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and depth:
            yield from self._any(self.returned.get(node.func.id, []), depth)
        else:
            yield from self._any(self.given.get(ast.unparse(node), []), depth) if depth else [None]

    def _any(self, nodes: list[ast.expr], depth: int) -> Iterator[str | None]:
        if not nodes:
            yield None
        for node in nodes:
            yield from self.texts(node, depth - 1)
