"""How text that people type is read: one function for each kind, and no second one anywhere else.

A function takes the text as it was typed, pasted or dictated, and answers the one form that is compared and stored,
or None (or an error of its own) for what is not of that kind. It asks no database and no clock.

The room imports nothing of ours, so that every other room may import it. Authors of factors reach what they need of it
through `plugins`, which imports it for them: they import nothing else of ours.
"""
