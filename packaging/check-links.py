"""Whether each link of a built site leads to a file of it, and to a name in that file: `check-links.py FOLDER`."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, path):
        super().__init__()
        self.links, self.names = set(), set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            if key in ("href", "src") and tag != "base":
                self.links.add(value)
            elif key in ("id", "name"):
                self.names.add(value)


def main(folder):
    root = Path(folder).resolve()
    # The page for what is not found has links from the server's root.
    paths = [path for path in root.rglob("*.html") if path.name not in ("404.html", "toc.html")]
    pages = {path: Page(path) for path in paths}
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                broken.append(f"{path.relative_to(root)}: {link}: there is no such file")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].names:
                broken.append(f"{path.relative_to(root)}: {link}: there is no such name")
    if broken:
        sys.exit("\n".join(sorted(broken)))
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links: none is broken")


main(sys.argv[1])
