"""Finding phrases that read like nouns with what belongs to them, by lists of words (`words.toml`) and not by grammar.

`finding.phrases` is the way in. Pure; runs in a worker (`phrases_task`).
"""
