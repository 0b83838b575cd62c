"""Condition operators, one module a family. A family prepares one value of a policy once, and tells whether a value
of a request fits it; `condition.py` adds what all operators share (negation, IfExists, ForAllValues, ForAnyValue)."""
