"""Joined Up: everything that happens on a schedule, from partner delivery to protected release."""

import os

# before polars is loaded: memory that it gives back is kept for five seconds instead of half of one, since the next
# piece of a large delivery asks for as much again (a fifteenth of the time of reading one)
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:5000,muzzy_decay_ms:-1")
