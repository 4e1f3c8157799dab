"""Tags and filters of the record."""
