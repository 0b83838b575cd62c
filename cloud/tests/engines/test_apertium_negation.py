"""Denials that Apertium's English-Spanish pair loses, given back."""

import pytest

from marinelayer.engines.assembly import open_engines
from marinelayer.engines.language.apertium import installed_pairs
from marinelayer.engines.language.apertium_negation import answers_kept, mended
from marinelayer.engines.language.runs import letters
from marinelayer.ports import Run

needs_apertium = pytest.mark.skipif(
    ("es", "en") not in installed_pairs(), reason="no Apertium: apt-get install apertium apertium-eng-spa"
)


def english(spanish: str, said: str) -> str:
    return letters(mended(spanish, [Run(said)]))


@pytest.mark.parametrize(
    ("spanish", "said", "meant"),
    [
        ("Nadie vino.", "Anybody came.", "Nobody came."),
        ("y nadie lo arregla", "and anybody fixes it", "and nobody fixes it"),
        ("Nada funciona aquí.", "At all it works here.", "Nothing works here."),
        ("Ningún vecino se queja.", "Any neighbour complains.", "No neighbour complains."),
        ("Ninguno de los semáforos sirve.", "Any of the lights serves.", "None of the lights serves."),
        ("No hay luz y nadie viene.", "There is not light and anybody comes.", "There is not light and nobody comes."),
    ],
)
def test_a_word_that_denies_by_itself_denies(spanish: str, said: str, meant: str) -> None:
    assert english(spanish, said) == meant


@pytest.mark.parametrize(
    ("spanish", "said"),
    [
        ("No vino nadie.", "It did not come anybody."),
        ("No funciona nada.", "It does not work at all."),
        ("Sin ninguna queja.", "Without any complaint."),
        ("Jamás vino nadie.", "Never came anybody."),
        ("Sabe más que nadie.", "It knows more than anybody."),
        ("Cualquier vecino.", "Any neighbour."),
        ("Nadie vino.", "Nobody came."),
        ("Nadie vino y cualquiera lo sabe.", "Anybody came and anybody knows it."),
    ],
)
def test_a_word_that_only_agrees_with_a_denial_stays(spanish: str, said: str) -> None:
    assert english(spanish, said) == said


def test_of_two_denials_the_second_agrees() -> None:
    assert english("Nadie hizo nada y nadie vino.", "Anybody did at all and anybody came.") == (
        "Nobody did at all and nobody came."
    )


def test_marks_and_what_is_kept_stay_where_they_are() -> None:
    line = [Run("Anybody", 2), Run(" knows "), Run("any", kept=True)]
    assert mended("Nadie conoce X", line) == [Run("Nobody", 2), Run(" knows "), Run("any", kept=True)]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("No", ["No"]), ("No.", ["No"]), ("NO. It is broken.", ["NO"]), ("No. 5", []), ("No, thanks", [])],
)
def test_an_answer_is_no_number(text: str, kept: list[str]) -> None:
    line = answers_kept([Run(text)])
    assert letters(line) == text
    assert [run.text for run in line if run.kept] == kept


@needs_apertium
@pytest.mark.parametrize(
    ("text", "source", "target", "meant"),
    [
        ("Nadie contesta el teléfono.", "es", "en", "Nobody answers"),
        ("Nada funciona.", "es", "en", "Nothing works"),
        ("No vino nadie.", "es", "en", "not"),
        ("No.", "en", "es", "No."),
        ("Nobody cares.", "en", "es", "Nadie"),
        ("There is no water.", "en", "es", "no hay"),
    ],
)
async def test_what_is_denied_is_denied_in_the_other_language(text: str, source: str, target: str, meant: str) -> None:
    engines = open_engines(None, workers=1)
    try:
        done = await engines.translator.translate([[Run(text)]], source, target)
        assert meant in letters(done.texts[0])
    finally:
        await engines.close()
