"""The mailbox to which mail of a connection comes back: where it is, how it is opened, and the addresses that lead there."""
