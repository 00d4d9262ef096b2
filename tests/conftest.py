"""Property tests judge answers, not the speed of the machine they run on."""

from hypothesis import settings

settings.register_profile("calm", deadline=None)
settings.load_profile("calm")
