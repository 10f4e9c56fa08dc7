"""What the parts of the recipe do: one change at a time from `default`, measured in pairs.

`question` says what a question is and `plan` which are asked, `study` trains and measures the runs,
`results` compares each with its question's reference, `page` and `figure` show it.
"""
