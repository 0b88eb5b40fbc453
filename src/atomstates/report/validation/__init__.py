"""Figures and page of the tests of a potential."""
