"""The networks that the layers are put together to."""
