"""A person's way through the dashboard: each act is counted as the review of users counted it.

An act is a click, a field that is typed into (with its Enter) or a scroll to what is not in
sight; pointing and reading are none. Choosing from a list is two: to open it and to choose.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Download, Locator, Page, expect

from tests.browser import screen

#: The window of the review; a step's picture is made smaller.
WINDOW = {"width": 1440, "height": 900}
PICTURE, MOST_BYTES = (960, 600), 150_000


@dataclass
class Journey:
    """One person's question and what she does to answer it.

    Attributes
    ----------
    page : Page
        Where she is.
    name : str
        Begins the names of the pictures.
    folder : Path or None
        Where pictures go; None takes none.
    acts : list of str
        What she did, an act each.
    steps : list of (str, str)
        What she sees after some of them, and the picture's name.
    is_over : bool
        Whether she arrived.
    """

    page: Page
    name: str
    folder: Path | None
    acts: list[str] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)
    is_over: bool = False

    def start(self, address: str) -> None:
        """Open the start page."""
        self.page.goto(address)
        self.quiet()

    def quiet(self) -> None:
        """Wait until the page has a heading and its script has ended."""
        self.page.wait_for_selector("h1")
        screen.settle(self.page)

    def click(self, target: Locator, what: str) -> None:
        """Click something, after a scroll where it is not in sight."""
        self._reach(target)
        self.acts.append(f"click {what}")
        target.click()

    def type(self, target: Locator, text: str, what: str) -> None:
        """Type into a field; what stood in it goes."""
        self._reach(target)
        self.acts.append(f"type {text} into {what}")
        target.fill(text)
        is_area = target.evaluate("e => e.tagName") == "TEXTAREA"
        target.press("Control+Enter" if is_area else "Enter")

    def drag(self, thumb: Locator, value: str, what: str) -> None:
        """Drag the end of a slider to a value; arrow keys do what the hand would."""
        self._reach(thumb)
        self.acts.append(f"drag {what} to {value}")
        thumb.focus()
        while (now := thumb.input_value()) != value:
            thumb.press("ArrowLeft" if float(now) > float(value) else "ArrowRight")
            expect(thumb).not_to_have_value(now)
        screen.settle(self.page)

    def upload(self, place: Locator, file: Path) -> None:
        """Give a file."""
        self._reach(place)
        self.acts.append(f"give the file {file.name}")
        place.locator("input[type=file]").set_input_files(file)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list in the sidebar or on the page."""
        box = self.listed(label)
        self.click(box.locator("input").first, f"the list {label}")
        self.click(self.page.get_by_role("option", name=option, exact=True), option)
        self.page.keyboard.press("Escape")
        screen.settle(self.page)

    def listed(self, label: str) -> Locator:
        """Return the list of a label."""
        name = self.page.get_by_text(label, exact=True)
        kinds = "[data-testid='stSelectbox'], [data-testid='stMultiSelect']"
        return self.page.locator(kinds).filter(has=name).first

    def menu(self, group: str, entry: str) -> None:
        """Choose a page in the menu."""
        self.click(self.page.get_by_test_id("stTopNavSection").filter(has_text=group), group)
        self.click(self.page.get_by_role("menuitem", name=entry, exact=True), entry)
        expect(self.page).to_have_title(re.compile(re.escape(entry)))
        self.quiet()

    def read(self, target: Locator, words: str | re.Pattern[str]) -> str:
        """Read words on the screen, after a scroll where they are not in sight."""
        expect(target).to_contain_text(words)
        self._reach(target)
        return plain(target.inner_text())

    def download(self, target: Locator, what: str) -> Download:
        """Click what gives a file."""
        self._reach(target)
        self.acts.append(f"click {what}")
        with self.page.expect_download() as download:
            target.click()
        return download.value

    def scroll(self, target: Locator, what: str) -> None:
        """Scroll until something is in sight."""
        self.acts.append(f"scroll to {what}")
        target.scroll_into_view_if_needed()

    def see(self, words: str) -> None:
        """Keep a picture of what she sees, and say what it is."""
        number = len(self.steps) + 1
        file = f"{self.name}-{number}.png"
        self.steps.append((words, file))
        if self.folder is None:
            return
        screen.settle(self.page)
        self.page.wait_for_timeout(1_500)  # maps and charts are drawn after the script's end
        with Image.open(io.BytesIO(self.page.screenshot())) as shot:
            small = shot.convert("RGB").resize(PICTURE, Image.Resampling.LANCZOS)
        target = self.folder / file
        small.quantize(256, Image.Quantize.MEDIANCUT, kmeans=4).save(target, optimize=True)
        assert target.stat().st_size <= MOST_BYTES, target

    def _reach(self, target: Locator) -> None:
        """Bring something into sight, as an act where it is not."""
        expect(target).to_be_visible()
        if target.evaluate(IN_SIGHT):
            return
        screen.settle(self.page)  # what is being drawn moves
        if not target.evaluate(IN_SIGHT):
            self.scroll(target, "it")


#: Whether the middle of an element, or of its first line, is in the window (below the menu).
IN_SIGHT = """e => {
  if (e.closest('header, [role=menu], [role=listbox]')) return true;
  const box = e.getBoundingClientRect(), y = box.top + Math.min(box.height / 2, 12);
  return y > 60 && y < innerHeight && box.left < innerWidth && box.right > 0 }"""


def plain(text: str) -> str:
    """Return a text with common blanks and signs, as one would type it."""
    return re.sub(r"[\u00a0\u202f]", " ", text).replace("−", "-")
