"""The simulator: deliveries of the fictional area's partners, and the truth behind them, from one seed."""

from seeds.simulate.simulation import simulate

__all__ = ["simulate"]
