"""The service with one fault built in, each at the composition root: the rig must see them all."""
