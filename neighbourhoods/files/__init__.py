"""The directory as files to take away: CSV, JSON, GeoJSON, XLSX, and the Data Package.

``contents`` turns what ``profiles`` has selected into tables and trees; one module per format writes them and
knows nothing of the database. So a file can say nothing that the page does not say.
"""
