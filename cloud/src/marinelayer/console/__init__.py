"""Web pages for people. A client of the API like any other: it signs what it asks, and has no back door.

Listens on its own port, since public HTML in a bucket must not share the console's origin.
"""
