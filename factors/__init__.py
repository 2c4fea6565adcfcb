"""The second factors that come with Sluis; each is a plugin like a stranger's.

One module a factor, with its hook at the end. Each proves one possession and imports nothing of ours but
``plugins``, never another factor; what is stored, counted, audited or sent around it is the core's.
"""
