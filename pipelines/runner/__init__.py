"""The model runner of the house: models, checks, dictionary, build and publication."""
