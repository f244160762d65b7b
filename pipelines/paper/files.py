"""What the command line writes: a place's sheet, or a country's atlas, complete or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.core.errors import InputError
from pipelines.io.atomic import writing
from pipelines.paper import atlas, docx, sheet
from pipelines.paper.page import Context
from pipelines.serve import texts
from pipelines.serve.sheet import place_sheet
from pipelines.serve.sheet_parts import PlaceSheet
from pipelines.serve.store import Store

FORMS = {".pdf": sheet.pdf, ".docx": docx.docx_bytes}


def speak(language: str) -> None:
    """Choose the language of what is written.

    Raises
    ------
    InputError
        There are no texts in it.
    """
    offered = texts.offered()
    if language not in offered:
        raise InputError(f"--lang: '{language}' found; allowed are {', '.join(offered)}")
    texts.use(language)


def brief(store: Store, code: str, target: Path, address: str = "") -> PlaceSheet:
    """Write the sheet of a place; its ending says whether as PDF or as Word document.

    Parameters
    ----------
    store : Store
    code : str
        NUTS code of 2021, or GeoNames id.
    target : Path
        File to write, ``.pdf`` or ``.docx``.
    address : str
        Address of a dashboard that shows the same; without one the sheet names the path.

    Raises
    ------
    InputError
        There is no such place, nothing is known of it, or the ending is another.
    """
    make = FORMS.get(target.suffix.lower())
    if make is None:
        raise InputError(f"{target}: ends in '{target.suffix}'; allowed are {', '.join(FORMS)}")
    base = _base(address)
    made = place_sheet(store, code)
    if all(figure.value is None for _section, figure in made.figures()):
        raise InputError(f"{sheet.title(made.place)}: no figure is known of it; nothing is written")
    content = make(store, made, Context.today(base + sheet.path(made.place)))
    _write(target, content)
    return made


def country_atlas(
    store: Store, country: str, target: Path, advance: Callable[[str], None], address: str = ""
) -> None:
    """Write the atlas of a country as PDF; see :func:`brief` and :func:`atlas.pdf`."""
    if target.suffix.lower() != ".pdf":
        raise InputError(f"{target}: ends in '{target.suffix}'; allowed is .pdf")
    where = Context.today(f"{_base(address)}/place?region={country.strip().upper()}")
    _write(target, atlas.pdf(store, country, where, advance))


def _base(address: str) -> str:
    """Return the address of a dashboard without a slash at its end."""
    if address and (urlsplit(address).scheme not in ("http", "https") or " " in address):
        raise InputError(
            f"--address: '{address}' found; allowed is one like https://example.org/hinterland"
        )
    return address.rstrip("/")


def _write(target: Path, content: bytes) -> None:
    with writing(target) as draft:
        draft.write_bytes(content)
