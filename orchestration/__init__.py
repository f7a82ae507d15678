"""Joined Up: everything that happens on a schedule, from partner delivery to protected release."""
