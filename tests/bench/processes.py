"""What a process has cost so far."""

import re
from pathlib import Path


def processor_seconds(pid):
    """User and system time of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def peak_megabytes(pid):
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024


def load():
    """Of the last minute: how many processes want a processor. Beside other work, only ratios of one run mean anything."""
    return float(Path("/proc/loadavg").read_text().split()[0])
