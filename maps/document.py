"""A Folium map as three parts for a page of our own: head, body, script.

Nothing in them loads from the network: every address goes through the table of maps.assets.
Every script and style carries the page's nonce, so a policy without 'unsafe-inline' passes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser

import folium

from maps import assets, escape


@dataclass(frozen=True)
class Parts:
    """HTML for the page's head, for the place of the map, and for the end of the body."""

    head: str
    body: str
    script: str


class _Rewriter(HTMLParser):
    """Copies a piece of HTML with local addresses and nonces; leaves out meta elements."""

    def __init__(self, url: Callable[[str], str], nonce: str, without: tuple[str, ...]) -> None:
        super().__init__(convert_charrefs=False)
        self.url, self.nonce, self.without = url, nonce, without
        self.out: list[str] = []
        self.skipping = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "meta":  # the page has its own
            return
        if any(name == "style" or name.startswith("on") for name, _ in attrs):
            raise ValueError(f"Thẻ <{tag}> mang kiểu hoặc lệnh ngay trong thẻ: trái với CSP.")
        address = {"script": "src", "link": "href"}.get(tag)
        values = dict(attrs)
        if address and values.get(address):
            path = assets.local(values[address] or "")
            if path is None or path.startswith(self.without):
                self.skipping = "script" if tag == "script" else ""
                return
            values[address] = self.url(path)
        if tag in {"script", "style", "link"}:
            values["nonce"] = self.nonce
        inside = "".join(
            f' {name}="{escape.text(value)}"' if value is not None else f" {name}"
            for name, value in values.items()
        )
        self.out.append(f"<{tag}{inside}>")

    def handle_endtag(self, tag: str) -> None:
        if self.skipping == tag:
            self.skipping = ""
        elif tag != "link":
            self.out.append(f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")


def document(
    canvas: folium.Map,
    url: Callable[[str], str],
    nonce: str,
    *,
    without: tuple[str, ...] = ("bootstrap/",),
) -> Parts:
    """Render `canvas` once and return its parts.

    `url` turns a path below static/vendor into the address that serves it. `without` names what
    the page has already (paths or folders below static/vendor). Raises
    maps.assets.UnknownAddressError when the map wants a file nobody serves.
    """
    root = canvas.get_root()
    root.render()

    def rewrite(markup: str) -> str:
        rewriter = _Rewriter(url, nonce, without)
        rewriter.feed(markup)
        rewriter.close()
        return "".join(rewriter.out).strip()

    script = root.script.render()
    return Parts(
        head=rewrite(root.header.render()),
        body=rewrite(root.html.render()),
        script=f'<script nonce="{escape.text(nonce)}">{script}</script>',
    )
