"""The commands that build the dataset and load it."""
