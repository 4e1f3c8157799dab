"""The commands that load the content and write it out."""
