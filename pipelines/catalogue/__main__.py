"""Rewrites the reference part of ``docs/catalogue.md``: ``python -m pipelines.catalogue``."""

from pipelines.catalogue.describe import rewrite
from pipelines.core import paths

page = paths.root() / "docs" / "catalogue.md"
page.write_text(rewrite(page, paths.catalogue_dir()), encoding="utf-8")
