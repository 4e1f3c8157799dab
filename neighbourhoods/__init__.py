"""The directory of the 225 'left behind' neighbourhoods."""
