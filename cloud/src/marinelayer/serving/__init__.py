"""Sockets and TLS on one side, requests and responses as values on the other.

The only room that knows sockets. It must not know AWS beyond the refusals that it raises itself: who may do what,
and how a refusal is written, are handed in.
"""
