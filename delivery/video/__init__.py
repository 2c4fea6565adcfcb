"""Ways of meeting by video. Each module is a plugin: it imports ``plugins`` and nothing else of ours."""
