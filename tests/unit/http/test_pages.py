"""Pages: what a form may lead to, and what every template starts from."""

import re
from pathlib import Path

import pytest

from stonechat.http.pages import STATIC, Pages, content_policy, form_source, redirect
from stonechat.kernel.errors import NotFound
from stonechat.kernel.settings import Settings


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("https://app.example/cb?a=b", "https://app.example"),
        ("HTTPS://APP.example:8443/", "https://app.example:8443"),
        ("http://127.0.0.1:5000/", "http://127.0.0.1:5000"),
        ("http://localhost/", "http://localhost"),
        # The policy's grammar has no words for these hosts.
        ("http://[::1]:5000/", "http:"),
        ("https://under_score.example/", "https:"),
        ("myapp://host/path", "myapp:"),
        ("com.tapbots.Ivory.10217:/request_token", "com.tapbots.ivory.10217:"),
        ("my+app-1:x", "my+app-1:"),
    ],
)
def test_a_form_may_lead_to_an_origin_or_to_a_scheme(uri: str, source: str) -> None:
    assert form_source(uri) == source
    assert f"form-action 'self' {source};" in content_policy([uri])


def test_nothing_that_a_page_names_can_end_the_directive() -> None:
    for uri in ("https://a.example;script-src 'unsafe-inline'/", "https://a.example, b/"):
        assert form_source(uri) == "https:"


def test_a_page_starts_with_what_every_page_needs(tmp_path: Path) -> None:
    pages = Pages(Settings(tmp_path, "", title='Bird & "Co" <b>'))
    text = pages.problem(NotFound()).encoded().decode()
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert "<title>There is nothing here · Bird &amp; &#34;Co&#34; &lt;b&gt;</title>" in text
    assert '<main id="main">' in text
    assert '<a class="skip" href="#main">' in text
    assert '<meta name="viewport"' in text
    assert "<script" not in text
    assert "style=" not in text


def test_the_style_is_known_by_its_content(tmp_path: Path) -> None:
    text = Pages(Settings(tmp_path, "")).problem(NotFound()).encoded().decode()
    found = re.search(r'href="/static/style\.css\?v=([0-9a-f]{8})"', text)
    assert found is not None
    style = (STATIC / "style.css").read_text()
    assert "prefers-color-scheme: dark" in style
    assert "http:" not in style
    assert "https:" not in style


def test_a_redirect_is_a_get_to_somewhere_else() -> None:
    answer = redirect("/there", cookies=["a=b"])
    assert (answer.status, answer.headers["location"]) == (302, "/there")
    assert tuple(answer.cookies) == ("a=b",)
