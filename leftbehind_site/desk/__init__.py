"""The entrance of the editing desk: who may come in, by what proof, and what is told of it in the log."""
