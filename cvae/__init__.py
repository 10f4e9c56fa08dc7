"""Stochastic video prediction on robot pushing with a conditional VAE of the SVG family.

Reads in this order: `data` (what a sequence is), `model` (how a frame is encoded, what the
latent is, how a step is made), `training`, `inference`, `evaluation`. `simulation` makes the
stand-in data set. Imports point one way: data <- model <- training, inference, evaluation.
"""
