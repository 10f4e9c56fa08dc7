"""Measuring how fast the parts are on the machine at hand: one module a benchmark.

`machine` says what was measured on, `measurement` what a number is: the median of repeats with
their spread.
"""
