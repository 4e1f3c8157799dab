"""The site packed for keeping: everything public in one file, and the way back."""
