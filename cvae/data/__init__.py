"""Data: what a sequence is (sequence), where sequences lie (png_tree, store and its layout, split,
bundle), and how they reach the model (sampler, dataset).
"""
