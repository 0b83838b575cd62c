"""Alerts: who is told when a month's counts pass a threshold."""
