"""Pages about workspaces as such: making one, and stepping into one."""
