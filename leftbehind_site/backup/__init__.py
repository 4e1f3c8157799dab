"""The whole site in one file, and back: everything that an operator needs to begin again after a loss."""
