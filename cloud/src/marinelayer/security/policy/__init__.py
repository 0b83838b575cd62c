"""AWS's policy language: documents, compiled policies, and the decision they lead to."""
