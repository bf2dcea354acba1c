"""How often one may ask: counted in Redis by who asks and what for, the same for pages and the API.

One short script of ours, rather than a library: `limits` takes a second round trip to say what is left and when it
comes back, `django-ratelimit` counts in fixed windows, which let twice as much through around their border, and neither
goes on in the process by itself when Redis is away.
"""
