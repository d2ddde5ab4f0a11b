"""A desk in a folder of its own, and the command line as people type it."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from triage.cli import main, terminal


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def triage(monkeypatch, capsys) -> Callable[..., Outcome]:
    """Type a command; what it would end the process with comes back."""
    # `--config` is passed on by the environment: whatever a test does to it is undone.
    monkeypatch.setenv("TRIAGE_CONFIG", "")

    def run(*words: object) -> Outcome:
        monkeypatch.setattr("sys.argv", ["triage", *map(str, words)])
        terminal.out.cache_clear()
        terminal.err.cache_clear()
        with pytest.raises(SystemExit) as end:
            main.main()
        said = capsys.readouterr()
        return Outcome(int(end.value.code or 0), said.out, said.err)

    handlers = logging.getLogger().handlers[:]
    yield run
    logging.getLogger().handlers[:] = handlers
    terminal.out.cache_clear()
    terminal.err.cache_clear()


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text("a key of the tests, long enough")
    (tmp_path / "drop").mkdir()
    (tmp_path / "triage.toml").write_text(
        '[desk]\nkey = { file = "key" }\nlanguages = ["en"]\n[store]\nurl = "sqlite:///triage.db"\n'
        '[channels.drop]\nkind = "folder"\npath = "drop"\n'
    )
    return tmp_path


@pytest.fixture
def a_file(home) -> Callable[..., Path]:
    """Write messages into a file, one line each."""

    def write(*texts: str, name: str = "messages.jsonl", **other: Any) -> Path:
        path = home / name
        lines = (json.dumps({"text": text, "from": f"c{n}@example.org"} | other) for n, text in enumerate(texts))
        path.write_text("\n".join(lines) + "\n")
        return path

    return write
