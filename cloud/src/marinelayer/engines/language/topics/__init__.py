"""Topic modelling: what a collection of documents is about, learned from these documents alone.

words.py    words that may be terms, and stop words (`stop_words.toml`)     vocabulary.py   the terms of a collection
reading.py  documents as they come from the cloud                           topics_task.py  the worker's task
topics.py   ports.TopicModeller

The arithmetic is in `engines/learning/allocation.py`.
"""
