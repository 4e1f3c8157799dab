"""The all-party parliamentary group: who it was and what it did."""
