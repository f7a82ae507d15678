"""The attacks, one module each: what the attacker knows, does and claims, and what counts as success."""
