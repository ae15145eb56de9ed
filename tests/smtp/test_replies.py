import pytest

from mailrith.smtp.replies import MAX_WORDS, Reply, Unreadable, clean_words, take_reply


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("plain words", "plain words"),
        ("Grüße, 日本", "Grüße, 日本"),
        ("\x1b[31mred\x1b[0m and \x1b[1;4;38;5;9mbold\x1b[m", "red and bold"),
        ("\x1b[2J\x1b[1;1Hcleared", "cleared"),
        ("\x9b31mred", "red"),
        ("\x1b]0;a title\x07then words", "then words"),
        ("\x1b]8;;https://evil.example\x1b\\a link\x1b]8;;\x1b\\", "a link"),
        ("\x1bcreset \x1b(Bset", "reset set"),
        ("\x1b]0;without an end", "0;without an end"),
        ("nul\x00bell\x07tab\tdel\x7f", "nul bell tab del"),
        ("left\u202eright\u2066in", "left right in"),
        ("one\r\ntwo\n\n three", "one two three"),
        ("lone \udcff surrogate", "lone surrogate"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\x1b", ""),
    ],
)
def test_words_are_plain(said, kept):
    assert clean_words(said) == kept
    assert clean_words(said).isprintable()


@pytest.mark.parametrize("piece", ["x", "\x1b[", "\x1b]", "\x9b", "é\x00"])
def test_words_are_short_however_much_is_said(piece):
    assert len(clean_words(piece * 30_000)) <= MAX_WORDS


@pytest.mark.parametrize("at", range(1, 30))
def test_a_reply_is_read_wherever_it_is_cut(at):
    raw = b"250-2.1.0 one\r\n250 2.1.0 two\r\n"
    buffer = bytearray(raw[:at])
    first = take_reply(buffer)
    buffer += raw[at:]

    assert (first or take_reply(buffer)) == Reply(250, "2.1.0 one two")


@pytest.mark.parametrize(
    "raw",
    [
        b"hello\r\n",
        b"25\r\n",
        b"2500 x\r\n",
        b"\xff\xfe\xfd x\r\n",
        b"250x\r\n",
        b"\r\n",
        b"+50 x\r\n",
    ],
)
def test_what_is_no_reply_is_said_to_be_none(raw):
    with pytest.raises(Unreadable):
        take_reply(bytearray(raw))
