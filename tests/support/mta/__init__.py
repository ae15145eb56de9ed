"""Real mail servers on loopback that make reports about mail which they cannot deliver."""
