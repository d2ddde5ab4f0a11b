import ast
import contextlib
import io
import json
import logging
import os
from pathlib import Path

import triage
from triage import log
from triage.errors import ChannelDown

PACKAGE = Path(triage.__file__).parent
METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


def events_in_code():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id in {"log", "logger", "_log"}:
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.args[0]


def test_every_event_in_the_code_is_listed():
    wrong = [
        place for place, name in events_in_code() if not (isinstance(name, ast.Constant) and name.value in log.EVENTS)
    ]
    assert wrong == []


def test_every_listed_event_is_written_somewhere():
    written = {name.value for _, name in events_in_code() if isinstance(name, ast.Constant)}
    assert set(log.EVENTS) - written - {"library"} == set()


def test_a_line_is_one_json_object_with_a_name_and_keys(lines):
    log.info("message.received", channel="support-mail", new=3)
    [line] = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "message.received", "channel": "support-mail", "new": 3, "level": "info"}


def test_addresses_become_the_same_pseudonym_and_texts_are_refused(lines):
    log.info("message.received", sender="zoe@example.org", text="my phrase is")
    log.info("message.received", address="zoe@example.org")
    first, second = lines()
    assert first["sender"] == second["address"]
    assert "zoe" not in json.dumps(first) + json.dumps(second)
    assert first["text"] == "[not logged]"


def test_a_library_is_heard_from_warnings_on_and_masked(lines):
    logging.getLogger("httpx").info("GET https://api.telegram.org/bot123456:AAAAAAAAAAAAAAAAAAAA/getUpdates")
    logging.getLogger("httpx").warning(
        "failed: https://api.telegram.org/bot123456:AAAAAAAAAAAAAAAAAAAA/getMe for %s", "ada@example.org"
    )
    [line] = lines()
    assert line["event"] == "library"
    assert line["library"] == "httpx"
    assert "AAAA" not in line["said"]
    assert "ada@" not in line["said"]


def test_an_exception_shows_where_it_arose_but_no_words_of_others(lines):
    def inner():
        raise KeyError("what a customer wrote")

    try:
        try:
            inner()
        except KeyError as error:
            raise ChannelDown("support-mail", "no answer in 10 s") from error
    except ChannelDown:
        log.exception("crash")
    [line] = lines()
    assert "in inner" in line["exception"]
    assert "what a customer wrote" not in line["exception"].replace('raise KeyError("what a customer wrote")', "")
    assert "ChannelDown: support-mail: no answer in 10 s" in line["exception"]


def test_an_exception_of_a_library_is_shown_the_same_way(lines):
    try:
        raise UnicodeDecodeError("utf-8", b"seed words", 0, 1, "no")
    except UnicodeDecodeError:
        logging.getLogger("asyncio").exception("Task exception was never retrieved")
    [line] = lines()
    assert line["exception"].endswith("UnicodeDecodeError\n")


def test_a_closed_standard_error_stops_nothing():
    stream = io.StringIO()
    log.configure(stream=stream, pretty=False)
    stream.close()
    log.info("message.received")


def test_people_get_colours_and_no_traceback_with_values(lines):
    stream = io.StringIO()
    log.configure(stream=stream, pretty=True)
    log.info("daemon.ready", channels=2)
    assert "daemon.ready" in stream.getvalue()


def test_a_pipe_that_nobody_reads_stops_nothing(lines):
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "w")
    log.configure(stream=stream, pretty=False)
    for _ in range(2000):
        log.info("message.received", channel="support-mail")
    os.close(reading)
    with contextlib.suppress(OSError):
        stream.close()
