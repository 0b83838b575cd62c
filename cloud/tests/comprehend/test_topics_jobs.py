"""Jobs that find topics, with boto3 over a real socket and the real engine."""

import csv
import io
import itertools
import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from .office import Office, refused
from .subjects import documents, telling

NOUN = "topics_detection"


def rows_of(data: bytes, *columns: str) -> list[list[str]]:
    header, *rows = csv.reader(io.StringIO(data.decode()))
    assert tuple(header) == columns
    return rows


class Topics:
    """What a job's output says: each topic's terms with their weights, and each document's topics with their shares."""

    def __init__(self, files: dict[str, bytes]) -> None:
        assert list(files) == ["topic-terms.csv", "doc-topics.csv"]
        self.terms: dict[str, dict[str, float]] = {}
        for topic, term, weight in rows_of(files["topic-terms.csv"], "topic", "term", "weight"):
            self.terms.setdefault(topic, {})[term] = float(weight)
        self.documents: dict[str, dict[str, float]] = {}
        for name, topic, share in rows_of(files["doc-topics.csv"], "docname", "topic", "proportion"):
            self.documents.setdefault(name, {})[topic] = float(share)

    def most(self, name: str) -> str:
        """The topic that most of a document is about."""
        shares = self.documents[name]
        return max(shares, key=lambda topic: shares[topic])


def found(office: Office, rows: Sequence[tuple[str, str]], topics: int, **further: Any) -> Topics:
    """The topics of documents, of which each is a line of one file."""
    data = "\n".join(text for _, text in rows).encode()
    return Topics(office.files(NOUN, files={"letters.txt": data}, NumberOfTopics=topics, **further))


def test_documents_of_three_subjects_part_into_three_topics_with_their_words(office: Office) -> None:
    rows = documents(30)
    answer = found(office, rows, 3)
    assert sorted(answer.terms) == ["000", "001", "002"]
    of_subjects: dict[str, set[str]] = {}
    for number, (subject, _) in enumerate(rows):
        of_subjects.setdefault(subject, set()).add(answer.most(f"letters.txt:{number}"))
    assert sorted(itertools.chain(*of_subjects.values())) == ["000", "001", "002"]
    for subject, (topic,) in of_subjects.items():
        assert len(answer.terms[topic]) == 10
        assert set(answer.terms[topic]) < telling(subject)
        assert 0.5 < sum(answer.terms[topic].values()) < 1
    assert all(sum(shares.values()) == pytest.approx(1, abs=1e-6) for shares in answer.documents.values())


def test_a_document_about_two_subjects_has_a_share_of_each(office: Office) -> None:
    rows = documents(30, ("baseball", "cooking"))
    ball, food = (next(text for subject, text in rows if subject == wanted) for wanted in ("baseball", "cooking"))
    answer = found(office, [*rows, ("both", f"{ball} {food}"), ("mostly food", f"{ball} {food} {food} {food}")], 2)
    both, mostly = (answer.documents[f"letters.txt:{number}"] for number in (60, 61))
    of_food = answer.most(f"letters.txt:{[text for _, text in rows].index(food)}")
    assert both[of_food] == pytest.approx(0.5, abs=0.05)
    assert mostly[of_food] == pytest.approx(0.75, abs=0.05)


def test_each_file_is_a_document_that_is_named_by_its_file(office: Office) -> None:
    rows = documents(12, ("cooking", "sailing"))
    files = {
        f"{number:02},{subject}": text.replace(". ", ".\n").encode() for number, (subject, text) in enumerate(rows)
    }
    answer = Topics(office.files(NOUN, files=files, form="ONE_DOC_PER_FILE", NumberOfTopics=2))
    assert list(answer.documents) == sorted(files)
    told = {(name.partition(",")[2], answer.most(name)) for name in files}
    assert sorted(subject for subject, _ in told) == ["cooking", "sailing"]


def test_other_documents_have_other_topics_and_a_word_taken_out_is_a_term_of_none(office: Office) -> None:
    ball = ("baseball", "cooking")
    before, other = found(office, documents(15, ball), 2), found(office, documents(15, ("sailing", "cooking")), 2)
    terms = [{term for topic in answer.terms.values() for term in topic} for answer in (before, other)]
    assert terms[0] & telling("baseball")
    assert not terms[0] & telling("sailing")
    assert terms[1] & telling("sailing")
    assert not terms[1] & telling("baseball")
    word = max(telling("baseball") & terms[0])
    without = found(office, documents(15, ball, without=word), 2)
    assert word not in {term for topic in without.terms.values() for term in topic}
    assert found(office, documents(15, ball), 2).terms == before.terms


def test_topics_with_few_words_have_weights_that_sum_to_one_and_ten_topics_are_usual(office: Office) -> None:
    text = b"\n".join([b"apple banana cherry apple banana", b"granite basalt marble granite basalt"] * 20)
    number = office.start(NOUN, files={"a": text})
    described = office.ended(NOUN, number)
    assert described["NumberOfTopics"] == 10
    answer = found(office, [("", line) for line in text.decode().split("\n")], 2)
    assert sorted(map(sorted, answer.terms.values())) == [
        ["apple", "banana", "cherry"],
        ["basalt", "granite", "marble"],
    ]
    assert [sum(topic.values()) for topic in answer.terms.values()] == pytest.approx([1, 1], abs=3e-6)


def test_stop_words_of_the_documents_language_are_no_terms(office: Office) -> None:
    spanish = [
        "El camión de la basura no pasó por esta calle desde el lunes y los contenedores están llenos de basura.",
        "Hay mucha basura y muebles viejos en la calle, los contenedores no tienen espacio y el camión no viene.",
        "La luz de la farola está fundida desde hace semanas y la esquina está muy oscura por la noche sin farola.",
        "Las farolas de esta esquina parpadean por la noche, la luz no funciona bien y da miedo caminar en la noche.",
    ]
    answer = found(office, [("", line) for line in spanish * 8], 2)
    terms = {term for topic in answer.terms.values() for term in topic}
    assert {"basura", "camión", "luz"} <= terms
    assert not terms & {"las", "los", "está", "esta", "por", "desde", "muy"}


def test_lines_without_words_have_no_topic_and_do_not_shift_the_others(office: Office) -> None:
    rows = documents(20, ("cooking", "sailing"))
    texts = [rows[0][1], "", "   ", "12345 67890", *(text for _, text in rows[1:])]
    answer = found(office, [("", text) for text in texts], 2)
    assert {f"letters.txt:{n}" for n in range(len(texts))} - answer.documents.keys() == {
        f"letters.txt:{n}" for n in (1, 2, 3)
    }
    last = f"letters.txt:{len(texts) - 1}"
    assert set(answer.terms[answer.most(last)]) <= telling(rows[-1][0])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"too little", "The total size of the input files, 10 bytes, is below the minimum of 500."),
        (b"1234 5678\n" * 60, "The documents have no words that could be the terms of a topic."),
        (b"fine\n" * 200 + b"\xff\xfe", "UNSUPPORTED_ENCODING: a:200: The document is not encoded in UTF-8."),
    ],
)
def test_what_can_not_be_learned_from_fails_the_job(office: Office, data: bytes, message: str) -> None:
    described = office.ended(NOUN, office.start(NOUN, files={"a": data}))
    assert (described["JobStatus"], described["Message"]) == ("FAILED", message)


def test_a_job_is_described_and_listed_and_its_role_must_let_it_read_and_write(office: Office) -> None:
    name = f"job {uuid.uuid4().hex[:8]}"
    data = "\n".join(text for _, text in documents(5)).encode()
    request = {"files": {"a": data}, "JobName": name, "NumberOfTopics": 3}
    number = office.start(NOUN, **request)
    described = office.ended(NOUN, number)
    comprehend = office.desk.comprehend
    assert described["JobArn"] == f"arn:aws:comprehend:us-east-1:111122223333:topics-detection-job/{number}"
    assert described["OutputDataConfig"]["S3Uri"] == (
        f"s3://{office.desk.bucket}/out/jobs/111122223333-TOPICS-{number}/output/output.tar.gz"
    )
    assert (described["NumberOfTopics"], described["JobName"]) == (3, name)
    listed = comprehend.list_topics_detection_jobs(Filter={"JobName": name})
    assert listed["TopicsDetectionJobPropertiesList"] == [described]
    assert refused(comprehend.describe_topics_detection_job, JobId="0" * 32) == "JobNotFoundException"
    for role, code in (({"read": "x/*"}, "NO_READ_ACCESS_TO_INPUT"), ({"write": "x/*"}, "NO_WRITE_ACCESS_TO_OUTPUT")):
        failed = office.ended(NOUN, office.start(NOUN, **request, DataAccessRoleArn=office.desk.new_role(**role)))
        assert (failed["JobStatus"], failed["Message"].partition(":")[0]) == ("FAILED", code)


def test_requests_that_aws_refuses_are_refused_at_once(office: Office) -> None:
    start = office.desk.comprehend.start_topics_detection_job
    assert refused(start, **office.request(), NumberOfTopics=101) == "ValidationException"
    elsewhere = {"InputDataConfig": {"S3Uri": "s3:///a"}}
    assert refused(start, **{**office.request(), **elsewhere}) in {"InvalidRequestException", "ValidationException"}
    assert refused(start, **office.request(), VolumeKmsKeyId="k") == "NotImplemented"
    token = uuid.uuid4().hex
    request = office.request(files={"a": b"x"}, ClientRequestToken=token)
    assert start(**request)["JobId"] == start(**request)["JobId"]
    assert refused(start, **request, NumberOfTopics=4) == "InvalidRequestException"
