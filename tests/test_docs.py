"""What the pages written by hand say is true: links lead somewhere, commands exist, configuration can be read."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from triage import log, settings
from triage.cli import main
from triage.daemon import ACTIONS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BY_HAND = [page for page in PAGES if page.parent.name not in ("reference", "adr")]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)|^\[[^\]]+\]: (\S+)$", re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
BEFORE = re.compile(r"(?:\$ |sudo (?:-u \w+ )?|[A-Z_]+=\S+ )*")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)
every_page_by_hand = pytest.mark.parametrize("page", BY_HAND, ids=name_of)


@every_page
def test_every_link_leads_somewhere(page):
    for target in links(page):
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


@every_page
def test_every_link_stays_in_the_project(page):
    assert [t for t in links(page) if not (page.parent / t.partition("#")[0]).resolve().is_relative_to(ROOT)] == []


def test_every_page_is_found_from_the_contents():
    linked = {(PAGES[0].parent / "docs" / t.partition("#")[0]).resolve() for t in links(ROOT / "docs" / "README.md")}
    below = [page for page in BY_HAND if page.parent.parent == ROOT / "docs"]
    assert [name_of(page) for page in below if page.resolve() not in linked] == []


@every_page_by_hand
def test_every_command_and_option_exists(page):
    for line in commands(page):
        assert what_is_unknown(line) == "", f"triage {line}"


@pytest.mark.parametrize(
    ("line", "wrong"),
    [("cases --urgnecy high", "--urgnecy"), ("mailbox", "mailbox"), ("quarantine empty", "empty"), ("cases 7", "7")],
)
def test_a_command_that_does_not_exist_would_be_found(line, wrong):
    assert what_is_unknown(line) == wrong


@every_page_by_hand
def test_every_configuration_can_be_read(page, tmp_path):
    for block in blocks(page, "toml"):
        settings.parse(completed(tomllib.loads(block)), tmp_path / "triage.toml")


@every_page_by_hand
def test_every_target_of_make_exists(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for code in snippets(page):
        for target in re.findall(r"^make ([a-z-]+)", code):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@every_page
def test_no_page_names_a_place_of_the_machine_it_was_written_on(page):
    assert re.findall(r"/(?:work|root|home|tmp)/\S*|/Users/\S*", page.read_text(encoding="utf-8")) == []


def test_every_error_class_has_advice():
    text = (ROOT / "docs" / "how-to" / "when-something-is-wrong.md").read_text(encoding="utf-8")
    assert [error.__name__ for error in ACTIONS if f"| `{error.__name__}` |" not in text] == []


@every_page_by_hand
def test_every_log_event_exists(page):
    subjects = "|".join(sorted({name.partition(".")[0] for name in log.EVENTS if "." in name}))
    named = {m for code in snippets(page) for m in re.findall(rf"^((?:{subjects})\.[a-z-]+)$", code)}
    assert named - set(log.EVENTS) - {"message.py"} == set()


@cache
def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    """Return the targets that lie in the project, as they are written."""
    found = (a or b for a, b in LINK.findall(INLINE.sub("``", prose(page))))
    return [target for target in found if not target.startswith(("https://", "http://", "mailto:"))]


@cache
def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def blocks(page: Path, language: str) -> list[str]:
    return [text for tag, text in FENCE.findall(page.read_text(encoding="utf-8")) if tag == language]


def snippets(page: Path) -> Iterator[str]:
    """Yield every line of a block without a language, and every piece of code within a line."""
    for block in blocks(page, ""):
        yield from block.splitlines()
    yield from INLINE.findall(prose(page))


def commands(page: Path) -> Iterator[str]:
    """Yield what stands behind `triage` wherever a page has it typed."""
    for code in snippets(page):
        for part in re.split(r" \| | > ", code):
            typed = part[BEFORE.match(part).end() :]
            if typed.startswith("triage "):
                yield typed.removeprefix("triage ")


def what_is_unknown(line: str) -> str:
    """Return the first word of a command line that the program does not know, or nothing."""
    command = main.command()
    for word in shlex.split(line):
        below = getattr(command, "commands", {})
        takes_arguments = any(p.param_type_name == "argument" for p in command.params)
        options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
        if word in below:
            command = below[word]
        elif word.startswith("-") and word != "-":
            if word not in options:
                return word
        elif not takes_arguments and not previous_takes_value(command, line, word):
            return word
    return ""


def previous_takes_value(command: Any, line: str, word: str) -> bool:
    words = shlex.split(line)
    before = words[words.index(word) - 1] if words.index(word) else ""
    return any(before in p.opts and not getattr(p, "is_flag", False) for p in command.params)


def completed(table: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a configuration as a whole one: with a key, and with the channels that it names."""
    table.setdefault("desk", {}).setdefault("key", {"file": "triage.key"})
    channels = table.setdefault("channels", {})
    through = [channel.get("answers_through") for channel in channels.values()]
    quiet = table.get("replies", {}).get("silent", [])
    named = [*table.get("targets", {}).get("channels", {}), *quiet, *through]
    for name in filter(None, named):
        channels.setdefault(name, {"kind": "folder", "path": "elsewhere"})
    return table
