"""What the site adds to MkDocs: formulas, pages that lie elsewhere, no script inside a page.

MkDocs calls the functions ``on_*`` (mkdocs.yml, ``hooks``). Nothing here is typed twice: the
project's own pages (``CHANGELOG.md`` and the like) and the tutorials' notebooks become pages.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import posixpath
import re
from pathlib import Path
from typing import Any

import latex2mathml.converter
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from pipelines.serve import dcat

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
#: Pages of the project that lie above ``docs/``, and the folder of the site that holds them.
PROJECT = (
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "DATA-LICENCES.md",
    "SECURITY.md",
)
FOLDER = "project"
#: What has its equal in the site under another name.
ELSEWHERE = {"README.md": "index.md"}
ICON = ROOT / "pages/_ui/icon.svg"
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\[\]]*)\]\((?P<target>[^)\s]+)\)")
_FENCE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.M | re.S)
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.S)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let a fence ``math`` become MathML, which every browser of today draws by itself."""
    fence = {"name": "math", "class": "math", "format": _formula}
    config.mdx_configs.setdefault("pymdownx.superfences", {})["custom_fences"] = [fence]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the project's pages, the tutorials and the icon."""
    for name in PROJECT:
        text = (ROOT / name).read_text("utf-8")
        files.append(File.generated(config, f"{FOLDER}/{name}", content=text))
    for notebook in sorted((DOCS / "tutorials").glob("*.ipynb")):
        source = f"tutorials/{notebook.stem}.md"
        files.append(File.generated(config, source, content=tutorial(notebook)))
    files.append(File.generated(config, "assets/icon.svg", abs_src_path=str(ICON)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links of the repository into links of the site; what it lacks stays as its name."""
    source = page.file.src_uri
    below = "" if source.startswith(f"{FOLDER}/") else "docs/"
    own = source.removeprefix(f"{FOLDER}/") if not below else below + source

    def changed(match: re.Match[str]) -> str:
        target = _target(match["target"], source, own, files)
        return match["text"] if target is None else f"[{match['text']}]({target})"

    parts, at = [], 0
    for fence in _FENCE.finditer(markdown):
        parts += [_LINK.sub(changed, markdown[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*parts, _LINK.sub(changed, markdown[at:])])


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Tell search engines on the first page what data there are; it is data, no program."""
    if page.file.src_uri != "index.md":
        return output
    told = dcat.script(dcat.schema_org_of_all("../api"))
    return output.replace(
        "</head>", f'<script type="application/ld+json">{told}</script></head>', 1
    )


def on_post_build(config: MkDocsConfig) -> None:
    """Move each script that stands in a page to a file: the server allows no other."""
    site = Path(config.site_dir)
    for page in site.rglob("*.html"):

        def moved(match: re.Match[str], page: Path = page) -> str:
            return _moved(match[1], page, site)

        page.write_text(_SCRIPT.sub(moved, page.read_text("utf-8")), "utf-8")


def tutorial(notebook: Path) -> str:
    """Return a notebook as a page: its texts, its code and what the code answered."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    parts = []
    for cell in cells:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(text)
            continue
        parts.append(f"```python\n{text}\n```")
        parts += [_output(one) for one in cell["outputs"]]
    note = (
        f"\n\n*This page is the notebook `docs/tutorials/{notebook.name}` as the tests run it; the "
        f"same as a script: `docs/tutorials/{notebook.stem}.py`.*\n"
    )
    return "\n\n".join(parts) + note


def _output(output: dict[str, Any]) -> str:
    data = {"text/plain": output["text"]} if "text" in output else output["data"]
    if "image/svg+xml" in data:
        inner = "".join(data["image/svg+xml"])
        inner = inner[inner.index("<svg") :]
    elif "text/html" in data:
        # The theme gives its look to tables without a class.
        inner = re.sub(r"<table[^>]*>", "<table>", "".join(data["text/html"]))
    else:
        inner = f"<pre>{html.escape(''.join(data['text/plain']))}</pre>"
    # An empty line would end the block of HTML.
    inner = re.sub(r"\n\s*\n", "\n", inner)
    return f'<div class="cell-output">{inner}</div>'


def _formula(source: str, *_: Any, **__: Any) -> str:
    return str(latex2mathml.converter.convert(source.strip(), display="block"))


def _target(target: str, source: str, own: str, files: Files) -> str | None:
    """Return the address in the site of a link that stands in a page; None if it has none."""
    name, mark, anchor = target.partition("#")
    if not name or re.match(r"[a-z]+:", name):
        return target
    path = posixpath.normpath(posixpath.join(posixpath.dirname(own), name))
    place = ELSEWHERE.get(path, f"{FOLDER}/{path}" if path in PROJECT else "")
    if path.startswith("docs/"):
        place = re.sub(r"\.ipynb$", ".md", path.removeprefix("docs/"))
        if (DOCS / place).is_dir():
            place += "/README.md"
    if files.get_file_from_path(place) is None:
        return None
    if path in ELSEWHERE:
        mark = anchor = ""
    return posixpath.relpath(place, posixpath.dirname(source) or ".") + mark + anchor


def _moved(script: str, page: Path, site: Path) -> str:
    name = hashlib.sha256(script.encode()).hexdigest()[:12]
    file = site / "assets" / "inline" / f"{name}.js"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(script, "utf-8")
    relative = Path(os.path.relpath(file, page.parent)).as_posix()
    return f'<script src="{relative}"></script>'
