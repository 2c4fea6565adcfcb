"""The two databases Sluis speaks, as Tortoise engines that count what they run."""
