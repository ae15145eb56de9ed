"""The file of refused rows opens safely in a spreadsheet."""

import csv
import io

import pytest

from mailrith.core.db import db
from mailrith.subscribers import refusals
from mailrith.subscribers.models import Import, ImportRefusal


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(sign):
    assert refusals.safe(f"{sign}HYPERLINK(1)").startswith("'")


def test_file_reads_back_as_it_was(cast):
    brought = Import(
        workspace_id=cast.workspace.id, file_name="x.csv", storage_key="imports/x", size_bytes=1
    )
    db.session.add(brought)
    db.session.flush()
    for number in range(2500):
        db.session.add(
            ImportRefusal(
                import_id=brought.id,
                row_number=number + 2,
                value='=cmd|"/C calc"!A0',
                name="Lovelace, Ada",
                reason="The @ is missing.",
            )
        )
    db.session.commit()

    read = list(csv.reader(io.StringIO("".join(refusals.as_csv(brought)).removeprefix("\ufeff"))))

    assert read[0] == ["row", "email", "name", "outcome", "reason"]
    assert len(read) == 2501
    assert read[1] == ["2", '\'=cmd|"/C calc"!A0', "Lovelace, Ada", "Refused", "The @ is missing."]
