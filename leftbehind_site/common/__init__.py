"""What ``neighbourhoods`` and ``appg`` are built on: it knows neither, nor the rest of this package."""
