"""Properties: what holds for whatever there is, tried on a few dozen things drawn by Hypothesis.

The same things in every run, and nothing is kept beside the tests.
"""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("steady")
