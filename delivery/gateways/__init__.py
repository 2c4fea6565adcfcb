"""The built-in SMS gateways: each a plugin, which imports of ours only ``plugins``."""
