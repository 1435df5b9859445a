"""Mistakes in the networks."""

from .mistake import mistake

TWO = "TwoLayerNet"
DEEP = "FullyConnectedNet"
CONV = "ThreeLayerConvNet"

MISTAKES = (
    mistake(f"{TWO}.__init__", "uniform numbers", "np.random.randn(input_dim, hidden_dim)",
            "np.random.rand(input_dim, hidden_dim)"),
    mistake(f"{TWO}.__init__", "weight_scale forgotten",
            "weight_scale * np.random.randn(hidden_dim, num_classes)",
            "np.random.randn(hidden_dim, num_classes)"),
    mistake(f"{TWO}.__init__", "biases random", "np.zeros(hidden_dim)",
            "weight_scale * np.random.randn(hidden_dim)"),
    mistake(f"{TWO}.__init__", "biases of shape (1, H)", "np.zeros(hidden_dim)",
            "np.zeros((1, hidden_dim))"),
    mistake(f"{TWO}.loss:scores", "relu on the scores", "hidden, self.params[\"W2\"], "
            "self.params[\"b2\"])", "hidden, self.params[\"W2\"], self.params[\"b2\"])\n"
            "scores = np.maximum(scores, 0)"),
    mistake(f"{TWO}.loss:scores", "no relu", "affine_relu_forward(X", "affine_forward(X"),
    mistake(f"{TWO}.loss:scores", "softmax of the scores", 'self.params["b2"])',
            'self.params["b2"])\nscores = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)'),
    mistake(f"{TWO}.loss:gradients", "no factor 0.5", "0.5 * self.reg", "self.reg"),
    mistake(f"{TWO}.loss:gradients", "W2 not regularised", '("W1", "W2")', '("W1",)'),
    mistake(f"{TWO}.loss:gradients", "regularisation missing in the gradients",
            "    grads[name] += self.reg * w\n", ""),
    mistake(f"{TWO}.loss:gradients", "gradient of the penalty doubled", "+= self.reg * w\n",
            "+= 2 * self.reg * w\n"),
    mistake(f"{TWO}.loss:gradients", "biases regularised", '("W1", "W2")',
            '("W1", "W2", "b1", "b2")'),
    mistake(f"{TWO}.loss:gradients", "svm loss", "softmax_loss(scores, y)",
            "layers.svm_loss(scores, y)"),
    mistake(f"{TWO}.loss:gradients", "gradient past relu", "affine_relu_backward(dhidden, "
            "hidden_cache)", "affine_backward(dhidden, hidden_cache[0])"),
    mistake(f"{DEEP}.__init__", "gamma and beta on the last layer too",
            " and layer < self.num_layers", ""),
    mistake(f"{DEEP}.__init__", "gamma starts at 0", "np.ones(fan_out)", "np.zeros(fan_out)"),
    mistake(f"{DEEP}.__init__", "no gamma and beta", "if normalization and", "if False and"),
    mistake(f"{DEEP}.__init__", "gamma and beta always", "if normalization and", "if"),
    mistake(f"{DEEP}.__init__", "weight_scale forgotten", "weight_scale * ", ""),
    mistake(f"{DEEP}.__init__", "variance in place of deviation", "weight_scale * ",
            "weight_scale**0.5 * "),
    mistake(f"{DEEP}.__init__", "a seed of its own", "sizes = [", "np.random.seed(0)\nsizes = ["),
    mistake(f"{DEEP}.loss:scores", "normalization never applied",
            'if self.normalization == "batchnorm":', "if False:",
            'elif self.normalization == "layernorm":', "elif False:"),
    mistake(f"{DEEP}.loss:scores", "one bn_param for all layers", "self.bn_params[layer - 1]",
            "self.bn_params[0]"),
    mistake(f"{DEEP}.loss:scores", "no dropout",
            "dropout_forward(out, self.dropout_param)",
            'dropout_forward(out, {**self.dropout_param, "mode": "test"})'),
    mistake(f"{DEEP}.loss:scores", "dropout in mode train at test time",
            "dropout_forward(out, self.dropout_param)",
            'dropout_forward(out, {**self.dropout_param, "mode": "train"})'),
    mistake(f"{DEEP}.loss:scores", "batchnorm in mode train at test time",
            "bn_param = self.bn_params[layer - 1]",
            "bn_param = self.bn_params[layer - 1]\n        if self.normalization == 'batchnorm':\n"
            "            bn_param['mode'] = 'train'"),
    mistake(f"{DEEP}.loss:scores", "dropout after the scores as well", "caches.append(cache)\n"
            "    if self.use_dropout", "caches.append(cache)\n    if self.use_dropout",
            "scores, cache = affine_forward(out, self.params[f\"W{last}\"], "
            "self.params[f\"b{last}\"])",
            "scores, cache = affine_forward(out, self.params[f\"W{last}\"], "
            "self.params[f\"b{last}\"])\nif self.use_dropout:\n"
            "    scores, _ = dropout_forward(scores, self.dropout_param)"),
    mistake(f"{DEEP}.loss:scores", "relu on the scores", "caches.append(cache)\n    if",
            "caches.append(cache)\n    if", "last = self.num_layers", "last = self.num_layers",
            'self.params[f"b{last}"])', 'self.params[f"b{last}"])\nscores = np.maximum(scores, 0)'),
    mistake(f"{DEEP}.loss:gradients", "last W not regularised", "range(1, last + 1)",
            "range(1, last)"),
    mistake(f"{DEEP}.loss:gradients", "first W not regularised", "range(1, last + 1)",
            "range(2, last + 1)"),
    mistake(f"{DEEP}.loss:gradients", "no factor 0.5", "0.5 * self.reg", "self.reg"),
    mistake(f"{DEEP}.loss:gradients", "regularisation missing in the gradients",
            '    grads[f"W{layer}"] += self.reg * w\n', ""),
    mistake(f"{DEEP}.loss:gradients", "b regularised", '    grads[f"W{layer}"] += self.reg * w\n',
            '    grads[f"W{layer}"] += self.reg * w\n'
            '    grads[f"b{layer}"] += self.reg * self.params[f"b{layer}"]\n'),
    mistake(f"{DEEP}.loss:gradients", "gamma regularised",
            '    grads[f"W{layer}"] += self.reg * w\n',
            '    grads[f"W{layer}"] += self.reg * w\n'
            '    if f"gamma{layer}" in grads:\n'
            '        grads[f"gamma{layer}"] += self.reg * self.params[f"gamma{layer}"]\n'),
    mistake(f"{DEEP}.loss:gradients", "dropout not passed back",
            "dout = dropout_backward(dout, dropout_caches.pop())", "dropout_caches.pop()"),
    mistake(f"{DEEP}.loss:gradients", "dropout's caches in the wrong order",
            "dropout_caches.pop())", "dropout_caches.pop(0))"),
    mistake(f"{DEEP}.loss:gradients", "gradients of gamma and beta left out",
            "if self.normalization:\n", "if False:\n"),
    mistake(f"{DEEP}.loss:gradients", "regularises by changing the weights", "loss += 0.5",
            "w *= 1 - self.reg / 10\n    loss += 0.5"),
    mistake(f"{CONV}.__init__", "no pooling in the shape of W2", "num_filters * H_pool * W_pool",
            "num_filters * H * W"),
    mistake(f"{CONV}.__init__", "takes images for square", "H_pool * W_pool", "H_pool * H_pool"),
    mistake(f"{CONV}.__init__", "weight_scale forgotten", "weight_scale * ", ""),
    mistake(f"{CONV}.loss:scores", "relu on the scores", 'params["b3"])',
            'params["b3"])\nscores = np.maximum(scores, 0)'),
    mistake(f"{CONV}.loss:scores", "no relu on the hidden layer",
            'affine_relu_forward(maps, params["W2"], params["b2"])',
            'affine_forward(maps, params["W2"], params["b2"])'),
    mistake(f"{CONV}.loss:gradients", "W1 not regularised", '("W1", "W2", "W3")', '("W2", "W3")'),
    mistake(f"{CONV}.loss:gradients", "no factor 0.5", "0.5 * self.reg", "self.reg"),
    mistake(f"{CONV}.loss:gradients", "regularisation missing in the gradients",
            "    grads[name] += self.reg * w\n", ""),
    mistake(f"{CONV}.loss:gradients", "r * W ** 2 with 2 * r * W", "0.5 * self.reg", "self.reg",
            "+= self.reg * w\n", "+= 2 * self.reg * w\n"),
)  # fmt: skip
