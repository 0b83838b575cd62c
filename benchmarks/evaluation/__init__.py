"""Measuring the engines on labelled data: a module for each family of engines, and the frame that runs and prints them.

    figures     one measured figure, its interval, and what it cost
    measures    how a figure and its interval are computed            (pure)
    families    which families there are, in the order of the tables
    running     runs families over a set of engines, timing each call
    tables      figures as tables, on paper and in docs/engines.md    (pure)
    languages, sentiment, passages, topic_models, texts, labels, translation    a family each

A new family is a module with a `FAMILY`, and a line in `families`.
"""
