"""Triage: descriptions are read, photos looked at, and what must be fetched is dispatched."""
