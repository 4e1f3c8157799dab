"""The directory's pages: an address, its one canonical form, a selector, a template."""
