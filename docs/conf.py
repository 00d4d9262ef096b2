"""The documentation as a site: `nox -s docs`, then open build/site/index.html, online or not.

Pages are the Markdown files of this folder, as they also read in a repository; links that leave it
are turned here into links of the site. Notebooks are executed while the site is built, and the map
on the first page is made then too, so that nothing shown can be older than the code.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

import hotspots as hs

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
MADE = DOCS / "made"  # what a build writes beside the pages; never committed
(MADE / "static").mkdir(parents=True, exist_ok=True)

project = "hotspots"
author = "The hotspots founders"
project_copyright = "2026, the hotspots founders"
release = version = hs.__version__
language = "en"

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["README.md", "made/notebooks/.ipynb_checkpoints"]
suppress_warnings = ["mystnb.unknown_mime_type"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
nb_execution_mode = "cache"
nb_execution_cache_path = str(ROOT / "build" / "notebooks")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
autodoc_typehints = "none"  # the docstrings name the types
autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
numpydoc_xref_param_type = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_math_renderer = "mathml"  # browsers draw it themselves; MathJax would be fetched
html_theme = "pydata_sphinx_theme"
html_title = "hotspots"
html_static_path = ["static", "made/static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {"index": []}
html_theme_options = {
    "logo": {"text": "hotspots"},
    "header_links_before_dropdown": 7,
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "show_prev_next": True,
}

WHOLE = {  # pages that are files of the repository as they stand
    "changelog": ROOT / "CHANGELOG.md",
    "contributing": ROOT / "CONTRIBUTING.md",
    "security": ROOT / "SECURITY.md",
    "questions": DOCS / "README.md",
}
OUTSIDE = {  # files that stand at the top of the repository and are pages of the site too
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "README.md": "index.md",
    "docs/README.md": "questions.md",
    "notebooks": "gallery.md",
    "docs/decisions": "decisions.md",
}
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def setup(app: Sphinx) -> None:
    """Make what the pages show, and turn links that leave this folder."""
    app.add_html_math_renderer("mathml", (as_mathml, None), (as_mathml, None))
    app.connect("builder-inited", lambda _: make())
    app.connect("source-read", turn_links)
    app.connect("source-read", add_cards)
    app.connect("missing-reference", by_its_last_name)
    app.connect("build-finished", show_figures)


def by_its_last_name(app: Sphinx, env: Any, node: Any, words: Any) -> Any:
    """A name that one public thing alone has leads there from every page, whatever its toolbox."""
    python, wanted = env.domains["py"], node.get("reftarget", "").rpartition(".")[2]
    found = [name for name in python.objects if name.rpartition(".")[2] == wanted]
    if node.get("refdomain") != "py" or len(found) != 1:
        return None
    place = (env, node["refdoc"], app.builder, node["reftype"], found[0], node, words)
    return python.resolve_xref(*place)


def make() -> None:
    """The notebooks beside the pages, and the map of the first page."""
    shutil.rmtree(MADE / "notebooks", ignore_errors=True)
    shutil.copytree(
        ROOT / "notebooks", MADE / "notebooks", ignore=shutil.ignore_patterns(".*", "*-output")
    )
    product = hs.load_product(ROOT / "hotspots" / "data" / "products" / "leeds.toml")
    product.run().map().save(MADE / "static" / "leeds.html", overwrite=True)


def turn_links(app: Sphinx, page: str, source: list[str]) -> None:
    """Links to files of the repository: to their page of the site, or to nothing but their name."""
    if page in WHOLE:
        source[0] = WHOLE[page].read_text(encoding="utf-8")
    folder = (DOCS / page).parent
    base = WHOLE[page].parent if page in WHOLE else folder
    base = ROOT / "notebooks" if page.startswith("made/notebooks") else base

    def turned(link: re.Match[str]) -> str:
        text, target, anchor = link.group(1), link.group(2), link.group(3) or ""
        path = (base / target).resolve()
        if not path.is_relative_to(ROOT):
            return link.group(0)
        name = path.relative_to(ROOT).as_posix()
        if name in OUTSIDE:
            return f"[{text}]({_from(folder, DOCS / OUTSIDE[name])}{anchor})"
        if name.startswith("notebooks/") and path.suffix == ".ipynb":
            return f"[{text}]({_from(folder, MADE / name)})"
        if path.is_relative_to(DOCS):
            return f"[{text}]({_from(folder, path)}{anchor})"
        return text if text.startswith("`") else f"{text} (`{name}`)"

    if page != "index":
        source[0] = LINK.sub(turned, source[0])


def as_mathml(writer: HTML5Translator, node: Element) -> None:
    """A formula as the browser's own MathML, so that the site needs no network."""
    display = "block" if node.tagname == "math_block" else "inline"
    writer.body.append(convert(node.astext(), display=display))
    raise SkipNode


def add_cards(app: Sphinx, page: str, source: list[str]) -> None:
    """The gallery: a card a notebook, with its title, its question and its first figure."""
    if page != "gallery":
        return
    source[0] += "\n::::{grid} 1 2 2 3\n:gutter: 3\n"
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        head = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        title, question = re.findall(r"^# (.+)$|^\*\*The question\.\*\* (.+)$", head, re.MULTILINE)
        figure = f'<img class="figure" src="_static/gallery/{path.stem}.png" alt="">'
        source[0] += (
            f":::{{grid-item-card}} {title[0]}\n"
            f":link: made/notebooks/{path.stem}\n:link-type: doc\n"
            f"{figure}\n\n{question[1]}\n:::\n"
        )
    source[0] += "::::\n"


def show_figures(app: Sphinx, failed: Exception | None) -> None:
    """Copy the first figure of every executed notebook to its card; no figure, no picture."""
    page = Path(app.outdir) / "gallery.html"
    if failed or not page.exists():
        return
    text = page.read_text(encoding="utf-8")
    gallery = Path(app.outdir) / "_static" / "gallery"
    gallery.mkdir(parents=True, exist_ok=True)
    for notebook in (Path(app.outdir) / "made" / "notebooks").glob("*.html"):
        image = f'<img class="figure" src="_static/gallery/{notebook.stem}.png" alt="">'
        html = notebook.read_text(encoding="utf-8")
        if found := re.search(r'src="[^"]*_images/([0-9a-f]+\.png)"', html):
            shutil.copy(Path(app.outdir) / "_images" / found[1], gallery / f"{notebook.stem}.png")
        else:
            text = text.replace(image, "")
    page.write_text(text, encoding="utf-8")


def _from(folder: Path, path: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
