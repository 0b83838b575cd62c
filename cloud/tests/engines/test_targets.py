"""What a text speaks of and how: mentions, types, groups and sentiments, on sentences that are parsed beforehand."""

from __future__ import annotations

from functools import cache

import pytest

from marinelayer.engines import catalogue
from marinelayer.engines.assembly import open_engines
from marinelayer.engines.language.linear_head import LinearHead
from marinelayer.engines.language.mixed import Shares
from marinelayer.engines.language.targets.groups import Placed, groups
from marinelayer.engines.language.targets.mentions import KINDS, mentions
from marinelayer.engines.language.targets.opinions import TargetHead, TextHead, both
from marinelayer.engines.language.targets.reading import Name, Sentence
from marinelayer.engines.language.targets.surroundings import FEATURES, Surroundings, Target
from marinelayer.engines.language.targets.targets_task import HEAD, TEXT_HEAD, placed
from marinelayer.model.service import load_service
from marinelayer.model.shapes import StringShape
from marinelayer.ports import EngineUnavailableError

from .parsed import parsed


def soup_and_staff(soup: str, staff: str) -> Sentence:
    """`The soup was SOUP but the staff was STAFF .`"""
    return parsed(
        f"The/DET/det/2 soup/NOUN/nsubj/3 was/AUX/ROOT/3 {soup}/ADJ/acomp/3 but/CCONJ/cc/3 the/DET/det/7 "
        f"staff/NOUN/nsubj/8 was/AUX/conj/3 {staff}/ADJ/acomp/8 ./PUNCT/punct/3"
    )


def found(sentence: Sentence) -> list[tuple[str, str]]:
    """The mentions of a sentence with their types."""
    return [
        (" ".join(sentence.words[one.target.first : one.target.after]), one.kind)
        for one in mentions(sentence, {"PERSON": 0.8})
    ]


def grouped(*sentences: Sentence) -> list[list[str]]:
    """The words of the mentions of each group."""
    every = [
        Placed(number=number, sentence=sentence, mention=mention)
        for number, sentence in enumerate(sentences)
        for mention in mentions(sentence, {})
    ]
    return [[one.plain for one in group.members] for group in groups(every)]


# --- mentions -------------------------------------------------------------------------------------------------


def test_a_mention_has_the_nouns_of_its_name_and_neither_article_nor_adjective() -> None:
    sentence = parsed(
        "The/DET/det/3 perfect/ADJ/amod/3 temperature/NOUN/nsubj/4 beats/VERB/ROOT/4 slow/ADJ/amod/7 "
        "customer/NOUN/compound/7 service/NOUN/dobj/4 ./PUNCT/punct/4"
    )
    assert found(sentence) == [("temperature", "ATTRIBUTE"), ("customer service", "ATTRIBUTE")]


def test_a_noun_that_is_exchanged_is_another_mention_of_its_own_type() -> None:
    def of(noun: str) -> list[tuple[str, str]]:
        return found(parsed(f"The/DET/det/2 {noun}/NOUN/nsubj/3 closed/VERB/ROOT/3 ./PUNCT/punct/3"))

    assert of("libraries") == [("libraries", "FACILITY")]
    assert of("waiter") == [("waiter", "PERSON")]
    assert of("movie") == [("movie", "MOVIE")]
    assert of("taco") == [("taco", "OTHER")]
    assert of("everything") == []


def test_a_name_is_of_the_type_of_its_label_without_article_and_ending() -> None:
    sentence = parsed(
        "The/DET/det/3 United/PROPN/compound/3 Nations/PROPN/poss/5 's/PART/case/3 office/NOUN/nsubj/6 "
        "closed/VERB/ROOT/6 in/ADP/prep/6 Berlin/PROPN/pobj/7",
        names=[Name(first=0, after=4, label="ORG"), Name(first=7, after=8, label="GPE")],
    )
    assert found(sentence) == [
        ("United Nations", "ORGANIZATION"),
        ("office", "FACILITY"),
        ("Berlin", "LOCATION"),
    ]


def test_a_number_of_things_is_no_mention_beside_them() -> None:
    sentence = parsed(
        "two/NUM/nummod/2 pizzas/NOUN/nsubj/3 came/VERB/ROOT/3", names=[Name(first=0, after=1, label="CARDINAL")]
    )
    assert found(sentence) == [("pizzas", "OTHER")]


def test_pronouns_are_mentions_and_an_it_that_means_nothing_is_none() -> None:
    mine = parsed("My/PRON/poss/2 dog/NOUN/nsubj/3 likes/VERB/ROOT/3 it/PRON/dobj/3")
    assert found(mine) == [("My", "PERSON"), ("dog", "OTHER"), ("it", "OTHER")]
    assert found(parsed("It/PRON/expl/2 rains/VERB/ROOT/2")) == []


def test_a_name_s_score_is_its_label_s_precision_and_a_noun_s_the_tagger_s() -> None:
    sentence = parsed(
        "Maksim/PROPN/nsubj/2 sold/VERB/ROOT/2 tacos/NOUN/dobj/2", names=[Name(first=0, after=1, label="PERSON")]
    )
    assert [one.score for one in mentions(sentence, {"PERSON": 0.8})] == [0.8, 0.9]
    assert [one.score for one in mentions(sentence, {})] == [0.0, 0.9], "what nobody measured is not known to be right"


def test_types_are_aws_s() -> None:
    shape = load_service("comprehend").shapes["TargetedSentimentEntityType"]
    assert isinstance(shape, StringShape)
    listed = {kind for _, kind in found(soup_and_staff("cold", "rude"))}
    assert {*KINDS.values(), *listed} <= set(shape.enum)


# --- groups ---------------------------------------------------------------------------------------------------

SPA = parsed("I/PRON/nsubj/2 enjoyed/VERB/ROOT/2 the/DET/det/4 spa/NOUN/dobj/2 ./PUNCT/punct/2")
COMFORTABLE = parsed("It/PRON/nsubj/2 was/AUX/ROOT/2 comfortable/ADJ/acomp/2 ./PUNCT/punct/2", begin=20)


def test_a_pronoun_joins_what_it_means_and_not_people() -> None:
    assert grouped(SPA, COMFORTABLE) == [["i"], ["spa", "it"]]


def test_a_pronoun_does_not_reach_over_a_sentence_without_its_thing() -> None:
    between = parsed("We/PRON/nsubj/2 slept/VERB/ROOT/2 ./PUNCT/punct/2", begin=20)
    assert grouped(SPA, between, COMFORTABLE) == [["i"], ["spa"], ["we"], ["it"]]


def test_a_pronoun_means_what_has_its_role_and_not_what_acts_on_it() -> None:
    hit = parsed("A/DET/det/2 truck/NOUN/nsubj/3 hit/VERB/ROOT/3 the/DET/det/5 fence/NOUN/dobj/3 ./PUNCT/punct/3")
    took = parsed("The/DET/det/2 mayor/NOUN/nsubj/3 removed/VERB/ROOT/3 it/PRON/dobj/3", begin=30)
    left = parsed("It/PRON/nsubj/2 left/VERB/ROOT/2", begin=30)
    assert grouped(hit, took) == [["truck"], ["fence", "it"], ["mayor"]]
    assert grouped(hit, left) == [["truck", "it"], ["fence"]]


def test_a_noun_that_is_said_again_is_the_same_unless_it_is_another() -> None:
    first = parsed("The/DET/det/2 road/NOUN/nsubj/3 broke/VERB/ROOT/3")
    again = parsed("The/DET/det/2 road/NOUN/nsubj/3 is/AUX/ROOT/3 fine/ADJ/acomp/3", begin=20)
    another = parsed("Another/DET/det/2 road/NOUN/nsubj/3 is/AUX/ROOT/3 fine/ADJ/acomp/3", begin=20)
    assert grouped(first, again) == [["road", "road"]]
    assert grouped(first, another) == [["road"], ["road"]]


def test_a_person_s_last_name_and_she_are_that_person() -> None:
    person = [Name(first=0, after=2, label="PERSON")]
    whole = parsed("Maria/PROPN/compound/2 Perez/PROPN/nsubj/3 came/VERB/ROOT/3", names=person)
    last = parsed("Perez/PROPN/nsubj/2 smiled/VERB/ROOT/2", begin=20, names=[Name(first=0, after=1, label="PERSON")])
    she = parsed("She/PRON/nsubj/2 left/VERB/ROOT/2", begin=40)
    he = parsed("He/PRON/nsubj/2 left/VERB/ROOT/2", begin=60)
    assert grouped(whole, last, she) == [["maria perez", "perez", "she"]]
    assert grouped(whole, last, she, he) == [["maria perez", "perez", "she"], ["he"]], "she is no he"


# --- sentiment ------------------------------------------------------------------------------------------------

SOUP, STAFF = Target(first=1, after=2, head=1), Target(first=6, after=7, head=6)


@cache
def heads() -> tuple[TextHead, TargetHead]:
    text, target = catalogue.find(TEXT_HEAD, None), catalogue.find(HEAD, None)
    return (
        TextHead(LinearHead(text.read(text.model.files[0].name))),
        TargetHead(target.read(target.model.files[0].name)),
    )


def towards(sentence: Sentence, target: Target) -> Shares:
    """Shares of negative, neutral and positive."""
    text, head = heads()
    return head.shares(Surroundings(sentence, text.valences, text.logits), target)


def test_each_target_has_the_sentiment_of_its_own_clause_and_they_change_along() -> None:
    for good, bad in (("delicious", "rude"), ("wonderful", "terrible"), ("great", "awful")):
        praised, blamed = soup_and_staff(good, bad), soup_and_staff(bad, good)
        for sentence, better, worse in ((praised, SOUP, STAFF), (blamed, STAFF, SOUP)):
            assert towards(sentence, better)[2] > 0.5 > towards(sentence, better)[0]
            assert towards(sentence, worse)[0] > 0.5 > towards(sentence, worse)[2]


def test_a_negation_turns_the_sentiment() -> None:
    plain = parsed("The/DET/det/2 service/NOUN/nsubj/3 was/AUX/ROOT/3 good/ADJ/acomp/3 ./PUNCT/punct/3")
    turned = parsed("The/DET/det/2 service/NOUN/nsubj/3 was/AUX/ROOT/3 not/PART/neg/3 good/ADJ/acomp/3 ./PUNCT/punct/3")
    target = Target(first=1, after=2, head=1)
    assert towards(plain, target)[2] > 0.5
    assert towards(turned, target)[0] > towards(turned, target)[2]


def test_what_is_only_told_is_neutral() -> None:
    sentence = parsed(
        "A/DET/det/2 table/NOUN/nsubjpass/4 was/AUX/auxpass/4 brought/VERB/ROOT/4 by/ADP/agent/4 the/DET/det/7 "
        "waiter/NOUN/pobj/5 ./PUNCT/punct/4"
    )
    shares = towards(sentence, Target(first=1, after=2, head=1))
    assert max(shares) == shares[1]


def test_one_clause_that_praises_and_blames_is_mixed_and_two_of_two_targets_are_not() -> None:
    text, _ = heads()
    shared = parsed(
        "The/DET/det/2 food/NOUN/nsubj/3 was/AUX/ROOT/3 delicious/ADJ/acomp/3 but/CCONJ/cc/3 was/AUX/conj/3 "
        "awfully/ADV/advmod/8 overpriced/ADJ/acomp/6 and/CCONJ/cc/8 terrible/ADJ/conj/8 ./PUNCT/punct/3"
    )
    apart = soup_and_staff("delicious", "terrible")
    shares = [both(text, Surroundings(sentence, text.valences, text.logits), SOUP) for sentence in (shared, apart)]
    assert shares[0] > 0.5
    assert shares[1] < 0.2


def test_features_are_told_apart_by_target_and_fit_the_head() -> None:
    text, _ = heads()
    around = Surroundings(soup_and_staff("great", "rude"), text.valences, text.logits)
    assert around.features(SOUP) != around.features(STAFF)
    assert all(0 <= number < FEATURES for number, _ in around.features(SOUP))
    assert len(around.values(SOUP)) == len(around.values(STAFF))


def test_a_place_is_found_by_code_points_and_none_between_words() -> None:
    sentence = soup_and_staff("great", "rude")
    assert placed([sentence], 4, 8) == (sentence, SOUP)
    assert placed([sentence], 3, 4) is None


async def test_without_the_model_it_says_which_to_pull_and_of_other_languages_to_translate() -> None:
    engines = open_engines(None)
    try:
        with pytest.raises(EngineUnavailableError, match="spaCy-en-core-web-sm"):
            await engines.targets.targets("The soup was cold.", "en")
        with pytest.raises(EngineUnavailableError, match="translate first"):
            await engines.targets.targets("La sopa estaba fría.", "es")
    finally:
        await engines.close()
