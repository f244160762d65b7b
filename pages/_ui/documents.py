"""Pages of the documentation that a text names: links where ``/docs`` is served, else words."""

from __future__ import annotations

import re

from pages._ui.texts import _
from pipelines.serve import site

_PATH = re.compile(r"`?docs/([a-z0-9_/-]+)\.md`?")


def linked(text: str) -> str:
    """Return a text of Markdown whose paths ``docs/<page>.md`` are links, or words without.

    The documentation is served once ``make docs`` has written it.
    """
    return _PATH.sub(lambda match: link(match[1]) or _named(match[1]), text)


def worded(text: str) -> str:
    """Return a text whose paths ``docs/<page>.md`` are words, for where no link can stand."""
    return _PATH.sub(lambda match: _named(match[1]), text)


def link(page: str) -> str:
    """Return the link to a page by its path without ending; empty where it is not served."""
    address = site.address(f"{page}.html")
    return f"[{_named(page)}]({address})" if address else ""


def _named(page: str) -> str:
    return f"{_('Documentation')}: {page.rpartition('/')[2]}"
