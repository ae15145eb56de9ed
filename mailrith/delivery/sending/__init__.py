"""One slice of a run at work: what it needs to know, its loop, its sessions, and what it has marked."""
