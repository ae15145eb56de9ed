"""Pages of tags: the list, and the drawer of one."""
