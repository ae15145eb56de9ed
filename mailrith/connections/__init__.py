"""Email delivery connections: whose server carries the mail, with which credentials and limits, and whether it can now.

Does not send broadcasts (delivery does, with the `Server` from here) and does not read events (events does).
"""
