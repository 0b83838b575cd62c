"""Learning to find entities: tokens, tags, entity lists, what is learned, and the workers that do it."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.assembly import Engines, open_engines
from marinelayer.engines.language.recognition import tokens as cutting
from marinelayer.engines.language.recognition.documents import Annotated
from marinelayer.engines.language.recognition.entity_list import EntityList
from marinelayer.engines.language.recognition.entity_recognizer import EntityRecognizer
from marinelayer.engines.language.recognition.learning import learn, learnable
from marinelayer.engines.language.recognition.material import Form, read_material
from marinelayer.engines.language.recognition.scoring import measures_of
from marinelayer.engines.language.recognition.tags import Span, stretches_of, tagged
from marinelayer.engines.language.recognition.tokens import sequences_of
from marinelayer.ports import EntityLesson, EntityMeasures, TrainingDataError, TrainingStoppedError

STREETS = [
    "Market",
    "Fairmount",
    "Balboa",
    "Texas",
    "Genesee",
    "Nimitz",
    "Voltaire",
    "Catalina",
    "Garnet",
    "Mission",
    "Adams",
    "Imperial",
]
FORMS = (
    "There is a pothole on {S} near the school.",
    "Scooter {V} blocks the ramp at {S}.",
    "{V} was left on {S} since monday",
    "Graffiti at the corner of {S} and {S}, please come.",
    "Nobody knows who owns {V}, it lies in the canyon",
    "The lamp in front of my house flickers for 12 days",
)


def complaint(chance: random.Random, streets: Sequence[str] = STREETS) -> Annotated:
    """An invented complaint with its streets (0) and vehicles (1)."""
    text, spans = "", list[Span]()
    for part in chance.choice(FORMS).replace("{", "\0{").replace("}", "}\0").split("\0"):
        if part in {"{S}", "{V}"}:
            street = f"{chance.choice(streets)} {chance.choice(('Street', 'Ave', 'Boulevard'))}"
            name = street if part == "{S}" else f"{chance.choice(('SD', 'LM'))}-{chance.randint(100, 9999)}"
            spans.append(Span(len(text), len(text) + len(name), int(part == "{V}")))
            text += name
        else:
            text += part
    return Annotated(text=text, spans=spans)


def complaints(count: int, seed: int) -> list[Annotated]:
    chance = random.Random(seed)
    return [complaint(chance) for _ in range(count)]


@pytest.fixture(scope="module")
def recognizer() -> EntityRecognizer:
    return learn(complaints(200, 1), ["STREET", "VEHICLE"])


def found(recognizer: EntityRecognizer, text: str) -> list[tuple[str, str]]:
    return [(text[begin:end], kind) for begin, end, _, kind in recognizer.entities(text)]


@given(st.text(st.sampled_from("aZé9 _-.!\n\t北\u0301"), max_size=60))
def test_tokens_leave_out_nothing_but_blanks(text: str) -> None:
    tokens = [token for sequence in sequences_of(text) for token in sequence]
    assert "".join(text[begin:end] for begin, end in tokens) == "".join(text.split())
    assert all(sequences_of(text))


def test_sequences_end_with_paragraphs_and_where_they_would_be_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [len(sequence) for sequence in sequences_of("a b\nc\n \nd")] == [3, 1]
    monkeypatch.setattr(cutting, "LONG", 4)
    monkeypatch.setattr(cutting, "LONGEST", 8)
    assert [len(sequence) for sequence in sequences_of("a b. c d e. f g h")] == [7, 3]
    assert [len(sequence) for sequence in sequences_of("x " * 20)] == [8, 8, 4]


@given(st.data())
def test_entities_of_whole_tokens_come_back_from_their_tags(data: st.DataObject) -> None:
    text = "a bc d ef g hi"
    (tokens,) = sequences_of(text)
    edges = sorted(data.draw(st.sets(st.integers(0, len(tokens)), max_size=6)))
    spans = [
        Span(tokens[first].begin, tokens[after - 1].end, data.draw(st.integers(0, 2)))
        for first, after in zip(edges[::2], edges[1::2], strict=False)
    ]
    tags = tagged(tokens, spans)
    assert [Span(tokens[one.first].begin, tokens[one.after - 1].end, one.kind) for one in stretches_of(tags)] == spans


def test_entries_of_a_list_are_found_as_whole_words_with_their_capitals_the_longest_first() -> None:
    entries = EntityList({"Smith": 0, "Jane Smith": 1, "SD-4": 2, "A. B.": 3})
    text = "Jane Smith, Smith, smith, Smithson, SD-4 and SD-45, 5SD-4; A. B.C"
    assert [(text[one.begin : one.end], one.kind) for one in entries.spans(text)] == [
        ("Jane Smith", 1),
        ("Smith", 0),
        ("SD-4", 2),
        ("A. B.", 3),
    ]


def test_names_that_were_never_seen_are_found_where_such_names_stand(recognizer: EntityRecognizer) -> None:
    assert found(recognizer, "There is a pothole on Quetzal Street near the school.") == [("Quetzal Street", "STREET")]
    assert found(recognizer, "Scooter SD-31337 blocks the ramp at Zyx Ave.") == [
        ("SD-31337", "VEHICLE"),
        ("Zyx Ave", "STREET"),
    ]
    assert found(recognizer, "The lamp in front of my house flickers for 99 days") == []


@pytest.mark.parametrize("before", ["", "  ", "Hello. ", "🛴🛴 ", "Ünïcode é\n\n"])
def test_an_entity_that_is_moved_is_found_where_it_went(recognizer: EntityRecognizer, before: str) -> None:
    text = "There is a pothole on Balboa Street near the school."
    ((begin, end, _, kind),) = recognizer.entities(text)
    ((moved_begin, moved_end, score, moved_kind),) = recognizer.entities(before + text)
    assert (moved_begin, moved_end, moved_kind) == (begin + len(before), end + len(before), kind)
    assert 0.5 < score <= 1


def test_other_names_of_types_give_other_types_and_swapped_ones_swap(recognizer: EntityRecognizer) -> None:
    swapped = [
        Annotated(text=one.text, spans=[span._replace(kind=1 - span.kind) for span in one.spans])
        for one in complaints(200, 1)
    ]
    other = learn(swapped, ["STREET", "VEHICLE"])
    text = "LM-77 was left on Texas Ave since monday"
    assert found(recognizer, text) == [("LM-77", "VEHICLE"), ("Texas Ave", "STREET")]
    assert found(other, text) == [("LM-77", "STREET"), ("Texas Ave", "VEHICLE")]


def mean_score(recognizer: EntityRecognizer) -> float:
    scores = [score for one in complaints(40, 3) for _, _, score, _ in recognizer.entities(one.text)]
    return sum(scores) / len(scores)


def test_what_is_annotated_less_surely_is_found_less_surely() -> None:
    documents = complaints(200, 1)
    chance = random.Random(2)
    doubtful = [
        Annotated(text=one.text, spans=[span for span in one.spans if chance.random() < 0.6]) for one in documents
    ]
    taught, taught_less = learn(documents, ["S", "V"]), learn(doubtful, ["S", "V"])
    sure, unsure = mean_score(taught), mean_score(taught_less)
    assert sure > 0.9
    assert 0.5 < unsure < sure - 0.1


def test_the_same_documents_give_the_same_file_and_it_gives_the_same_answers(recognizer: EntityRecognizer) -> None:
    data = recognizer.to_bytes()
    assert learn(complaints(200, 1), ["STREET", "VEHICLE"]).to_bytes() == data
    read = EntityRecognizer.of_bytes(data)
    for one in complaints(20, 9):
        assert found(read, one.text) == found(recognizer, one.text)
    with pytest.raises(ValueError):
        EntityRecognizer.of_bytes(b"no model")


def test_documents_that_there_is_no_room_for_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = complaints(50, 1)
    assert learnable(documents, 2, 7) == documents
    monkeypatch.setattr("marinelayer.engines.language.recognition.learning.MOST_TOKENS", 200)
    some = learnable(documents, 2, 7)
    assert 10 < len(some) < 30
    assert some == [one for one in documents if any(one is other for other in some)]
    assert learnable(documents, 2, 8) != some


def test_measures_count_places_and_types_that_are_both_right() -> None:
    # The example of the Developer Guide, "Custom entity recognizer metrics".
    truth = [{(0, 15, "Person"), (31, 36, "Person"), (45, 58, "Place"), (68, 77, "Place"), (96, 103, "Place")}]
    seen = [{(0, 15, "Person"), (31, 36, "Place"), (45, 58, "Place"), (68, 77, "Place"), (96, 103, "Person")}]
    over_all, of_kinds = measures_of(truth, seen, ["Person", "Place", "Thing"])
    assert over_all == EntityMeasures(precision=0.6, recall=0.6, f1=0.6)
    assert of_kinds["Person"] == EntityMeasures(precision=0.5, recall=0.5, f1=0.5)
    assert of_kinds["Place"].precision == pytest.approx(2 / 3)
    assert of_kinds["Thing"] == EntityMeasures(precision=0, recall=0, f1=0)


# --- what a training reads ------------------------------------------------------------------------------------

DOCUMENTS = ["SD-1 was left on Texas Ave since monday"] * 130


class Files:
    """What the cloud would give: a part's files by their names."""

    def __init__(self, **parts: Mapping[str, bytes]) -> None:
        self._parts = {name.replace("_", "-"): files for name, files in parts.items()}
        self._told: set[str] = set()

    def ask(self, asked: Mapping[str, Any]) -> bytes:
        name = json.dumps(asked)
        if name in self._told:
            return b""
        self._told.add(name)
        if "names" in asked:
            return b"".join(json.dumps(file).encode() + b"\n" for file in self._parts[asked["names"]])
        files = self._parts[asked["part"]]
        return files[asked["file"]] if "file" in asked else b"\n".join(files.values())


def rows(*lines: str, header: str = "File, Line, Begin Offset, End Offset, Type") -> bytes:
    return "\n".join((header, *lines)).encode()


def material(annotations: bytes, documents: Sequence[str] = DOCUMENTS, **form: Any) -> list[Annotated]:
    files = Files(train={"a.txt": "\r\n".join(documents).encode()}, annotations={"x.csv": annotations})
    chosen: dict[str, Any] = {"form": "annotations", "kinds": ["S", "V"], "attributes": (), "each_line": True}
    training, testing = read_material(files.ask, Form(**(chosen | {"tested": False} | form)))
    assert testing == []
    return training


def both(lines: int = 130) -> list[str]:
    return [row for n in range(lines) for row in (f"a.txt, {n}, 0, 4, V", f"a.txt,{n},17,26,S")]


def test_annotations_are_about_lines_of_files_and_types_that_are_not_wanted_do_not_count() -> None:
    first, second, *_ = material(rows(*both(), "a.txt, 0, 5, 8, OTHER"))
    assert first == second == Annotated(text=DOCUMENTS[0], spans=[Span(0, 4, 1), Span(17, 26, 0)])


def test_annotations_of_whole_files_have_no_line() -> None:
    text = "\n".join(DOCUMENTS)
    places = [n * (len(DOCUMENTS[0]) + 1) for n in range(30)]
    annotated = rows(
        *(f"{n}.txt,{at},{at + 4},V" for n in range(3) for at in places), header="File,Begin Offset,End offset,Type"
    )
    files = Files(train={f"{n}.txt": text[:4900].encode() for n in range(3)}, annotations={"x": annotated})
    form = Form(form="annotations", kinds=["V"], attributes=(), each_line=False, tested=False)
    training, _ = read_material(files.ask, form)
    assert [len(one.spans) for one in training] == [30, 30, 30]


@pytest.mark.parametrize(
    ("annotations", "said"),
    [
        (rows(*both(24)), "fewer than 25 entities of 2 of the entity types, such as S with 24"),
        (rows(*both(), "a.txt,0,2,6,S"), "overlap"),
        (rows(*both(), "a.txt,0,4,5,S"), "no text of its document"),
        (rows(*both(), "a.txt,0,30,999,S"), "no text of its document"),
        (rows(*both(), "a.txt,0,x,5,S"), "no number"),
        (rows(*both(), "b.txt,0,4,5,S"), "a document that is not there: b.txt"),
        (rows(*both(), "a.txt,130,4,5,S"), "a document that is not there"),
        (rows(*both(), "a.txt,0"), "has 2 columns only"),
        (rows(*both(), header="File,Begin Offset,Type"), "Line, End Offset is missing"),
        (b'"', "is no CSV"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_annotations_that_can_not_be_are_refused(annotations: bytes, said: str) -> None:
    with pytest.raises(TrainingDataError, match=said):
        material(annotations)


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        (DOCUMENTS[:120], "5000 to 200000000 bytes together: they have 4680"),
        (["x" * 4000, "y" * 4000], "3 to 200000 training documents: there are 2"),
        ([*DOCUMENTS, "é" * 2501], "at most 5000 bytes: line 130 of a.txt has 5002 bytes"),
    ],
)
def test_documents_that_are_too_small_or_too_large_are_refused(documents: list[str], said: str) -> None:
    with pytest.raises(TrainingDataError, match=said):
        material(rows(), documents)


def test_an_entity_list_annotates_the_documents_of_lesson_and_test() -> None:
    listed = b"Text, Type\nTexas Ave, S\nSD-1 , V\nTexas, OTHER\n"
    training, testing = read_material(
        Files(train={"a": "\n".join(DOCUMENTS).encode()}, test={"b": b"on Texas Ave"}, list={"l": listed}).ask,
        Form(form="list", kinds=["S", "V"], attributes=(), each_line=True, tested=True),
    )
    assert training[0].spans == [Span(0, 4, 1), Span(17, 26, 0)]
    assert testing == [Annotated(text="on Texas Ave", spans=[Span(3, 12, 0)])]


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (b"Text,Type\nTexas,S\nTexas,V\n", "another type"),
        (b"Text,Type\nTexas,OTHER\n", "no text of any"),
        (b"Text,Type\n ,S\n", "empty"),
        (b"Text,Kind\n", "Type is missing"),
        (b"Text,Type\nTexas Ave,S\nZyx,V\n", "such as V with 0"),
    ],
)
def test_entity_lists_that_can_not_be_are_refused(listed: bytes, said: str) -> None:
    form = Form(form="list", kinds=["S", "V"], attributes=(), each_line=True, tested=False)
    with pytest.raises(TrainingDataError, match=said):
        read_material(Files(train={"a": "\n".join(DOCUMENTS).encode()}, list={"l": listed}).ask, form)


def labelled(text: str, *entities: tuple[Any, Any, Any]) -> str:
    found = [{"startOffset": begin, "endOffset": end, "label": label} for begin, end, label in entities]
    return json.dumps({"source": text, "job": {"annotations": {"entities": found}}, "job-metadata": {}})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (labelled("Texas Ave", (0, 99, "S")), "not in its text"),
        (labelled("", (0, 1, "S")), "no text"),
        (labelled("x" * 5001), "no text, or one of more than 5000 bytes"),
        (labelled("x", ("a", 1, "S")), "no document with entities"),
        (labelled("x", (float("inf"), 1, "S")), "no document with entities"),
        (labelled("abc", (0, 2, "S"), (1, 3, "S")), "overlap"),
        ("{", "no document with entities"),
        ("[]", "no document with entities"),
        (labelled("\ud800"), "fewer than 25"),
    ],
)
def test_manifests_that_can_not_be_are_refused(line: str, said: str) -> None:
    lines = [labelled(text) for text in DOCUMENTS]
    form = Form(form="manifest", kinds=["S"], attributes=["job"], each_line=True, tested=False)
    with pytest.raises(TrainingDataError, match=said):
        read_material(Files(train={"m": "\n".join((*lines, line)).encode()}).ask, form)


# --- workers --------------------------------------------------------------------------------------------------


@pytest.fixture
async def engines() -> Any:
    opened = open_engines(None)
    yield opened
    await opened.close()


def reader(documents: Sequence[Annotated], kinds: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    annotations = rows(
        *(
            f"a,{n},{one.begin},{one.end},{kinds[one.kind]}"
            for n, document in enumerate(documents)
            for one in document.spans
        )
    )
    files = Files(train={"a": "\n".join(one.text for one in documents).encode()}, annotations={"x": annotations})

    async def read(asked: Mapping[str, Any]) -> bytes:
        return files.ask(asked)

    return read


async def go_on() -> bool:
    return True


async def test_a_worker_learns_to_find_entities_and_another_finds_them(engines: Engines) -> None:
    kinds = ["STREET", "VEHICLE"]
    lesson = EntityLesson(form="annotations", kinds=kinds)
    trained = await engines.recognizer_training.train(lesson, reader(complaints(200, 1), kinds), go_on)
    assert (trained.trained, trained.tested) == (180, 20)
    assert trained.measures.f1 > 0.9
    assert set(trained.of_kinds) == set(trained.mentions) == set(kinds)
    asked = 0

    async def weights() -> bytes:
        nonlocal asked
        asked += 1
        return trained.model

    texts = ["LM-77 was left on Texas Ave since monday", "", "nothing"]
    for _ in range(2):
        answers = await engines.recognition.recognize("m", weights, texts)
        assert [[(one.begin, one.end, one.kind) for one in answer] for answer in answers] == [
            [(0, 5, "VEHICLE"), (18, 27, "STREET")],
            [],
            [],
        ]
    assert asked == 1  # the worker keeps it


async def test_long_texts_are_looked_at_a_few_at_a_time_and_told_in_parts(engines: Engines) -> None:
    data = learn(complaints(200, 1), ["STREET", "VEHICLE"]).to_bytes()

    async def weights() -> bytes:
        return data

    line = "LM-77 was left on Texas Ave since monday\n\n"
    texts = [line * 50, "", "x" * 1_100_000, line]
    long, *others = await engines.recognition.recognize("m", weights, texts)
    assert [(one.begin, one.end) for one in long] == [
        place for n in range(50) for place in ((n * 42, n * 42 + 5), (n * 42 + 18, n * 42 + 27))
    ]
    assert [len(one) for one in others] == [0, 0, 2]


async def test_learning_of_entities_that_is_stopped_ends(engines: Engines) -> None:
    async def stop() -> bool:
        return False

    with pytest.raises(TrainingStoppedError):
        await engines.recognizer_training.train(
            EntityLesson(form="annotations", kinds=["S", "V"]), reader(complaints(200, 1), ["S", "V"]), stop
        )
    with pytest.raises(TrainingDataError, match="fewer than 25"):
        await engines.recognizer_training.train(
            EntityLesson(form="annotations", kinds=["OTHER"]), reader(complaints(200, 1), ["S", "V"]), go_on
        )
