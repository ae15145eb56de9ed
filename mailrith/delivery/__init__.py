"""One message to one recipient: freeze, claim, mark, wire, outcome. The ledger leads the wire (see docs/architecture.md).

Commits by itself, before and after the wire; every other feature leaves commits to its caller.
"""
