"""Finished pages, published into a folder and answered from there before Django's middleware runs."""
