"""Text that people wrote, made safe: members' Markdown for pages and the wire, peers' HTML for pages and for reading.

Called by outbound, by services that take in peers' documents and by the pages.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import nh3
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 50_000
_INLINE = {"br", "em", "strong", "a", "code", "hr", "del"}
_BLOCKS = {"p", "div", "ul", "ol", "li", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
TAGS = _INLINE | _BLOCKS
NOT_HTML = {"text/markdown", "text/plain"}
_END_OF_LINE = re.compile(rf"<(?:br|hr)>|</(?:{'|'.join(sorted(_BLOCKS))})>")


def to_html(text: str) -> str:
    """Sanitised HTML of a CommonMark text: no raw HTML, no images, links with rel set; linear in the text's length."""
    return safe_html(MarkdownIt("commonmark", {"html": False}).render(text[:LONGEST_TEXT]))


def content_html(document: Mapping[str, Any]) -> str:
    """The `content` of a peer's document as safe HTML: HTML unless its `mediaType` says otherwise (AS2 §content)."""
    text = _content(document)
    return to_html(text) if document.get("mediaType") in NOT_HTML else safe_html(text)


def content_text(document: Mapping[str, Any]) -> str:
    """The `content` of a peer's document as plain text without any markup, one line for each block of it."""
    text = _content(document)
    if document.get("mediaType") not in NOT_HTML and "<" not in text and "&" not in text:
        return _lines(text)  # nothing to take out
    return plain_text(content_html(document))


def _content(document: Mapping[str, Any]) -> str:
    content = document.get("content")
    return content[:LONGEST_TEXT] if isinstance(content, str) else ""


def plain_text(marked_up: str) -> str:
    """The words of somebody's HTML without any markup, one line for each block of it."""
    return _lines(html.unescape(nh3.clean(_END_OF_LINE.sub("\n", marked_up), tags=set())))


def _lines(text: str) -> str:
    return "\n".join(line for line in (line.strip() for line in text.splitlines()) if line)


def safe_html(marked_up: str) -> str:
    """What is harmless of somebody's HTML: our few tags, links to the web and mail; never raises, linear in length."""
    return nh3.clean(marked_up, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
