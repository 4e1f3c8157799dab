"""The project: settings, addresses, and what belongs to the whole site."""
