import subprocess
import sys
from pathlib import Path

from mailrith.smtp.causes import CAUSES
from mailrith.smtp.causes.guide import markdown

DOCUMENT = Path(__file__).parents[3] / "docs" / "troubleshooting.md"


def test_the_document_is_what_the_table_says():
    assert DOCUMENT.read_text() == markdown(), (
        "write it again: python -m mailrith.smtp.causes > docs/troubleshooting.md"
    )


def test_the_document_has_every_cause_with_its_way_out():
    text = markdown()

    for found in CAUSES.values():
        assert f"### {found.title}\n" in text
        assert all(f"- {step}\n" in text for step in found.todo)


def test_the_command_writes_it():
    written = subprocess.run(
        [sys.executable, "-m", "mailrith.smtp.causes"], capture_output=True, text=True, check=True
    )

    assert written.stdout == markdown()
