"""Writes the golden files anew: `python -m tests.content.golden`. Look at the difference before you keep it."""

from tests.content.test_rendering import GOLDEN, golden_html, golden_text

(GOLDEN / "letter.html").write_text(golden_html(), encoding="utf-8")
(GOLDEN / "letter.txt").write_text(golden_text(), encoding="utf-8")
