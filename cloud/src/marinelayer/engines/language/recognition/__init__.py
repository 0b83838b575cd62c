"""Custom entity recognition: which passages of a text are of types that somebody's documents taught.

tokens.py    texts cut into tokens and sequences      token_features.py   what is looked at, as hashed columns
tags.py      entities as tags of tokens, and back     entity_recognizer.py   a trained model, and its file
documents.py, annotations.py   what a training reads  training_task.py, recognition_task.py   the workers' tasks
"""
