"""Published files → tidy frames → designation → dataset.

Pandas lives here and nowhere else, and this package knows no model: it can be tested without a database,
and the web process never imports it (a test holds it to that).

``reading`` opens a file and turns cells into values; ``formats`` has one reader per published format;
``boundaries`` reads outlines; ``designation`` works out ward figures and the rule; ``build`` puts the
dataset together.
"""
