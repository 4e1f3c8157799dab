"""Faults that are done for real to a small site of their own: each a script that prints its figures.

``python -m tests.faults`` lists them, ``python -m tests.faults NAME`` does one, on a database beside the one
that ``DATABASE_URL`` names or on an SQLite file. It ends with 1 if a promise was broken.
"""
