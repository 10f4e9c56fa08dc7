"""Plans: which commands lead to a picture, found by what a model imagines of them."""
