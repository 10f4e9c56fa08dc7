"""What is measured beside each other of a model: the rows of its tables. The names stand in files.

Without PyTorch, because the app lists them before it measures anything.
"""

COPY_LAST = "copy last"  # the same whatever the model
ONE_SAMPLE = "one sample"
BEST = "best of N"
PRIOR_MEAN = "prior mean"
FOREIGN = "foreign conditions"
POSTERIOR = "posterior reference"
VARIANTS = (COPY_LAST, ONE_SAMPLE, BEST, PRIOR_MEAN, FOREIGN, POSTERIOR)
