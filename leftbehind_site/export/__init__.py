"""The whole public site as a folder of files, for any server of files, and the proof that it is whole."""
