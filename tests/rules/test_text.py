"""What a person newly said: nothing of hers is lost, nothing of ours comes back."""

import pytest
from builders import a_message
from effort import bounded
from hypothesis import given
from hypothesis import strategies as st

from triage.rules.text import LONGEST, clean, one_line, visible_text


def said(text: str = "", **other: str) -> str:
    return visible_text(a_message(text, **other))


def test_nul_surrogates_and_controls_never_reach_a_store():
    assert clean("a\0b\ud800c\x07d\r\ne\u2028f\tg") == "a\u2400b\ufffdcd\ne\nf\tg"


@given(st.text(st.characters(), max_size=60))
def test_every_cleaned_text_can_be_written_as_utf8_and_stays_as_it_is(text):
    cleaned = clean(text)
    cleaned.encode()
    assert "\0" not in cleaned
    assert clean(cleaned) == cleaned


def test_decomposed_accents_become_one_character():
    assert clean("reti\u0301rame") == "retírame"


def test_one_line_is_one_line():
    assert one_line(" a\r\n b\t\u2028c ") == "a b c"


@pytest.mark.parametrize(
    "advert",
    [
        "Sent from my iPhone",
        "Sent from Outlook for iOS",
        "Get Outlook for Android",
        "Sent with Proton Mail secure email.",
        "发自我的 iPhone",
        "发自我的华为手机",
        "發自我的 iPhone",
        "从我的手机发送",
        "获取 Outlook for iOS",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Envoyé de mon iPhone",
        "Von meinem iPhone gesendet",
        "iPhoneから送信",
        "나의 iPhone에서 보냄",
        "Отправлено с iPhone",
        "Dikirim dari iPhone saya",
        "Gửi từ iPhone của tôi",
        "iPhone'umdan gönderildi",
    ],
)
def test_a_phones_own_line_goes(advert):
    assert said(f"My card is lost.\n\n{advert}\n") == "My card is lost."


@pytest.mark.parametrize(
    "sentence",
    [
        "Sent from Binance 200 USDT yesterday",
        "Enviado desde Binance a mi cuenta 200 USDT",
        "Отправлено с Binance 200 USDT",
        "Sent with the wrong network",
    ],
)
def test_a_customers_own_sentence_about_sending_stays(sentence):
    assert said(f"{sentence}\nwhere is it?") == f"{sentence}\nwhere is it?"


def test_what_stands_below_the_signature_delimiter_goes():
    assert said("It is broken.\n\n-- \nAnn Example\nExample Ltd\n+49 30 1234") == "It is broken."


def test_a_text_below_a_delimiter_with_nothing_above_is_what_was_said():
    assert "help" in said("-- \nhelp me")


@pytest.mark.parametrize(
    "notice",
    [
        "CONFIDENTIALITY NOTICE: This e-mail is privileged and confidential.",
        "This message and any attachments are intended only for the named person and are confidential.",
        "AVISO LEGAL: este mensaje es confidencial.",
        "本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人。",
        "Diese E-Mail enthält vertrauliche Informationen.",
    ],
)
def test_a_legal_notice_goes(notice):
    assert said(f"Please help.\n\n{notice}\n\nMore of it.") == "Please help."


def test_a_message_that_is_nothing_but_a_notice_stays():
    assert said("This message is confidential: my boss stole 3 BTC.")


def test_html_is_read_when_there_is_no_plain_text():
    html = "<style>p{}</style><p>Hello <b>there</b></p><div style='display: none'>KEY</div><p>second</p>"
    assert said(html=html).split() == ["Hello", "there", "second"]


QUOTED_HTML = {
    "gmail": '<div>KEEP</div><div class="gmail_quote"><div class="gmail_attr">On Mon, Nov 2, 2026 at 10:00 AM Desk '
    '&lt;<a>desk@example.com</a>&gt; wrote:<br></div><blockquote class="gmail_quote">QUOTED</blockquote></div>',
    "gmail, bare": '<div>KEEP</div><div class="gmail_quote">On Monday Desk wrote:<br>QUOTED</div>',
    "apple": 'KEEP<br><blockquote type="cite"><div>On 2 Nov 2026, at 10:00, D &lt;d@e.com&gt; wrote:</div>QUOTED'
    "</blockquote>",
    "outlook": '<div>KEEP</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Desk</div>'
    "<div>QUOTED</div>",
    "outlook, nested": '<div><div>KEEP<div id="x_divRplyFwdMsg">From: Desk</div></div><p>QUOTED</p></div>QUOTED',
    "outlook on a desktop": "<p>KEEP</p><div><p><b>From:</b> Desk &lt;d@e.com&gt;<br><b>Sent:</b> Monday<br><b>To:</b>"
    " c@x.org<br><b>Subject:</b> RE: x</p></div><p>QUOTED</p>",
    "yahoo": 'KEEP<div class="yahoo_quoted">QUOTED</div>',
    "thunderbird": 'KEEP<div class="moz-cite-prefix">QUOTED</div><blockquote type="cite">QUOTED</blockquote>',
    "qq": "<div>KEEP</div><includetail><div>QUOTED</div></includetail>",
}


@pytest.mark.parametrize("program", QUOTED_HTML)
def test_the_quote_of_html_mail_goes(program):
    assert said(html=QUOTED_HTML[program]) == "KEEP"


def test_an_answer_between_two_quotes_of_html_mail_stays():
    html = '<div class="gmail_quote"><blockquote>QUOTED</blockquote><div>KEEP</div><blockquote class="gmail_quote">Q'
    assert "KEEP" in said(html=html)


def test_a_forwarded_html_mail_is_what_was_said():
    html = '<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------</div>KEEP</div>'
    assert "KEEP" in said(html=html)


def test_html_that_is_nothing_but_a_quote_is_shown_whole():
    assert said(html='<blockquote type="cite">all there is</blockquote>') == "all there is"


def test_html_too_deep_for_a_tree_is_still_read():
    assert "KEEP" in said(html="<div>" * 20_000 + "KEEP")


def test_what_is_said_is_capped():
    assert len(said("word " * 30_000)) <= LONGEST


HOSTILE = {
    "bars": ">" * 100_000,
    "bar lines": "> \n" * 33_000,
    "colons": "a:\n" * 33_000,
    "openers": ("On " + "1" * 90 + ":\n") * 1_000,
    "attributions": "On 10:00 a@b.c wrote:x\n" * 4_000,
    "verbs": ("wrote " * 50 + ":\n") * 300,
    "blanks": " " * 100_000 + ":",
    "newlines": "\n" * 100_000,
    "dashes": "-" * 100_000,
    "delimiters": "--\n" * 33_000,
    "headers": "From: a\nDate: b\n" * 6_000,
    "addresses": "@" * 100_000 + ":",
    "notices": "confidential\n\n" + "this message\n\n" * 7_000,
    "korean": "에서" * 50_000,
}
HOSTILE_HTML = {
    "nesting": "<div>" * 20_000,
    "brackets": "<" * 100_000,
    "comments": "<!--" * 25_000,
    "styles": "<style>" * 14_000,
    "tables": "<table><tr><td>" * 6_000,
    "attributes": "<a " + "x=y " * 25_000 + ">",
    "entities": "&" * 100_000,
    "quotes": "<div class=gmail_quote>x" * 4_000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_takes_bounded_time(what):
    with bounded(seconds=2):
        said(HOSTILE[what])


@pytest.mark.parametrize("what", HOSTILE_HTML)
def test_hostile_html_takes_bounded_time(what):
    with bounded(seconds=2):
        said(html=HOSTILE_HTML[what])


def test_a_reply_of_nothing_but_bars_says_nothing():
    assert visible_text(a_message("> We have your message.\n> Bye", refers_to=("<ack@us.example>",))) == ""
