"""Pages of the suppression list: look, add, take off, export."""
