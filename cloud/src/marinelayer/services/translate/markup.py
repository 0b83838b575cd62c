"""Whether a text is HTML, whose tags a translation keeps letter for letter. Pure.

Source: https://docs.aws.amazon.com/translate/latest/dg/customizing-translations-tags.html, by which TranslateText takes
HTML, and leaves alone what is marked `translate="no"`. AWS does not say by what it tells HTML: here it is an element
that begins and ends, or one that has no end (`<br>`).
"""

from __future__ import annotations

import re

MEDIA_TYPE = "text/html"
ENDLESS = frozenset({"br", "hr", "img", "input", "wbr"})
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)(?:\s[^<>]*|/)?>", re.IGNORECASE)


def is_html(text: str) -> bool:
    """Whether there is an element in the text: `<b>so</b>` or `so<br>`, but not `if a<b then c>d`."""
    begun: set[str] = set()
    for end, tag in _TAG.findall(text):
        name = tag.lower()
        if name in ENDLESS or (end and name in begun):
            return True
        begun |= set() if end else {name}
    return False
