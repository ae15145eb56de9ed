"""Pages of subscribers: the list, the drawer of one person, actions on many, and imports."""
