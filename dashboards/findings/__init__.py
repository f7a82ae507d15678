"""Findings: true sentences made from published numbers, with no figure in them that a chart beside does not show.

Every function takes plain numbers (None = hidden) and returns text. A sentence claims a difference only where 95 %
intervals do not overlap, and says so where hidden figures or small numbers stand in the way.
"""
