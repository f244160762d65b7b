"""Write ``locale/hinterland.pot``: every text that the pages show, and bring the languages along.

Texts of the code are found by Babel; labels, units, definitions and values of columns come
from the data dictionary, words of thresholds and services from their seeds.
``make texts`` runs it.
"""

from __future__ import annotations

import ast
import csv
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "locale" / "hinterland.pot"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
# Words of tables that pages show, by file.
SEEDS = {
    "sql/seeds/thresholds.csv": ("label", "unit", "source", "evidence"),
    "sql/seeds/services.csv": ("label", "plural", "note", "capacity_unit"),
    "geodata/catalogue/conditions.csv": ("question", "help"),
    "geodata/catalogue/self_assessment.csv": ("asks", "subgroup"),
}
# Codes that pages show as words, several in a cell, by file of the catalogue.
CODES = {
    "geodata/catalogue/practices.csv": ("actors", "target_groups", "focal_points"),
    "geodata/catalogue/social_places.csv": ("run_by", "target_groups", "focal_points"),
}
HEADER = """# Texts of Hinterland's dashboard. A language is one file:
# locale/<language>/LC_MESSAGES/hinterland.po, made from this one.
#"""


def modules() -> list[Path]:
    """Return the modules that make visible texts: the pages, and what they are served by."""
    folders = ("pages", "pipelines/serve", "pipelines/paper")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def code_texts() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Return file and text of each call of ``_``, ``N_`` and ``ngettext``."""
    for path in (ROOT / "app.py", *modules()):
        place = path.relative_to(ROOT).as_posix()
        for row in extract_from_file("python", str(path), keywords=KEYWORDS):
            yield place, row[1]
        # Babel does not look into the gaps of an f-string.
        for text in texts_in_gaps(path.read_text("utf-8")):
            yield place, text


def texts_in_gaps(source: str) -> Iterator[str]:
    """Return the texts that are looked up within f-strings."""
    gaps = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FormattedValue))
    for call in (c for gap in gaps for c in ast.walk(gap) if isinstance(c, ast.Call)):
        first = call.args[0] if call.args else None
        is_looked_up = getattr(call.func, "id", "") in ("_", "N_")
        if is_looked_up and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def dictionary_texts() -> Iterator[tuple[str, str]]:
    """Return table and text of each label, unit, definition and value of a mart's columns."""
    sys.path.insert(0, str(ROOT))
    from pipelines.runner.models import read_models

    for model in sorted(read_models(), key=lambda m: m.table):
        if model.layer != "marts":
            continue
        for facts in model.columns.values():
            texts = [facts.get("label"), facts.get("unit"), facts.get("description")]
            values = [str(value).replace("_", " ") for value in facts.get("allowed", [])]
            for text in (*texts, *map(str, facts.get("allowed", [])), *values):
                if text:
                    yield f"sql/marts/{model.name}", text


def seed_texts() -> Iterator[tuple[str, str]]:
    """Return file and text of the words in seeds and in the catalogue's questions."""
    for name, columns in SEEDS.items():
        with (ROOT / name).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                yield from ((name, row[c]) for c in columns if row.get(c))


def catalogue_codes() -> Iterator[tuple[str, str]]:
    """Return file and words of the codes of practices and social places."""
    for name, columns in CODES.items():
        with (ROOT / name).open(encoding="utf-8", newline="") as stream:
            cells = [row[c] for row in csv.DictReader(stream) for c in columns]
        codes = sorted({code for cell in cells for code in cell.split(";") if code})
        yield from ((name, code.replace("_", " ")) for code in codes)


def type_texts() -> Iterator[tuple[str, str]]:
    """Return file and text of the names of OpenStreetMap's types."""
    with (ROOT / "geodata" / "catalogue" / "osm_types.csv").open(encoding="utf-8") as stream:
        yield from (
            ("geodata/catalogue/osm_types.csv", row["label"]) for row in csv.DictReader(stream)
        )


def template(texts: Iterable[tuple[str, str | tuple[str, ...]]] | None = None) -> str:
    """Return the template as text; without dates and lines, so that it changes with texts alone."""
    catalog = Catalog(project="hinterland", header_comment=HEADER, charset="utf-8")
    every = (code_texts, dictionary_texts, seed_texts, catalogue_codes, type_texts)
    for place, text in texts or [row for rows in every for row in rows()]:
        catalog.add(text, locations=[(place, 0)])
    out = io.BytesIO()
    write_po(out, catalog, width=98, omit_header=True, include_lineno=False, sort_output=True)
    head = f'{HEADER}\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return head + out.getvalue().decode("utf-8")


def updated(path: Path, text: str) -> str:
    """Return a language's file with the texts of a template: new ones empty, gone ones left out.

    Parameters
    ----------
    path : Path
        ``locale/<language>/LC_MESSAGES/hinterland.po``.
    text : str
        The template.
    """
    language = path.parents[1].name
    with path.open("rb") as stream:
        known = read_po(stream, locale=language)
    fresh = Catalog(locale=language, project="hinterland", charset="utf-8", fuzzy=False)
    for message in read_po(io.BytesIO(text.encode())):
        if message.id:
            before = known.get(message.id)
            fresh.add(
                message.id,
                before.string if before is not None else None,
                locations=message.locations,
            )
    out = io.BytesIO()
    write_po(out, fresh, width=98, omit_header=True, include_lineno=False, sort_output=True)
    head = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
        f'"Plural-Forms: {fresh.plural_forms}\\n"\n\n'
    )
    return head + out.getvalue().decode("utf-8")


def main() -> None:
    """Write the template and the files of all languages."""
    text = template()
    TARGET.write_text(text, "utf-8")
    for path in sorted(TARGET.parent.glob("*/LC_MESSAGES/hinterland.po")):
        path.write_text(updated(path, text), "utf-8")


if __name__ == "__main__":
    main()
