"""`python -m mailrith.smtp.causes` writes the text of docs/troubleshooting.md."""

import sys

from mailrith.smtp.causes.guide import markdown

sys.stdout.write(markdown())
