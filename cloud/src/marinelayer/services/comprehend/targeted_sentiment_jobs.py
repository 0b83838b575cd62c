"""Jobs that tell what the documents at a place in S3 speak of, and how.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartTargetedSentimentDetectionJob.html
"""

from __future__ import annotations

from marinelayer.services.comprehend.job_kinds import DocumentJobs, JobKind, describing, listing, starting, stopping


class TargetedSentimentJobs(DocumentJobs):
    """Jobs of this kind."""

    kind = JobKind(
        kind="targeted-sentiment-detection-job",
        noun="TargetedSentimentDetectionJob",
        short="TARGETED_SENTIMENT",
        most=5_000,
    )
    start = starting(kind)
    describe = describing(kind)
    list = listing(kind)
    stop = stopping(kind)
