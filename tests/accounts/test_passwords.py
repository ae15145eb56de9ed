import pytest

from mailrith.accounts.passwords import normalize, weakness


@pytest.mark.parametrize(
    "password",
    [
        "a sentence about leeks",
        "grow-something-slow",
        "пароль из слов",
        "12 geese at dawn",
        "x9$kQ2!pLm7&",
    ],
)
def test_a_long_one_is_taken(password: str) -> None:
    assert weakness(password, "hannah@allotmentpost.example", "Hannah Okafor") is None


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "PasswordPassword",
        "hannah@allotmentpost.example",
        "Hannah Okafor",
        "x" * 300,
        "",
    ],
)
def test_one_that_is_guessed_soon_is_not(password: str) -> None:
    assert weakness(password, "hannah@allotmentpost.example", "Hannah Okafor") is not None


def test_two_keyboards_write_one_password() -> None:
    assert normalize("café ﬁsh") == normalize("cafe\u0301 fish")
