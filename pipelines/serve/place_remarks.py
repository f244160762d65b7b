"""What is to be said of measured places by programs: the command and the Python API, in English."""

from __future__ import annotations

from pipelines.serve.place_files import ATTRIBUTION, FARTHEST_KM, Measured

_COVERED = {
    "nodes": "{n} settlements are covered, by the extract's own density of nodes.",
    "stated": "{n} settlements of {country} lie in the extent of the extract and count as covered.",
    "unknown": "The covered area is unknown: counted are the {n} settlements that have a place. "
    "Take an .osm.pbf, or state the country with --country.",
}
#: What is known of the days of last edits.
EDITS = {
    "read": "Days of last edits: read.",
    "not read": "Days of last edits: not read; --edits reads them.",
    "not stated": "Days of last edits: the file does not state them.",
}


def covered_words(basis: str, number: int, country: str | None) -> str:
    """Say which settlements an extract covers, and how that is known."""
    return _COVERED[basis].format(n=f"{number:,}", country=country)


def cautions(measured: Measured) -> list[str]:
    """Return repairs, what was left out and what is near no settlement, in sentences."""
    lines = [f"{repair}." for repair in measured.repairs]
    lines += [f"Left out: {number:,} {reason}." for reason, number in measured.left_out.items()]
    if far := int(measured.places["settlement_id"].isna().sum()):
        lines.append(
            f"{far:,} {'entry lies' if far == 1 else 'entries lie'} further than "
            f"{FARTHEST_KM:g} km from every settlement and {'is' if far == 1 else 'are'} "
            "counted for none."
        )
    return lines


def remarks(measured: Measured, country: str | None = None) -> list[str]:
    """Return what is to be said of the answer, in sentences."""
    lines = cautions(measured)
    if measured.is_osm:
        lines.append(f"Date of the data: {(measured.snapshot or 'unknown')[:10]}.")
        lines.append(EDITS[measured.edits])
        lines.append(covered_words(measured.basis, len(measured.settlements), country))
        lines.append(ATTRIBUTION)
    return lines
