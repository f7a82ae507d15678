"""One module per migration, in the order that each names as `down_revision`."""
