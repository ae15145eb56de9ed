"""Single messages: one letter, written by a program, to the few people that it names (a receipt, a password reset).

Each recipient is a delivery in the same ledger as everybody of a broadcast, so claims, marks, limits, pauses, doubt and what
comes back are the same. What differs is here: what a caller may say, how it becomes bytes, and who may be mailed.
"""
