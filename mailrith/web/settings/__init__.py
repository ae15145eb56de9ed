"""Settings: the workspace, the person, their password."""
