"""The page of a neighbourhood as one would first write it with Django, to measure the site's own against.

The same facts, tables, strips and maps in the ordinary way: querysets in the view, model instances in the
template, loops, includes, links by ``{% url %}``, numbers separated by the template. Nothing in it is slow on
purpose, and nothing is spared.
"""
