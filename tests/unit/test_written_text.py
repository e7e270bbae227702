"""Text of members and of peers on its way to pages and readers: nothing in it runs, and no words are lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.markdown import content_html, content_text, to_html

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)' onclick='x()'>go</a>"


def test_a_peer_s_html_keeps_its_shape_and_loses_what_could_run() -> None:
    assert content_html({"content": f"<div>One</div><p><strong>two</strong>{HOSTILE}</p>"}) == (
        '<div>One</div><p><strong>two</strong><a rel="noopener noreferrer">go</a></p>'
    )


def test_a_peer_s_html_reads_as_lines_of_plain_text() -> None:
    content = f"<div>Bread</div><ul><li>rye</li><li>wheat &amp; oats</li></ul>a<br/>b &lt;i&gt;{HOSTILE}"

    assert content_text({"content": content}) == "Bread\nrye\nwheat & oats\na\nb <i>go"


@pytest.mark.parametrize("media_type", ["text/plain", "text/markdown"])
def test_content_that_says_it_is_no_html_is_not_read_as_html(media_type: str) -> None:
    document = {"content": "1 <b>2</b>", "mediaType": media_type}

    assert content_html(document) == "<p>1 &lt;b&gt;2&lt;/b&gt;</p>\n"
    assert content_text(document) == "1 <b>2</b>"


@pytest.mark.parametrize("content", [None, 7, ["<p>x</p>"], {"en": "x"}])
def test_content_that_is_no_text_is_none(content: object) -> None:
    assert (content_html({"content": content}), content_text({"content": content})) == ("", "")


@given(st.text(alphabet="<>/ab\"'=& ;!-scriptonx\n", max_size=80))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = content_html({"content": text})

    assert content_html({"content": once}) == once


def test_members_markdown_cannot_bring_html() -> None:
    assert to_html(f"*one* {HOSTILE}") == (
        "<p><em>one</em> &lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"
        "&lt;a href='javascript:alert(1)' onclick='x()'&gt;go&lt;/a&gt;</p>\n"
    )
