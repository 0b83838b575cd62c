"""What identifies people in texts: rules as data (`rules.toml`), checksums, telephone numbers, and their overlaps.

`finding.findings` is the way in. Pure; runs in a worker (`pii_task`), since patterns over strangers' texts may be slow.
"""
