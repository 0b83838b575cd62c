"""Ways of saying that mean the opposite of what their words do."""

import pytest

from marinelayer.engines.language.idioms import plainly
from marinelayer.engines.language.sentiments_task import TellSentiment


def shares(text: str, language: str) -> dict[str, float]:
    engine = "marinelayer-sentiment-en" if language == "en" else "marinelayer-sentiment-7"
    told = TellSentiment(None).run({"text": text, "language": language, "engine": engine}, b"")
    return {name: float(share) for name, share in told.items()}


@pytest.mark.parametrize(
    ("praise", "language"),
    [
        ("No problems at all, everything works fine.", "en"),
        ("Couldn't be happier with the result.", "en"),
        ("I can\u2019t thank you enough.", "en"),
        ("No complaints, great work.", "en"),
        ("Problem solved, thank you.", "en"),
        ("NOT BAD AT ALL, impressed.", "en"),
        ("No está nada mal.", "es"),
        ("Resolvieron el problema en un día.", "es"),
        ("Nicht schlecht, danke.", "de"),
        ("Pas mal du tout, merci.", "fr"),
        ("Non è affatto male, grazie.", "it"),
    ],
)
def test_praise_by_what_is_not_wrong_is_praise(praise: str, language: str) -> None:
    told = shares(praise, language)
    assert max(told, key=told.__getitem__) == "positive"


@pytest.mark.parametrize(
    ("blame", "language"),
    [
        ("The app doesn't work.", "en"),
        ("Not fixed. Closed without anyone coming out.", "en"),
        ("Hardly a great experience.", "en"),
        ("No funciona.", "es"),
        ("Nadie contesta el teléfono.", "es"),
        ("Le lampadaire ne marche pas.", "fr"),
        ("Die Ampel funktioniert nicht.", "de"),
        ("A luz não funciona.", "pt"),
        ("Il lampione non funziona.", "it"),
    ],
)
def test_what_does_not_work_is_blame(blame: str, language: str) -> None:
    told = shares(blame, language)
    assert max(told, key=told.__getitem__) == "negative"


@pytest.mark.parametrize("text", ["The noproblems shop", "badly made", "It is fixed.", "Ça va mal", "funciona bien"])
@pytest.mark.parametrize("language", ["en", "es", "fr", "ja"])
def test_a_text_without_an_idiom_stays_as_it_is(text: str, language: str) -> None:
    assert plainly(text, language) == text


def test_an_idiom_within_a_text_leaves_the_rest() -> None:
    assert plainly("The crew came late, but no problems.", "en") == "The crew came late, but all good."
