"""What somebody may type into a connection, and what has to be typed again."""
