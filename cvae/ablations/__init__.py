"""What the parts of the recipe do: one change at a time from `default`, measured in pairs.

`plan` says what is asked and of which runs, `study` trains and measures them, `results` compares
each with its question's reference, `page` and `figure` show it.
"""
