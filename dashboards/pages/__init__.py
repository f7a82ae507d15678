"""Pages: each answers one question, reads only through the gate, and is a function of the URL."""
