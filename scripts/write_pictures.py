"""Take the picture of README and docs: the Leeds page of the demonstration, as a browser shows it.

    python scripts/write_pictures.py

Needs playwright and Pillow (both come with the extra dev) and an installed Chromium, Chrome or
Edge. Beside the picture stands what its first screen said; a test holds that to the page of today,
so that the picture cannot show old numbers.
"""

import html
import re
import tempfile
from io import BytesIO
from pathlib import Path

import hotspots as hs
from hotspots.programmes.tasking.load_product import PRODUCTS
from hotspots.report.map.written_page import find_browser

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
SCREEN = {"width": 1366, "height": 768}
COLOURS = 96  # the same to the eye, at less than half the bytes


def main() -> None:
    """Make the page, write the picture and its words."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(exist_ok=True)
    product = hs.load_product(PRODUCTS / "leeds.toml")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = product.run().map().save(Path(folder) / "leeds.html")
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        shown = browser.new_page(viewport=SCREEN)
        shown.goto(page.as_uri())
        shown.wait_for_selector("body[data-map=drawn]", state="attached")
        taken = Image.open(BytesIO(shown.screenshot()))
        taken.quantize(COLOURS).save(IMAGES / "leeds.png", optimize=True)
        words = first_screen(page.read_text(encoding="utf-8"))
        (IMAGES / "leeds.txt").write_text(words, encoding="utf-8", newline="\n")
        browser.close()


def first_screen(page: str) -> str:
    """What a page says up to the end of its first list, a line a piece."""
    text = re.sub(r"<(script|style|title)\b.*?</\1>", "", page, flags=re.DOTALL)
    text = text.partition("</table>")[0]
    pieces = (" ".join(html.unescape(piece).split()) for piece in re.split(r"<[^>]+>", text))
    return "\n".join(piece for piece in pieces if piece) + "\n"


if __name__ == "__main__":
    main()
