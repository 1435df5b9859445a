"""Ways to compute convolution and max pooling, a module each; `fast_layers` chooses among them."""
