"""Rights of the people in the data: being forgotten, objecting to a purpose, and data that go when their time is over.

What belongs here: finding somebody by token, removing rows from every store, proving it. Nothing here keeps a token:
what must be known afterwards is kept as a keyed mark (`marks`). What does not belong here: Dagster and dbt.
"""
