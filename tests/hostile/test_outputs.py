"""Nothing a customer writes acts anywhere: in the page, the API, a terminal, a line of JSON, a spreadsheet, the log."""

import json

import pytest
from hostility import Way, a_mail

from triage import log
from triage.spreadsheets import cell, csv_of

WORDS = (
    "<svg/onload=alert(1)>",
    '<a href="data:text/html,x">x</a>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<img src="https://evil.example/p.gif">',
    '" autofocus onfocus=alert(1) x="',
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}${7*7}<%= 7*7 %>",
    '=HYPERLINK("http://evil.example")',
    "@SUM(1)",
    "+1-1|cmd!A0",
    "\t=1+1",
    "＝1+1",
    "x\nINFO login ok user=admin",
    "%s%n {0.__class__}",
    "\x1b[31mred\x1b]8;;http://evil.example\x07link\x9b0m",
    "photo\u202egnp.exe \u2066a\u2069 \u200b\u200f",
    "[bold red]markup[/] :boom:",
    "a\0b\ud800c\u2028d",
    "'; DROP TABLE cases; --",
)


def test_every_output_is_safe_whatever_is_written_wherever(way: Way):
    for words in WORDS:
        way.everywhere(words)
        way.room.later(minutes=11)
    assert len(way.messages()) > 100
    way.check_outputs()


@pytest.mark.parametrize("words", WORDS[:5])
def test_it_is_shown_as_the_text_it_is(way: Way, words):
    from html import escape

    way.mail(a_mail({"From": "a@example.net"}, f"My deposit is missing {words}"))
    assert (
        escape(words).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
        in way.get(f"/cases/{way.case().number}").text
    )


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "＠x", "|x", "%x", "\x01=1", "\u200e=1"]
)
def test_a_cell_is_never_a_formula(text):
    assert str(cell(text)).startswith("'")


def test_a_table_keeps_numbers_and_quotes_every_text():
    assert csv_of(["a"], [[-5], ['say "x";y'], [None]]) == '"a"\r\n-5\r\n"say ""x"";y"\r\n""\r\n'


def test_a_line_of_the_log_is_one_line(capsys):
    log.configure()
    log.warning("message.failed", channel="x\nINFO login ok\x1b[0m", id=1)
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["channel"] == "x\nINFO login ok\x1b[0m"
