"""Each operation that an engine answers has a test that changes what is asked and demands that the answer changes too."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .declared import declared_operations

TESTS = Path(__file__).resolve().parents[1]
ANSWERS = re.compile(
    r"(Batch)?Detect|Contains|Classify|Compare|Search|Index|Translate|Get\w+(?:Detection|Moderation|Search)$|Start\w+Job$"
)
"""Names of operations whose answer is an engine's. What starts the work of a video is tested by what gets it."""

FOLLOWS = {
    "comprehend:BatchDetectDominantLanguage": (
        "comprehend/test_metamorphic.py::test_documents_of_a_batch_that_change_places_change_their_answers"
    ),
    "comprehend:BatchDetectEntities": "engines/test_grammar.py::test_another_name_and_place_are_other_entities",
    "comprehend:BatchDetectKeyPhrases": (
        "comprehend/test_metamorphic.py::test_documents_of_a_batch_that_change_places_change_their_answers"
    ),
    "comprehend:BatchDetectSentiment": (
        "comprehend/test_metamorphic.py::test_documents_of_a_batch_that_change_places_change_their_answers"
    ),
    "comprehend:BatchDetectTargetedSentiment": (
        "engines/test_targets_end_to_end.py::test_words_that_change_places_change_the_sentiments_of_their_targets"
    ),
    "comprehend:BatchDetectSyntax": "engines/test_grammar.py::test_another_order_of_words_is_another_order_of_parts",
    "comprehend:ClassifyDocument": (
        "comprehend/test_document_classifiers.py::test_labels_that_are_swapped_in_the_data_swap_the_answers"
    ),
    "comprehend:ContainsPiiEntities": "comprehend/test_metamorphic.py::test_another_text_has_another_answer",
    "comprehend:DetectDominantLanguage": (
        "comprehend/test_metamorphic.py::test_a_language_that_joins_a_text_joins_the_answer"
    ),
    "comprehend:DetectEntities": (
        "comprehend/test_entity_recognizers.py::"
        "test_names_never_seen_are_found_at_their_offsets_and_other_labels_give_other_types"
    ),
    "comprehend:DetectKeyPhrases": "comprehend/test_metamorphic.py::test_another_text_has_another_answer",
    "comprehend:DetectPiiEntities": "comprehend/test_metamorphic.py::test_another_text_has_another_answer",
    "comprehend:DetectSentiment": "comprehend/test_metamorphic.py::test_another_text_has_another_answer",
    "comprehend:DetectSyntax": "engines/test_grammar.py::test_another_order_of_words_is_another_order_of_parts",
    "comprehend:DetectTargetedSentiment": (
        "engines/test_targets_end_to_end.py::test_words_that_change_places_change_the_sentiments_of_their_targets"
    ),
    "comprehend:DetectToxicContent": (
        "engines/test_toxicity_end_to_end.py::test_texts_that_change_places_change_their_answers"
    ),
    "comprehend:StartDocumentClassificationJob": (
        "comprehend/test_jobs.py::test_documents_are_classified_by_a_custom_classifier"
    ),
    "comprehend:StartDominantLanguageDetectionJob": (
        "comprehend/test_jobs.py::test_each_file_is_a_document_where_that_is_said"
    ),
    "comprehend:StartEntitiesDetectionJob": (
        "comprehend/test_entity_recognizers.py::"
        "test_a_job_finds_the_entities_of_a_recognizer_whatever_its_language_code_says"
    ),
    "comprehend:StartKeyPhrasesDetectionJob": (
        "comprehend/test_jobs.py::test_key_phrases_are_told_as_of_single_documents"
    ),
    "comprehend:StartPiiEntitiesDetectionJob": (
        "comprehend/test_jobs.py::test_places_of_what_identifies_people_are_told_for_each_file"
    ),
    "comprehend:StartSentimentDetectionJob": (
        "comprehend/test_jobs.py::test_each_line_of_each_file_has_its_sentiment_in_the_output"
    ),
    "comprehend:StartTargetedSentimentDetectionJob": (
        "engines/test_targets_end_to_end.py::test_a_job_tells_of_each_line_what_is_told_of_it_alone"
    ),
    "comprehend:StartTopicsDetectionJob": (
        "comprehend/test_topics_jobs.py::test_other_documents_have_other_topics_and_a_word_taken_out_is_a_term_of_none"
    ),
    "rekognition:CompareFaces": "engines/test_face_engine.py::test_faces_of_one_colour_are_one_persons_and_of_another_not",
    "rekognition:DetectCustomLabels": (
        "rekognition/test_custom_labels.py::test_swapped_labels_swap_the_answers_and_a_stopped_model_answers_nothing"
    ),
    "rekognition:DetectFaces": (
        "engines/test_face_engine.py::test_a_face_that_moves_moves_its_box_and_another_face_adds_one"
    ),
    "rekognition:DetectLabels": "rekognition/test_metamorphic.py::test_a_second_bus_adds_an_instance",
    "rekognition:DetectModerationLabels": (
        "engines/test_moderation.py::test_what_is_more_in_the_picture_is_surer_and_what_lies_at_its_edge_does_not_count"
    ),
    "rekognition:DetectText": "rekognition/test_metamorphic.py::test_text_that_moves_moves_its_box",
    "rekognition:GetContentModeration": (
        "rekognition/test_moderation.py::test_a_segment_goes_on_until_a_picture_is_without_its_label"
    ),
    "rekognition:GetFaceDetection": (
        "engines/test_video_faces_end_to_end.py::test_a_job_finds_faces_where_and_when_they_are"
    ),
    "rekognition:GetFaceSearch": (
        "engines/test_video_faces_end_to_end.py::test_a_job_finds_who_of_a_collection_is_in_a_video"
    ),
    "rekognition:GetLabelDetection": "rekognition/test_videos.py::test_labels_have_their_times_ancestors_and_boxes",
    "rekognition:GetTextDetection": (
        "rekognition/test_videos.py::test_a_word_that_moves_and_goes_is_read_where_and_when_it_is_there"
    ),
    "rekognition:IndexFaces": (
        "rekognition/test_faces.py::test_faces_that_are_too_many_or_too_doubtful_are_not_kept_and_told"
    ),
    "rekognition:SearchFaces": "rekognition/test_faces.py::test_faces_that_are_alike_are_found_the_most_alike_first",
    "rekognition:SearchFacesByImage": "rekognition/test_faces.py::test_a_picture_is_searched_for_by_its_largest_face",
    "rekognition:SearchUsers": "rekognition/test_face_users.py::test_users_are_found_by_a_face_the_most_alike_first",
    "rekognition:SearchUsersByImage": (
        "rekognition/test_face_users.py::test_users_are_found_by_the_largest_good_face_of_a_picture"
    ),
    "rekognition:StartMediaAnalysisJob": (
        "rekognition/test_media_analysis.py::test_each_picture_is_a_line_of_the_results_or_an_error_of_the_summary"
    ),
    "translate:StartTextTranslationJob": "translate/test_jobs_with_boto3.py::test_a_job_reads_and_writes_as_its_role",
    "translate:TranslateDocument": (
        "translate/test_metamorphic.py::test_a_mark_that_moves_to_another_word_moves_in_the_translation"
    ),
    "translate:TranslateText": "translate/test_metamorphic.py::test_another_word_is_another_word_of_the_translation",
}
"""Operation, and the test that changes its input."""


def answering() -> Iterator[str]:
    served = declared_operations()
    for service in ("comprehend", "rekognition", "translate"):
        yield from (f"{service}:{name}" for name in served[service] if ANSWERS.match(name))


def test_each_operation_that_answers_is_asked_for_another_answer() -> None:
    assert set(answering()) == set(FOLLOWS)


@pytest.mark.parametrize("place", sorted(set(FOLLOWS.values())))
def test_that_test_is_there(place: str) -> None:
    file, _, name = place.partition("::")
    assert re.search(rf"^(async )?def {name}\(", (TESTS / file).read_text("utf-8"), re.MULTILINE)
