"""Data: what a sequence is (sequence), the forms in which people have BAIR (forms: png_tree,
tfrecord, npz) and how they become one packed store (packing, store and its parts), the few
sequences that come with the code (bundle), and how sequences reach the model (sampler, dataset).
"""
