"""Authoring: values are recorded, notebooks built, mistakes tried, handouts cut and proved."""
