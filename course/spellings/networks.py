"""Sandwiches and networks as others write them, and words for what stands in them."""

TWO, DEEP, CONV = "TwoLayerNet", "FullyConnectedNet", "ThreeLayerConvNet"

SPELLINGS = {
    "affine_bn_relu_forward": [
        """\
a, affine_cache = affine_forward(x, w, b)
a, norm_cache = batchnorm_forward(a, gamma, beta, bn_param)
out, relu_cache = relu_forward(a)
cache = (affine_cache, norm_cache, relu_cache)
""",
    ],
    "affine_bn_relu_backward": [
        """\
affine_cache, norm_cache, relu_cache = cache
da = relu_backward(dout, relu_cache)
da, dgamma, dbeta = batchnorm_backward_alt(da, norm_cache)
dx, dw, db = affine_backward(da, affine_cache)
""",
    ],
    "affine_ln_relu_forward": [
        """\
a, affine_cache = affine_forward(x, w, b)
a, norm_cache = layernorm_forward(a, gamma, beta, ln_param)
out, relu_cache = relu_forward(a)
cache = (affine_cache, norm_cache, relu_cache)
""",
    ],
    "affine_ln_relu_backward": [
        """\
affine_cache, norm_cache, relu_cache = cache
da = relu_backward(dout, relu_cache)
da, dgamma, dbeta = layernorm_backward(da, norm_cache)
dx, dw, db = affine_backward(da, affine_cache)
""",
    ],
    f"{TWO}.__init__": [
        """\
self.params["W1"] = np.random.normal(0, weight_scale, (input_dim, hidden_dim))
self.params["W2"] = np.random.normal(0, weight_scale, (hidden_dim, num_classes))
self.params["b1"] = np.zeros(hidden_dim)
self.params["b2"] = np.zeros(num_classes)
""",
    ],
    f"{TWO}.loss:scores": [
        """\
W1, b1 = self.params["W1"], self.params["b1"]
W2, b2 = self.params["W2"], self.params["b2"]
hidden, affine_cache = affine_forward(X, W1, b1)
active, relu_cache = layers.relu_forward(hidden)
hidden_cache = (affine_cache, relu_cache)
scores, scores_cache = affine_forward(active, W2, b2)
""",
    ],
    f"{TWO}.loss:gradients": [
        """\
loss, dscores = softmax_loss(scores, y)
W1, W2 = self.params["W1"], self.params["W2"]
loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
dhidden, dW2, db2 = affine_backward(dscores, scores_cache)
dX, dW1, db1 = affine_relu_backward(dhidden, hidden_cache)
dW2 += self.reg * W2
dW1 += self.reg * W1
grads["W1"] = dW1
grads["b1"] = db1
grads["W2"] = dW2
grads["b2"] = db2
""",
    ],
    f"{DEEP}.__init__": [
        """\
dims = [input_dim] + hidden_dims + [num_classes]
for i in range(self.num_layers):
    self.params["W" + str(i + 1)] = np.random.normal(0, weight_scale, (dims[i], dims[i + 1]))
    self.params["b" + str(i + 1)] = np.zeros(dims[i + 1])
    if self.normalization is not None and i < self.num_layers - 1:
        self.params["gamma" + str(i + 1)] = np.ones(dims[i + 1])
        self.params["beta" + str(i + 1)] = np.zeros(dims[i + 1])
""",
    ],
    f"{DEEP}.loss:scores": [
        """\
out, caches, dropout_caches = X.reshape(X.shape[0], -1), [], []
for i in range(self.num_layers - 1):
    w = self.params["W" + str(i + 1)]
    b = self.params["b" + str(i + 1)]
    if self.normalization == "batchnorm":
        gamma = self.params["gamma" + str(i + 1)]
        beta = self.params["beta" + str(i + 1)]
        out, cache = affine_bn_relu_forward(out, w, b, gamma, beta, self.bn_params[i])
    elif self.normalization == "layernorm":
        gamma = self.params["gamma" + str(i + 1)]
        beta = self.params["beta" + str(i + 1)]
        out, cache = affine_ln_relu_forward(out, w, b, gamma, beta, self.bn_params[i])
    else:
        out, cache = affine_relu_forward(out, w, b)
    caches.append(cache)
    if self.use_dropout:
        out, cache = dropout_forward(out, self.dropout_param)
        dropout_caches.append(cache)
last = self.num_layers
w = self.params["W" + str(last)]
b = self.params["b" + str(last)]
scores, cache = affine_forward(out, w, b)
caches.append(cache)
""",
    ],
    f"{DEEP}.loss:gradients": [
        """\
loss, dout = softmax_loss(scores, y)
for i in range(1, self.num_layers + 1):
    loss += 0.5 * self.reg * np.sum(self.params["W" + str(i)] ** 2)
dout, dw, db = affine_backward(dout, caches[-1])
grads["W" + str(self.num_layers)] = dw + self.reg * self.params["W" + str(self.num_layers)]
grads["b" + str(self.num_layers)] = db
for i in range(self.num_layers - 1, 0, -1):
    if self.use_dropout:
        dout = dropout_backward(dout, dropout_caches[i - 1])
    if self.normalization == "batchnorm":
        dout, dw, db, dgamma, dbeta = affine_bn_relu_backward(dout, caches[i - 1])
        grads["gamma" + str(i)] = dgamma
        grads["beta" + str(i)] = dbeta
    elif self.normalization == "layernorm":
        dout, dw, db, dgamma, dbeta = affine_ln_relu_backward(dout, caches[i - 1])
        grads["gamma" + str(i)] = dgamma
        grads["beta" + str(i)] = dbeta
    else:
        dout, dw, db = affine_relu_backward(dout, caches[i - 1])
    grads["W" + str(i)] = dw + self.reg * self.params["W" + str(i)]
    grads["b" + str(i)] = db
""",
    ],
    f"{CONV}.__init__": [
        """\
self.params["W1"] = np.random.normal(0, weight_scale, (num_filters, C, filter_size, filter_size))
self.params["b1"] = np.zeros(num_filters)
self.params["W2"] = np.random.normal(
    0, weight_scale, (num_filters * H_pool * W_pool, hidden_dim))
self.params["b2"] = np.zeros(hidden_dim)
self.params["W3"] = np.random.normal(0, weight_scale, (hidden_dim, num_classes))
self.params["b3"] = np.zeros(num_classes)
""",
    ],
    f"{CONV}.loss:scores": [
        """\
params = self.params
W1, b1 = self.params["W1"], self.params["b1"]
W2, b2 = self.params["W2"], self.params["b2"]
W3, b3 = self.params["W3"], self.params["b3"]
maps, maps_cache = conv_relu_pool_forward(X, W1, b1, self.conv_param, self.pool_param)
hidden, hidden_cache = affine_relu_forward(maps, W2, b2)
scores, scores_cache = affine_forward(hidden, W3, b3)
""",
    ],
    f"{CONV}.loss:gradients": [
        """\
loss, dscores = softmax_loss(scores, y)
W1, W2, W3 = self.params["W1"], self.params["W2"], self.params["W3"]
loss += 0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2) + np.sum(W3**2))
dhidden, dW3, db3 = affine_backward(dscores, scores_cache)
dmaps, dW2, db2 = affine_relu_backward(dhidden, hidden_cache)
dX, dW1, db1 = conv_relu_pool_backward(dmaps, maps_cache)
dW3 += self.reg * W3
dW2 += self.reg * W2
dW1 += self.reg * W1
grads = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "W3": dW3, "b3": db3}
""",
    ],
}

WORDS = {
    "": {
        "a": "the scores",
        "da": "the gradient of the scores",
        "scores": "the scores",
        "hidden": "the hidden units",
        "active": "the hidden units",
        "maps": "the feature maps",
        "normalized": "the normalised values",
        "dscores": "the gradient of the scores",
        "dnormalized": "the gradient of the normalised scores",
        "dhidden": "the gradient of the hidden units",
        "dmaps": "the gradient of the feature maps",
        "affine_cache": "the affine layer's cache",
        "norm_cache": "the normalisation's cache",
        "relu_cache": "relu's cache",
        "loss": "the loss",
        "grads": "the gradients",
        "self.reg": "reg",
        "self.params": "the parameters",
        "params": "the parameters",
        "self.num_layers": "the number of layers",
        "last": "the number of the last layer",
        "self.bn_params[layer - 1]": "the layer's bn_param",
        "self.dropout_param": "dropout_param",
        "0.5 * self.reg * np.sum(w * w)": "the penalty",
        "self.reg * w": "the penalty's share",
        "self.reg * W1": "the penalty's share of W1",
        "self.reg * W2": "the penalty's share of W2",
        "self.reg * W3": "the penalty's share of W3",
        "W1": "W1",
        "W2": "W2",
        "W3": "W3",
        "b1": "b1",
        "b2": "b2",
        "b3": "b3",
        "dW1": "the gradient of W1",
        "dW2": "the gradient of W2",
        "dW3": "the gradient of W3",
        "db1": "the gradient of b1",
        "db2": "the gradient of b2",
        "db3": "the gradient of b3",
        "dgamma": "dgamma",
        "dbeta": "dbeta",
        "0.5": "the factor 0.5",
        "weight_scale": "weight_scale",
        "self.normalization": "the normalisation",
        "'W1'": "W1",
        "'W2'": "W2",
        "'W3'": "W3",
        "dims": "the widths of the layers",
        "sizes": "the widths of the layers",
    },
}

VALUES = {}
