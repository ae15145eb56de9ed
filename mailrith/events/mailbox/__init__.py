"""Fetching what came back to a connection's bounce mailbox: stored whole first, then marked at its server, then applied."""
