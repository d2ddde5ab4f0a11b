"""HTML as the text a person would see, without the quoted message that mail programs mark as such."""

import re
from contextlib import suppress
from typing import Any

_LONGEST = 150_000  # characters that are parsed
_INVISIBLE = ("style", "script", "head", "title", "template", "noscript", "svg", "math")
_OPEN_INVISIBLE = re.compile(rf"<({'|'.join(_INVISIBLE)})\b|<!--", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_SPACES = re.compile(r"[ \t\xa0]{2,}")

# Outlook puts the quoted message after these, not into them.
_CUT_AFTER = "//*[@id='appendonsend' or contains(@id,'divRplyFwdMsg') or @id='mail-editor-reference-message-container']"
_QUOTES = """//blockquote[@type='cite' or contains(@class,'gmail_quote') or contains(@class,'tutanota_quote')]
    | //*[contains(@class,'yahoo_quoted') or contains(@class,'moz-cite-prefix') or contains(@class,'protonmail_quote')
    or @id='isReplyContent' or @id='spnEditorContent_quote' or self::includetail]"""
_GMAIL = "//div[contains(@class,'gmail_quote')]"
_GMAIL_ATTRIBUTION = ".//*[contains(@class,'gmail_attr')]"
_HIDDEN = "//*[contains(translate(@style,' ','') ,'display:none') or contains(@style,'mso-hide') or @hidden]"


def text_of(html: str) -> str:
    """Return the visible text of `html` without marked quotes; with them if nothing else is there.

    What is hidden, scripted or too long to be read by a person is left out. Never raises.
    """
    source = _without_invisible(html)[:_LONGEST]
    words = _SPACES.sub(" ", _TAG.sub(" ", source))
    with suppress(Exception):  # a tree that libxml2 or inscriptis cannot manage is read as bare words
        return _rendered(source, at_least=len(words.strip()) // 4)
    return words


def _without_invisible(html: str) -> str:
    """Return `html` without comments and elements that are never shown, found by plain search in linear time."""
    kept, length, position = [], 0, 0
    lowered = html.lower()
    if len(lowered) != len(html):  # some capital letters have longer small ones: places would not match
        lowered = html
    unclosed = set()
    while (found := _OPEN_INVISIBLE.search(html, position)) and length < _LONGEST:
        kept.append(html[position : found.start()])
        length += len(kept[-1])
        end = "-->" if found.group(1) is None else f"</{found.group(1).lower()}"
        close = -1 if end in unclosed else lowered.find(end, found.end())
        position = found.end()
        if close < 0:  # never closed: show what follows rather than lose it
            unclosed.add(end)
            continue
        after = lowered.find(">", close)
        position = after + 1 if after >= 0 else len(html)
    return "".join(kept) + html[position : position + _LONGEST]


def _rendered(source: str, at_least: int) -> str:
    """Return the text of the parsed tree; raises ValueError if libxml2 lost most of it (it stops at 256 levels)."""
    from inscriptis.css_profiles import CSS_PROFILES  # heavy, and few messages have no plain text
    from inscriptis.html_engine import Inscriptis
    from inscriptis.model.config import ParserConfig
    from lxml.html import document_fromstring  # type: ignore[import-untyped]

    if not source.strip():
        return ""
    config = ParserConfig(css=CSS_PROFILES["strict"])
    whole = document_fromstring(source)
    if len(whole.text_content()) < at_least:
        raise ValueError("the tree is too deep")
    _drop(whole, _HIDDEN)
    _drop_gmail_quotes(whole)
    _drop(whole, _QUOTES)
    _drop_after(whole)
    if not whole.text_content().strip():  # nothing but quotes: with them, then, read anew because that is seldom
        whole = document_fromstring(source)
        _drop(whole, _HIDDEN)
    return str(Inscriptis(whole, config).get_text())


def _drop(tree: Any, path: str) -> None:
    for element in tree.xpath(path):
        if element.getparent() is not None:
            element.drop_tree()


def _drop_gmail_quotes(tree: Any) -> None:
    """Drop Gmail's quote; a forwarded message, and answers written between the quotes, stay."""
    for element in tree.xpath(_GMAIL):
        if element.getparent() is None or element.text_content().lstrip().startswith("-----"):
            continue
        between = element.xpath(".//blockquote")
        for part in element.xpath(_GMAIL_ATTRIBUTION) if between else [element]:
            part.drop_tree()


def _drop_after(tree: Any) -> None:
    """Drop the first Outlook mark and everything that follows it in the document."""
    for mark in tree.xpath(_CUT_AFTER)[:1]:
        element = mark
        while (parent := element.getparent()) is not None:
            element.tail = None
            for later in list(element.itersiblings()):
                parent.remove(later)
            element = parent
        if mark.getparent() is not None:
            mark.getparent().remove(mark)
