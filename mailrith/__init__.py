"""Mailrith: newsletters and campaigns through your own mail servers."""
