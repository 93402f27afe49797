"""Settings of the core's property tests."""

from hypothesis import settings

# a shared machine makes any single example slow once in a while; that proves nothing
settings.register_profile("core", deadline=None)
settings.load_profile("core")
