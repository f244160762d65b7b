"""Examples that each command's ``--help`` ends with; tests parse every one.

The tables that can be exported are read from ``sql/`` when the help is printed, not before.
"""

from __future__ import annotations

import textwrap
from typing import Any

import typer

EXAMPLES = {
    "build": ("hinterland build", "hinterland build --sources fetched --out build"),
    "fetch": ("hinterland fetch", "hinterland fetch --only gisco_healthcare"),
    "export": (
        "hinterland export regions -o regions.csv --level 2 --country DE",
        "hinterland export towns -o towns.gpkg",
        "hinterland export --all package",
        "hinterland export towns -o towns.parquet --geo",
        "hinterland export --all lake --partition country --geo",
        "hinterland export --qgis hinterland.gpkg",
    ),
    "brief": (
        "hinterland brief DE733 -o brief.pdf",
        "hinterland brief Vogelsbergkreis -o brief.pdf",
        "hinterland brief 2951793 -o bebra.docx",
    ),
    "atlas": ("hinterland atlas --country LT -o atlas.pdf",),
    "reach": (
        "hinterland reach clinics.csv -o reach.csv --near",
        "hinterland reach clinics.csv -o reach.csv --country LU",
        "hinterland reach clinics.csv -o reach.parquet --matrix minutes.parquet",
    ),
    "cells": (
        "hinterland cells grid.parquet --out cells",
        "hinterland cells census.parquet --out cells --code GRD_ID --people T",
    ),
    "roads": (
        "hinterland roads andorra.osm.pbf -o minutes.parquet",
        "hinterland roads andorra.osm.pbf -o walk.parquet --to clinics.csv --mode foot",
        "hinterland roads andorra.osm.pbf --store",
        "hinterland roads --list",
    ),
    "check": ("hinterland check", "hinterland check clinics.csv"),
    "places": (
        "hinterland places cafes.csv -o folder",
        "hinterland places --add malta.osm.pbf",
        "hinterland places --list",
    ),
    "status": ("hinterland status", "hinterland status --long", "hinterland status --json"),
    "describe": ("hinterland describe regions",),
    "model": ("hinterland model regions",),
    "app": ("hinterland app", "hinterland app --port 8600 --host 0.0.0.0"),
}
#: Commands whose first argument is a table.
TABLES = ("export", "describe")


def tables() -> list[str]:
    """Return the names of the tables that can be exported and described."""
    from pipelines.runner.models import read_models

    return sorted(model.name for model in read_models() if model.layer == "marts")


class WithExamples(typer.core.TyperCommand):
    """A command whose help ends with its tables, where it takes one, and with examples."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help; then what the command may be given."""
        super().format_help(ctx, formatter)
        name = ctx.info_name or ""
        if name in TABLES:
            words = textwrap.fill(", ".join(tables()), 76, break_on_hyphens=False)
            typer.echo(textwrap.indent(f"Tables:\n{textwrap.indent(words, '  ')}\n", " "))
        if name in EXAMPLES:
            lines = "\n".join(f"  {line}" for line in EXAMPLES[name])
            typer.echo(textwrap.indent(f"Examples:\n{lines}\n", " "))
