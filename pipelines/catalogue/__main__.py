"""Rewrites the reference part of ``docs/catalogue.md``: ``python -m pipelines.catalogue``."""

from pipelines.catalogue.describe import rewrite
from pipelines.core import paths
from pipelines.io.atomic import writing

page = paths.root() / "docs" / "catalogue.md"
text = rewrite(page, paths.catalogue_dir())
with writing(page) as draft:
    draft.write_text(text, encoding="utf-8")
