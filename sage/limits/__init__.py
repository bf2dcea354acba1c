"""Rate limits and body sizes of requests. Requests are counted in Redis by client and scope.

The counting is our own short script instead of a library: `limits` needs a second round trip for the remaining number
and the reset time, `django-ratelimit` counts in fixed windows, which allow twice the rate around their border, and
neither counts in the process while Redis is unavailable.
"""
