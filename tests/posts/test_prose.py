from __future__ import annotations

import pytest

from otklik.posts.prose import as_html, as_plain, excerpt


def test_excerpt_is_the_paragraphs_without_marks() -> None:
    text = "Стоят **горки**\nи [качели](https://a.example).\n\n- список\n\n> цитата\n\nПриходите."

    assert excerpt(text) == "Стоят горки и качели. Приходите."


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](data:text/html;base64,AAAA)", "<p>[x](data:text/html;base64,AAAA)</p>\n"),
        ("![x](/track.gif)", '<p>!<a href="/track.gif" rel="noopener noreferrer">x</a></p>\n'),
        ("<p onclick=alert(1)>x</p>", "<p>&lt;p onclick=alert(1)&gt;x&lt;/p&gt;</p>\n"),
    ],
)
def test_nothing_that_runs_or_loads_comes_through(text: str, html: str) -> None:
    assert as_html(text) == html


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Просто слова.\nИ ещё.\n\nАбзац.", "Просто слова.\nИ ещё.\n\nАбзац."),
        ("## Мост\nСтоят **горки** и _качели_.", "Мост\n\nСтоят горки и качели."),
        ("Будет:\n\n- лавки\n- навес\n\nЖдём.", "Будет:\n\n• лавки\n• навес\n\nЖдём."),
        ("3. три\n4. четыре\n   - внутри", "3. три\n4. четыре\n• внутри"),
        ("> Спросили.\n\nОтветили.", "Спросили.\n\nОтветили."),
        ("[адрес](https://a.example/b) и <https://a.example>", "адрес (https://a.example/b) и https://a.example"),
        ("```\nкод\n```", "код"),
        ("", ""),
    ],
)
def test_networks_get_plain_text(text: str, plain: str) -> None:
    assert as_plain(text) == plain
