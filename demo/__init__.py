"""The app: pick a test sequence, see what the models imagine beside what happened."""
