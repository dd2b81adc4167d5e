"""Helpers of the tests that play a real client against a real server."""
