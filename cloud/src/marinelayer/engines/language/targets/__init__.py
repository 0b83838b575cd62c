"""What an English text speaks of, and how it speaks of each: mentions, their types, which of them mean the same thing,
and the sentiment towards each (AWS's targeted sentiment).

`reading` takes what is needed of spaCy's parse; `mentions`, `groups`, `surroundings` and `opinions` work on that and
know no spaCy. `targets_task` joins them in a worker; `targets` is the engine. Decision 0025 says what it is worth.
"""
