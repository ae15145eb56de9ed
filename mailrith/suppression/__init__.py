"""Addresses that must not be mailed, with the reason. Outlives the subscriber: only a fingerprint is kept."""
