"""The ledger on its hot path: claims, marks and outcomes, in turns that are cheap enough for every message."""
