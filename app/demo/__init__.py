"""The demo: a client of the service that tells one true story over HTTP.

Nothing here may reach into the service: what the demo can do, any client can do.
"""
