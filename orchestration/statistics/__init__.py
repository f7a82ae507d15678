"""Statistics that come from libraries: computed on frames, with no Dagster and no database."""
