"""Train, judge, explain and serve chest X-ray classifiers.

Nothing here imports Streamlit or plotly: every module can be used from a notebook,
from ``python -m pipeline`` and from the dashboard alike.
"""
