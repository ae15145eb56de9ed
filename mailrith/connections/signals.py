"""News of connections for the packages above. Each is sent with `connection_id`, inside the transaction that made it true."""

from blinker import Signal

connection_recovered = Signal("a connection that had stopped carries mail again")
