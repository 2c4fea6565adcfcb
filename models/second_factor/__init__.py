"""Second factors: calling a plugin, and judging a proof."""
