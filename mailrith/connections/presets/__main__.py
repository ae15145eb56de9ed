"""Writes the guide to every mail service: `python -m mailrith.connections.presets > docs/services.md`."""

import sys

from mailrith.connections.presets.guide import guide

sys.stdout.write(guide())
