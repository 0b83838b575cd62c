"""Which S3 this is: the one of today, or the one that programs of earlier years were written for.

`current` is what AWS answers and does with new buckets today. `classic` is S3 before April 2023: new buckets take ACLs
and block nothing, and answers are those that AWS gave before they were recorded anew in 2026: owners have display
names, a bypass of governance is let be where nothing is locked, an empty continuation token is none, and
GetObjectAttributes tells of every part. Where S3 has been of one mind, both are.
"""

from __future__ import annotations

from typing import Literal

S3Defaults = Literal["classic", "current"]
