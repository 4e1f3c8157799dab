"""The rehearsal of the day on which a back-up is needed: ``make rehearse``."""
