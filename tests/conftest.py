"""What holds for every test."""

from hypothesis import settings

# Machines that run tests are busy; an example that takes long has failed nothing. Examples are
# drawn the same way each time, so that a failure is a change of the code.
settings.register_profile("leeway", deadline=None, derandomize=True)
settings.load_profile("leeway")
