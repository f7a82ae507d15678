"""Charts as pure functions: lists of published numbers in, a Plotly figure out; no ids, callbacks or databases."""
