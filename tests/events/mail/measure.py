"""How well bounce mails are understood: `python -m tests.events.mail.measure FOLDER` with labels.json and mail/*.eml.

labels.json: file -> reports in their order, each with kind (soft_or_block: whatever must not suppress the person). Prints what went
wrong, and as its last line one JSON object.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from mailrith.events.mail import read_mail
from mailrith.events.mail.parts import take_apart

SAFE = {"soft", "block", "deferred"}


def fits(wanted: str, found: str) -> bool:
    return found == wanted or (wanted == "soft_or_block" and found in SAFE)


def outcomes(folder: Path) -> tuple[list[tuple[str, str, str, str]], list[float], int]:
    """(file, wanted, found, words) for each label; milliseconds a mail; reports about somebody who is not in the mail."""
    pairs, took, strangers = [], [], 0
    for name, labels in json.loads((folder / "labels.json").read_text()).items():
        raw = (folder / f"mail/{name}.eml").read_bytes()
        begun = time.process_time()
        found = read_mail(raw)
        took.append((time.process_time() - begun) * 1000)
        mail = take_apart(raw)
        written = f"{raw.decode('latin-1')} {mail.prose} {mail.original}".lower()
        strangers += sum(report.recipient.lower() not in written for report in found)
        for index, label in enumerate(labels):
            report = found[index] if index < len(found) else None
            kind, words = (str(report.kind), report.diagnostic) if report else ("missing", "")
            pairs.append((name, label["kind"], kind, words))
    return pairs, took, strangers


def measure(folder: Path) -> dict[str, float]:
    pairs, took, strangers = outcomes(folder)
    for name, wanted, found, words in pairs:
        if not fits(wanted, found):
            print(f"{name}: {found} instead of {wanted}: {words[:150]}")

    def share(kinds: set[str], right: str) -> float:
        chosen = [found == right for _, wanted, found, _ in pairs if wanted in kinds]
        return round(sum(chosen) / max(1, len(chosen)), 4)

    others = {wanted for _, wanted, _, _ in pairs} - {"hard"}
    return {
        "mails": len(took),
        "reports": len(pairs),
        "right": round(sum(fits(wanted, found) for _, wanted, found, _ in pairs) / len(pairs), 4),
        "false_hard": share(others, "hard"),
        "missed_hard": round(1 - share({"hard"}, "hard"), 4),
        "complaint_recall": share({"complaint"}, "complaint"),
        "auto_replies_right": share({"auto_reply"}, "auto_reply"),
        "wrong_recipient": strangers,
        "median_ms": round(statistics.median(took), 2),
        "mean_ms": round(statistics.mean(took), 2),
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
