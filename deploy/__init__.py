"""How the site is locked, served and watched."""
