"""A visitor of the sign-in pages without a browser: follows redirects and fills in forms."""

import http.cookiejar
import urllib.request
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

PASSWORD = "long enough"


class _Forms(HTMLParser):
    """The forms of a page: where each goes, and what its fields hold."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.code = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((found.get("action", ""), {}))
        elif tag == "input" and "oauth-code" in found.get("class", ""):
            self.code = found["value"]
        elif tag in ("input", "button") and self.forms and found.get("name"):
            # Of several buttons the first one is pressed, as the Enter key does.
            self.forms[-1][1].setdefault(found["name"], found.get("value", ""))


class Visitor:
    """One browser session."""

    def __init__(self) -> None:
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def _open(self, url: str, fields: dict[str, str] | None = None) -> tuple[str, _Forms]:
        request = urllib.request.Request(
            url, data=None if fields is None else urlencode(fields).encode()
        )
        if fields is not None:
            request.add_header("Origin", "/".join(url.split("/", 3)[:3]))
        with self._opener.open(request, timeout=30) as answer:
            page = _Forms()
            page.feed(answer.read().decode())
            return answer.url, page

    def authorize(self, url: str, name: str, password: str = PASSWORD) -> str:
        """Sign in, consent, and read the out-of-band code from the page."""
        at, page = self._open(url)
        for _ in range(3):
            if page.code:
                return page.code
            action, fields = page.forms[0]
            for field in fields:
                if field in ("username", "email", "login", "name"):
                    fields[field] = name
                if field == "password":
                    fields[field] = password
            at, page = self._open(urljoin(at, action), fields)
        assert page.code, at
        return page.code
