"""`python -m mailrith.cli` is the same as `mailrith`."""

from mailrith.cli import main

main()
