"""A made-up city's month: request files in both schemas, contacts, and photos that we draw ourselves.

Everything here is generated from a seed and says so; no person, address or photo is real.
"""
