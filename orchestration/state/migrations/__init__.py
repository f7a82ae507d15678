"""Migrations of the state store, run by orchestration.state.store before anything is read or written."""
