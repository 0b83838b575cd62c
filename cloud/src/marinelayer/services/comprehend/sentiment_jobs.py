"""Jobs that tell the sentiment of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartSentimentDetectionJob.html
"""

from __future__ import annotations

from marinelayer.services.comprehend.job_kinds import DocumentJobs, JobKind, describing, listing, starting, stopping


class SentimentJobs(DocumentJobs):
    """Jobs of this kind."""

    kind = JobKind(kind="sentiment-detection-job", noun="SentimentDetectionJob", short="SENTIMENT", most=5_000)
    start = starting(kind)
    describe = describing(kind)
    list = listing(kind)
    stop = stopping(kind)
