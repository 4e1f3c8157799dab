"""``make bench``: what the site costs, side by side with the least it could cost, in the same minutes."""
