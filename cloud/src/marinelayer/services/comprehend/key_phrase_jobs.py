"""Jobs that tell the key phrases of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartKeyPhrasesDetectionJob.html
"""

from __future__ import annotations

from marinelayer.services.comprehend.job_kinds import DocumentJobs, JobKind, describing, listing, starting, stopping


class KeyPhraseJobs(DocumentJobs):
    """Jobs of this kind."""

    kind = JobKind(kind="key-phrases-detection-job", noun="KeyPhrasesDetectionJob", short="KP", most=1_000_000)
    start = starting(kind)
    describe = describing(kind)
    list = listing(kind)
    stop = stopping(kind)
