"""Reference lists, the fictional demo area and the simulator of its partners' deliveries."""
