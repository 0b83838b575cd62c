"""GPT-2's byte pair encoding, on a vocabulary of the tests' own."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.byte_pairs import Merges, letters
from marinelayer.engines.language.byte_pieces import BytePieces

from .tiny_roberta import BLANK, MERGES, PIECES, VOCABULARY

ENCODER = BytePieces(VOCABULARY, MERGES)
BYTES = BytePieces(
    json.dumps({piece: n for n, piece in enumerate(["<s>", "<unk>", "</s>", *letters().values()])}).encode(), b""
)


def pieces(text: str) -> list[str]:
    return [PIECES[number] for number in ENCODER.encode(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("good", ["good"]),
        ("not good", ["n", "o", "t", f"{BLANK}good"]),
        ("good's", ["good", "'", "s"]),
        ("awful!good", ["awful", "!", "good"]),
        ("good  awful", ["good", BLANK, f"{BLANK}awful"]),
        ("good \n awful ", ["good", BLANK, "\u010a", f"{BLANK}awful", BLANK]),
        ("goo", ["goo"]),
        ("é", ["\u00c3", "\u00a9"]),
        ("<s>", ["<", "s", ">"]),
        ("ü", ["\u00c3", "<unk>"]),
        ("", []),
    ],
)
def test_a_text_is_its_bytes_put_together_by_the_merges(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@given(st.text(max_size=200))
def test_no_byte_of_a_text_is_lost(text: str) -> None:
    number_of = {letter: byte for byte, letter in letters().items()}
    symbols = list(letters().values())
    assert bytes(number_of[symbols[number - 3]] for number in BYTES.encode(text)) == text.encode()


@given(st.text("ab", max_size=40), st.permutations([("a", "b"), ("b", "a"), ("ab", "ab"), ("a", "a"), ("aa", "b")]))
def test_the_first_pair_of_the_list_is_put_together_first(text: str, pairs: list[tuple[str, str]]) -> None:
    # A list of merges never has a pair before those of which its symbols were made.
    pairs.sort(key=lambda pair: len("".join(pair)))
    word = list(text)
    for pair in pairs:
        at = 0
        while at < len(word) - 1:
            if (word[at], word[at + 1]) == pair:
                word[at : at + 2] = ["".join(pair)]
            at += 1
    merged = Merges(pairs).merged(list(text))
    assert merged == word
    assert not set(pairwise(merged)) & set(pairs)
