"""Comprehend's immediate operations and their batches over fakes of their ports."""

from typing import Any, cast

import pytest

from marinelayer.model.errors import InternalError, InvalidParameter, OperationNotImplemented, Refusal, Throttled
from marinelayer.model.service import load_service
from marinelayer.ports import (
    Caller,
    Engine,
    EngineBusyError,
    EngineFailedError,
    EngineUnavailableError,
    Passage,
    Sentiment,
    TargetGroup,
    TargetMention,
    Toxicity,
)
from marinelayer.protocol.constraints import check_input
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.services.comprehend import comprehend_service
from marinelayer.services.comprehend.errors import (
    BatchSizeLimitExceededException,
    InvalidRequestException,
    TextSizeLimitExceededException,
    UnsupportedLanguageException,
)
from marinelayer.services.operation import ServiceTable

CALLER = Caller(
    identity=ANONYMOUS_IDENTITY, account="1", region="us-east-1", request_id="r", authoriser=cast("Any", None)
)


class Ears:
    """All text engines: answers with what it was given, or raises it."""

    def __init__(self) -> None:
        self.told: tuple[tuple[str, float], ...] = (("es", 0.9), ("pt", 0.06), ("gl", 0.04))
        self.shares = (0.7, 0.1, 0.15, 0.05)
        self.found: tuple[Passage, ...] = ()
        self.groups: tuple[TargetGroup, ...] = ()
        self.error: Exception | None = None
        self.broken = ""
        self.asked: list[tuple[str, ...]] = []

    async def languages(self, text: str) -> tuple[tuple[str, float], ...]:
        self._hear(text)
        return self.told

    async def score(self, text: str, language: str) -> Sentiment:
        self._hear(text, language)
        positive, negative, neutral, mixed = self.shares
        engine = Engine(name="Ears", version="1")
        return Sentiment(positive=positive, negative=negative, neutral=neutral, mixed=mixed, engine=engine)

    async def passages(self, text: str, language: str) -> tuple[Passage, ...]:
        self._hear(text, language)
        return self.found

    async def targets(self, text: str, language: str) -> tuple[TargetGroup, ...]:
        self._hear(text, language)
        return self.groups

    async def toxicity(self, text: str) -> Toxicity:
        self._hear(text)
        labels = {"INSULT": len(text) / 100, "PROFANITY": 0.25}
        return Toxicity(overall=len(text) / 50, labels=labels, engine=Engine(name="Ears", version="1"))

    def _hear(self, *said: str) -> None:
        self.asked.append(said)
        if self.error is not None:
            raise self.error
        if said[0] == self.broken:
            raise EngineFailedError


@pytest.fixture
def ears() -> Ears:
    return Ears()


def service(ears: Ears) -> ServiceTable:
    return comprehend_service(
        languages=ears, sentiment=ears, targets=ears, phrases=ears, pii=ears, entities=ears, words=ears, toxicity=ears
    )


async def ask(ears: Ears, operation: str, **request: Any) -> dict[str, Any]:
    table = service(ears)
    return cast("dict[str, Any]", await table.operations[operation].run(CALLER, request))


async def test_languages_are_listed_from_the_likeliest_down_to_five_percent(ears: Ears) -> None:
    answer = await ask(ears, "DetectDominantLanguage", Text="Hola")
    assert answer == {"Languages": [{"LanguageCode": "es", "Score": 0.9}, {"LanguageCode": "pt", "Score": 0.06}]}


async def test_an_unsure_text_still_has_a_likeliest_language(ears: Ears) -> None:
    ears.told = (("en", 0.03), ("tr", 0.02))
    answer = await ask(ears, "DetectDominantLanguage", Text="12345")
    assert answer["Languages"] == [{"LanguageCode": "en", "Score": 0.03}]


@pytest.mark.parametrize(
    ("shares", "sentiment"),
    [
        ((0.7, 0.1, 0.15, 0.05), "POSITIVE"),
        ((0.1, 0.7, 0.15, 0.05), "NEGATIVE"),
        ((0.1, 0.1, 0.75, 0.05), "NEUTRAL"),
        ((0.2, 0.2, 0.15, 0.45), "MIXED"),
    ],
)
async def test_the_sentiment_is_that_of_the_largest_share(
    ears: Ears, shares: tuple[float, float, float, float], sentiment: str
) -> None:
    ears.shares = shares
    answer = await ask(ears, "DetectSentiment", Text="Maksim is amazing.", LanguageCode="en")
    assert answer["Sentiment"] == sentiment
    assert tuple(answer["SentimentScore"][name] for name in ("Positive", "Negative", "Neutral", "Mixed")) == shares
    assert ears.asked == [("Maksim is amazing.", "en")]


@pytest.mark.parametrize(
    ("operation", "most"),
    [
        ("DetectDominantLanguage", 100_000),
        ("DetectSentiment", 5_000),
        ("DetectKeyPhrases", 100_000),
        ("DetectPiiEntities", 100_000),
        ("ContainsPiiEntities", 100_000),
        ("DetectEntities", 100_000),
        ("DetectSyntax", 5_000),
        ("DetectTargetedSentiment", 5_000),
    ],
)
async def test_a_text_over_the_limit_of_bytes_is_refused(ears: Ears, operation: str, most: int) -> None:
    fits, too_long = "é" * (most // 2), "é" * (most // 2) + "x"
    language = {} if operation == "DetectDominantLanguage" else {"LanguageCode": "en"}
    await ask(ears, operation, Text=fits, **language)
    with pytest.raises(TextSizeLimitExceededException) as refused:
        await ask(ears, operation, Text=too_long, **language)
    assert refused.value.message == (
        f"Input text size exceeds limit. Max length of request text allowed is {most} bytes while in this request the "
        f"text size is {most + 1} bytes"
    )
    assert len(ears.asked) == 1


async def test_a_language_without_an_engine_is_unsupported_and_says_what_to_install(ears: Ears) -> None:
    ears.error = EngineUnavailableError("install something")
    with pytest.raises(UnsupportedLanguageException, match=r"ja.*install something"):
        await ask(ears, "DetectSentiment", Text="素晴らしい", LanguageCode="ja")


async def test_without_a_language_engine_detection_is_not_implemented(ears: Ears) -> None:
    ears.error = EngineUnavailableError("pip install it")
    with pytest.raises(OperationNotImplemented, match="pip install it"):
        await ask(ears, "DetectDominantLanguage", Text="Hola")


@pytest.mark.parametrize(("raised", "answered"), [(EngineBusyError(), Throttled), (EngineFailedError(), InternalError)])
@pytest.mark.parametrize(
    "operation", ["DetectDominantLanguage", "DetectSentiment", "DetectKeyPhrases", "DetectPiiEntities"]
)
async def test_a_broken_or_busy_engine_is_answered_as_such(
    ears: Ears, operation: str, raised: Exception, answered: type[Refusal]
) -> None:
    ears.error = raised
    with pytest.raises(answered) as refused:
        await ask(ears, operation, Text="Hola", LanguageCode="es")
    assert type(refused.value) is answered


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (
            {"Text": "Halló", "LanguageCode": "is"},
            "enum value set: [en, es, fr, de, it, pt, ar, hi, ja, ko, zh, zh-TW]",
        ),
        ({"Text": "", "LanguageCode": "en"}, "length greater than or equal to 1"),
        ({"Text": "hello"}, "must not be null"),
    ],
)
def test_the_model_refuses_what_can_be_no_request(request_: dict[str, Any], said: str) -> None:
    operation = load_service("comprehend").operations["DetectSentiment"]
    with pytest.raises(InvalidParameter) as refused:
        check_input(operation, request_)
    assert said in refused.value.message


OPERATIONS = [
    "DetectDominantLanguage",
    "DetectSentiment",
    "DetectKeyPhrases",
    "DetectPiiEntities",
    "ContainsPiiEntities",
    "DetectEntities",
    "DetectSyntax",
    "DetectTargetedSentiment",
    "BatchDetectDominantLanguage",
    "BatchDetectSentiment",
    "BatchDetectKeyPhrases",
    "BatchDetectEntities",
    "BatchDetectSyntax",
    "BatchDetectTargetedSentiment",
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_needs_its_own_action_on_everything(ears: Ears, operation: str) -> None:
    needs = service(ears).operations[operation].needs({}, CALLER)
    assert [(need.action, need.resource) for need in needs] == [(f"comprehend:{operation}", "*")]


# --- passages --------------------------------------------------------------------------------------------------


async def test_a_phrase_is_told_with_its_text_and_its_code_points(ears: Ears) -> None:
    ears.found = (Passage(begin=2, end=10, score=0.7),)
    answer = await ask(ears, "DetectKeyPhrases", Text="👍 the park!", LanguageCode="en")
    assert answer == {"KeyPhrases": [{"Score": 0.7, "Text": "the park", "BeginOffset": 2, "EndOffset": 10}]}


async def test_pii_is_told_by_type_and_place_and_never_by_its_text(ears: Ears) -> None:
    ears.found = (Passage(begin=3, end=9, score=0.9, kind="PIN"),)
    answer = await ask(ears, "DetectPiiEntities", Text="pin 482112", LanguageCode="en")
    assert answer == {"Entities": [{"Score": 0.9, "Type": "PIN", "BeginOffset": 3, "EndOffset": 9}]}


async def test_an_entity_is_told_with_its_text_type_and_code_points(ears: Ears) -> None:
    ears.found = (Passage(begin=2, end=8, score=0.8, kind="PERSON"),)
    answer = await ask(ears, "DetectEntities", Text="👍 Maksim", LanguageCode="en")
    assert answer["Entities"] == [{"Score": 0.8, "Type": "PERSON", "Text": "Maksim", "BeginOffset": 2, "EndOffset": 8}]


async def test_words_are_numbered_from_one_and_tagged(ears: Ears) -> None:
    ears.found = (Passage(begin=0, end=3, score=0.9, kind="DET"), Passage(begin=4, end=8, score=0.7, kind="NOUN"))
    answer = await ask(ears, "DetectSyntax", Text="The park", LanguageCode="en")
    assert [(t["TokenId"], t["Text"], t["PartOfSpeech"]) for t in answer["SyntaxTokens"]] == [
        (1, "The", {"Tag": "DET", "Score": 0.9}),
        (2, "park", {"Tag": "NOUN", "Score": 0.7}),
    ]


async def test_mentions_are_told_in_their_groups_with_text_type_place_and_sentiment(ears: Ears) -> None:
    def mention(begin: int, end: int, sure: float) -> TargetMention:
        seen = Sentiment(positive=0.1, negative=0.7, neutral=0.15, mixed=0.05, engine=Engine(name="Ears", version="1"))
        return TargetMention(begin=begin, end=end, kind="FACILITY", score=0.9, group_score=sure, sentiment=seen)

    ears.groups = (TargetGroup(mentions=(mention(6, 9, 1.0), mention(11, 13, 0.75)), best=(0,)),)
    answer = await ask(ears, "DetectTargetedSentiment", Text="👍 The spa. It closed.", LanguageCode="en")
    (entity,) = answer["Entities"]
    assert entity["DescriptiveMentionIndex"] == [0]
    assert [(one["Text"], one["BeginOffset"], one["EndOffset"]) for one in entity["Mentions"]] == [
        ("spa", 6, 9),
        ("It", 11, 13),
    ]
    assert entity["Mentions"][1] | {"Text": "", "BeginOffset": 0, "EndOffset": 0} == {
        "Score": 0.9,
        "GroupScore": 0.75,
        "Text": "",
        "Type": "FACILITY",
        "MentionSentiment": {
            "Sentiment": "NEGATIVE",
            "SentimentScore": {"Positive": 0.1, "Negative": 0.7, "Neutral": 0.15, "Mixed": 0.05},
        },
        "BeginOffset": 0,
        "EndOffset": 0,
    }


@pytest.mark.parametrize("request_", [{"LanguageCode": "en"}, {"Text": "Maksim"}])
async def test_entities_are_asked_for_with_a_text_and_its_language(ears: Ears, request_: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestException):
        await ask(ears, "DetectEntities", **request_)
    assert ears.asked == []


async def test_custom_recognizers_need_the_cloud_and_bytes_need_a_recognizer(ears: Ears) -> None:
    arn = "arn:aws:comprehend:us-east-1:111122223333:entity-recognizer-endpoint/mine"
    with pytest.raises(OperationNotImplemented):
        await ask(ears, "DetectEntities", Text="x", EndpointArn=arn)
    with pytest.raises(InvalidRequestException):
        await ask(ears, "DetectEntities", Bytes=b"x", LanguageCode="en")


async def test_what_a_text_contains_is_each_type_once_with_its_best_score(ears: Ears) -> None:
    ears.found = tuple(
        Passage(begin=n, end=n + 1, score=score, kind=kind)
        for n, (kind, score) in enumerate([("URL", 0.5), ("SSN", 0.7), ("URL", 0.9)])
    )
    answer = await ask(ears, "ContainsPiiEntities", Text="...", LanguageCode="en")
    assert answer == {"Labels": [{"Name": "URL", "Score": 0.9}, {"Name": "SSN", "Score": 0.7}]}


@pytest.mark.parametrize(
    "operation",
    [
        "DetectKeyPhrases",
        "DetectPiiEntities",
        "ContainsPiiEntities",
        "DetectEntities",
        "DetectSyntax",
        "DetectTargetedSentiment",
        "BatchDetectKeyPhrases",
        "BatchDetectEntities",
        "BatchDetectSyntax",
        "BatchDetectTargetedSentiment",
    ],
)
async def test_a_language_that_is_not_read_is_unsupported_and_says_what_to_do(ears: Ears, operation: str) -> None:
    ears.error = EngineUnavailableError("translate first")
    text: Any = {"TextList": ["Hallo"]} if operation.startswith("Batch") else {"Text": "Hallo"}
    with pytest.raises(UnsupportedLanguageException, match=r"de.*translate first"):
        await ask(ears, operation, LanguageCode="de", **text)


# --- batches ---------------------------------------------------------------------------------------------------

BATCHES = {
    "BatchDetectDominantLanguage": {},
    "BatchDetectSentiment": {"LanguageCode": "en"},
    "BatchDetectKeyPhrases": {"LanguageCode": "en"},
    "BatchDetectEntities": {"LanguageCode": "en"},
    "BatchDetectSyntax": {"LanguageCode": "en"},
    "BatchDetectTargetedSentiment": {"LanguageCode": "en"},
}


@pytest.mark.parametrize("operation", BATCHES)
async def test_a_batch_says_of_each_document_what_it_says_of_it_alone(ears: Ears, operation: str) -> None:
    ears.found = (Passage(begin=0, end=3, score=0.7),)
    alone = await ask(ears, operation.removeprefix("Batch"), Text="one", **BATCHES[operation])
    answer = await ask(ears, operation, TextList=["one", "two"], **BATCHES[operation])
    assert answer["ErrorList"] == []
    assert answer["ResultList"][0] == {"Index": 0, **alone}
    assert [each["Index"] for each in answer["ResultList"]] == [0, 1]
    assert [said[0] for said in ears.asked] == ["one", "one", "two"]


@pytest.mark.parametrize("operation", BATCHES)
async def test_documents_that_fail_leave_the_others_their_places(ears: Ears, operation: str) -> None:
    ears.broken = "broken"
    texts = ["fine", "é" * 2_500, "é" * 2_500 + "x", "broken", "fine too"]
    answer = await ask(ears, operation, TextList=texts, **BATCHES[operation])
    assert [each["Index"] for each in answer["ResultList"]] == [0, 1, 4]
    assert [(each["Index"], each["ErrorCode"]) for each in answer["ErrorList"]] == [
        (2, "TEXT_SIZE_LIMIT_EXCEEDED"),
        (3, "INTERNAL_SERVER_ERROR"),
    ]
    assert "5000 bytes" in answer["ErrorList"][0]["ErrorMessage"]


@pytest.mark.parametrize("operation", BATCHES)
async def test_a_batch_has_at_most_25_documents(ears: Ears, operation: str) -> None:
    answer = await ask(ears, operation, TextList=["x"] * 25, **BATCHES[operation])
    assert len(answer["ResultList"]) == 25
    with pytest.raises(BatchSizeLimitExceededException, match="exceeds the limit of 25"):
        await ask(ears, operation, TextList=["x"] * 26, **BATCHES[operation])


async def test_a_batch_whose_engine_is_busy_is_to_be_tried_again(ears: Ears) -> None:
    ears.error = EngineBusyError()
    with pytest.raises(Throttled):
        await ask(ears, "BatchDetectSentiment", TextList=["x", "y"], LanguageCode="en")
