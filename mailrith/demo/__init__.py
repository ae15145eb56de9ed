"""Everything that one command needs to show Mailrith on a fresh machine: an embedded queue server, a local inbox, sample data.

Nothing here is used in production.
"""
