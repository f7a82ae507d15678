"""The red team: every attack on the release gate, run on command against weak engines and against ours.

What belongs here: attacks, the weak engines and the invented population they are tried on, and the report of a run. The
gate, the dashboards and the pipeline never import it: nothing weak can be configured in the product.
"""

from orchestration.redteam.campaign import run_campaign

__all__ = ["run_campaign"]
