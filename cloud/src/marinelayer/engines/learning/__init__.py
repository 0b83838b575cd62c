"""Learning from examples: linear models over vectors of features, whatever these are of. Pure arithmetic on numpy.

logistic.py  logistic regression     heldout.py  what models say of examples that they have not seen, and what follows
sparse.py    examples of which nearly all numbers are zero      minimising.py   L-BFGS
sparse_logistic.py   logistic regression on these       evaluation.py   measures of a test, and confusion matrices
chain.py     tags of the elements of sequences, by a conditional random field     sequences.py   sequences side by side
"""
