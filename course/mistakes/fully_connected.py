"""Mistakes in the fully connected networks."""

from coursekit.mutants import mistake

TWO = "TwoLayerNet"
DEEP = "FullyConnectedNet"

MISTAKES = (
    mistake(f"{TWO}.__init__", "uniform numbers in W1", "np.random.randn(input_dim, hidden_dim)",
            "np.random.rand(input_dim, hidden_dim)",
            sentence="None of the numbers in W1 is negative. Which distribution is asked for, and "
                     "which function draws from it?",
            also=[
                (1,
                 "np.random.normal(0, weight_scale, (input_dim, hidden_dim))",
                 "weight_scale * np.random.random((input_dim, hidden_dim))"),
            ]),
    mistake(f"{TWO}.__init__", "uniform numbers in W2", "np.random.randn(hidden_dim, num_classes)",
            "np.random.rand(hidden_dim, num_classes)",
            sentence="None of the numbers in W2 is negative. Which distribution is asked for, and "
                     "which function draws from it?",
            also=[
                (1,
                 "np.random.normal(0, weight_scale, (hidden_dim, num_classes))",
                 "np.random.uniform(0, weight_scale, (hidden_dim, num_classes))"),
            ]),
    mistake(f"{TWO}.__init__", "W1 without weight_scale",
            "weight_scale * np.random.randn(input_dim, hidden_dim)",
            "np.random.randn(input_dim, hidden_dim)",
            sentence="The numbers in W1 have standard deviation 1, whatever weight_scale is.",
            also=[
                (1,
                 "np.random.normal(0, weight_scale, (input_dim, hidden_dim))",
                 "np.random.normal(0, 1, (input_dim, hidden_dim))"),
            ]),
    mistake(f"{TWO}.__init__", "W2 without weight_scale",
            "weight_scale * np.random.randn(hidden_dim, num_classes)",
            "np.random.randn(hidden_dim, num_classes)",
            sentence="The numbers in W2 have standard deviation 1, whatever weight_scale is.",
            also=[
                (1,
                 "np.random.normal(0, weight_scale, (hidden_dim, num_classes))",
                 "np.random.normal(0, 1, (hidden_dim, num_classes))"),
            ]),
    mistake(f"{TWO}.__init__", "variance in place of deviation",
            "weight_scale * np.random.randn(input_dim", "weight_scale**0.5 * "
            "np.random.randn(input_dim",
            "weight_scale * np.random.randn(hidden_dim", "weight_scale**0.5 * "
            "np.random.randn(hidden_dim",
            sentence="The deviation of your weights is the root of weight_scale. Is that number "
                     "meant as a variance, or as a standard deviation?",
            also=[
                (1,
                 "np.random.normal(0, weight_scale, (input_dim",
                 "np.random.normal(0, np.sqrt(weight_scale), (input_dim",
                 "np.random.normal(0, weight_scale, (hidden_dim",
                 "np.random.normal(0, np.sqrt(weight_scale), (hidden_dim"),
            ]),
    mistake(f"{TWO}.__init__", "biases random", "np.zeros(hidden_dim)",
            "weight_scale * np.random.randn(hidden_dim)",
            sentence="Your biases are random. Weights must differ from one another for units "
                     "to differ; do biases have to?",
            also=[
                (1,
                 "np.zeros(hidden_dim)",
                 "np.random.normal(0, weight_scale, hidden_dim)"),
            ]),
    mistake(f"{TWO}.__init__", "biases of shape (1, H)", "np.zeros(hidden_dim)",
            "np.zeros((1, hidden_dim))",
            sentence="A bias has one axis too many. It works for a while by broadcasting; "
                     "which shape does the docstring ask for?",
            also=[
                (1,
                 "np.zeros(hidden_dim)",
                 "np.zeros([1, hidden_dim])"),
            ]),
    mistake(f"{TWO}.loss:scores", "relu on the scores", "hidden, self.params[\"W2\"], "
            "self.params[\"b2\"])", "hidden, self.params[\"W2\"], self.params[\"b2\"])\n"
            "scores = np.maximum(scores, 0)",
            sentence="None of your scores is negative. Is there anything between the last "
                     "affine layer and the loss?",
            also=[
                (1,
                 "scores, scores_cache = affine_forward(active, W2, b2)",
                 "scores, scores_cache = affine_relu_forward(active, W2, b2)\n"
                 "scores_cache = scores_cache[0]"),
            ]),
    mistake(f"{TWO}.loss:scores", "no relu", "affine_relu_forward(X", "affine_forward(X",
            sentence="The network is one long affine function: negative hidden units reach the"
                     " second layer. What stands between the two?",
            also=[
                (1,
                 "active, relu_cache = layers.relu_forward(hidden)",
                 "active, relu_cache = hidden, hidden"),
            ]),
    mistake(f"{TWO}.loss:scores", "softmax of the scores", 'self.params["b2"])',
            'self.params["b2"])\nscores = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)',
            sentence="Each row of your scores sums to 1: these are probabilities. The loss "
                     "turns scores into those by itself.",
            also=[
                (1,
                 "affine_forward(active, W2, b2)",
                 "affine_forward(active, W2, b2)\n"
                 "powers = np.exp(scores - scores.max(1)[:, None])\n"
                 "scores = powers / powers.sum(1)[:, None]"),
            ]),
    mistake(f"{TWO}.loss:gradients", "no factor 0.5", "0.5 * self.reg", "self.reg",
            sentence="With regularisation the penalty is counted twice in your loss, and the "
                     "gradients do not show it. Which factor makes the two agree?",
            also=[
                (1, "0.5 * self.reg", "self.reg"),
            ]),
    mistake(f"{TWO}.loss:gradients", "W2 not regularised", '("W1", "W2")', '("W1",)',
            sentence="With regularisation, the loss is too small and the gradient of W2 lacks "
                     "its share. Which weights are to be kept small?",
            also=[
                (1, " + np.sum(W2 * W2)", "", "dW2 += self.reg * W2\n", ""),
            ]),
    mistake(f"{TWO}.loss:gradients", "regularisation missing in the gradients",
            "    grads[name] += self.reg * w\n", "",
            sentence="Your loss contains the penalty, but the gradients are the same for every"
                     " value of reg.",
            also=[
                (1,
                 "dW2 += self.reg * W2\n"
                 "dW1 += self.reg * W1\n",
                 ""),
            ]),
    mistake(f"{TWO}.loss:gradients", "gradient of the penalty doubled", "+= self.reg * w\n",
            "+= 2 * self.reg * w\n",
            sentence="With regularisation your gradients of the weights contain reg times W "
                     "twice. Differentiate the penalty, with its factor of a half.",
            also=[
                (1,
                 "dW2 += self.reg * W2",
                 "dW2 += 2 * self.reg * W2",
                 "dW1 += self.reg * W1",
                 "dW1 += 2 * self.reg * W1"),
            ]),
    mistake(f"{TWO}.loss:gradients", "biases regularised", '("W1", "W2")',
            '("W1", "W2", "b1", "b2")',
            sentence="The gradients of the biases change with reg. Which parameters does the "
                     "penalty sum over?",
            also=[
                (1,
                 'grads["b1"] = db1',
                 'grads["b1"] = db1 + self.reg * self.params["b1"]',
                 'grads["b2"] = db2',
                 'grads["b2"] = db2 + self.reg * self.params["b2"]\n'
                 'for name in ("b1", "b2"):\n'
                 "    loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)"),
            ]),
    mistake(f"{TWO}.loss:gradients", "svm loss", "softmax_loss(scores, y)",
            "layers.svm_loss(scores, y)",
            sentence="The loss is that of another classifier: for scores that are all alike it "
                     "is not log 7 for seven classes. Which of the two losses is asked for?",
            also=[
                (1, "softmax_loss(scores, y)", "layers.svm_loss(scores, y)"),
            ]),
    mistake(f"{TWO}.loss:gradients", "gradient past relu", "affine_relu_backward(dhidden, "
            "hidden_cache)", "affine_backward(dhidden, hidden_cache[0])",
            sentence="The gradients of the first layer look as if every hidden unit were on. "
                     "Which layers does the gradient pass between the second affine layer and "
                     "the first?",
            also=[
                (1,
                 "affine_relu_backward(dhidden, hidden_cache)",
                 "affine_backward(dhidden, hidden_cache[0])"),
            ]),
    mistake(f"{DEEP}.__init__", "gamma and beta on the last layer too",
            " and layer < self.num_layers", "",
            sentence="There is one gamma and one beta too many. What follows the last affine "
                     "layer?",
            also=[
                (1, " and i < self.num_layers - 1", ""),
            ]),
    mistake(f"{DEEP}.__init__", "gamma starts at 0", "np.ones(fan_out)", "np.zeros(fan_out)",
            sentence="Your gammas are zero, so every unit would say the same for every "
                     "example. What leaves a normalised value as it is?",
            also=[
                (1, "np.ones(dims[i + 1])", "np.zeros(dims[i + 1])"),
            ]),
    mistake(f"{DEEP}.__init__", "no gamma and beta", "if normalization and", "if False and",
            sentence="With a normalisation asked for, parameters are missing: what does each "
                     "normalised layer learn beside its weights?",
            also=[
                (1,
                 "if self.normalization is not None and i",
                 "if False and i"),
            ]),
    mistake(f"{DEEP}.__init__", "gamma and beta always", "if normalization and", "if",
            sentence="There are gammas and betas although no normalisation was asked for.",
            also=[
                (1,
                 "self.normalization is not None and ",
                 ""),
            ]),
    mistake(f"{DEEP}.__init__", "weight_scale forgotten", "weight_scale * ", "",
            sentence="The weights are not drawn as asked: their standard deviation should be "
                     "weight_scale. Look at the mean and the standard deviation of each matrix.",
            also=[
                (1, "np.random.normal(0, weight_scale, (", "np.random.normal(0, 1, ("),
            ]),
    mistake(f"{DEEP}.__init__", "variance in place of deviation", "weight_scale * ",
            "weight_scale**0.5 * ",
            sentence="The weights are not drawn as asked: their standard deviation should be "
                     "weight_scale. Is that number meant as a variance, or as a standard "
                     "deviation?",
            also=[
                (1,
                 "np.random.normal(0, weight_scale, (",
                 "np.random.normal(0, np.sqrt(weight_scale), ("),
            ]),
    mistake(f"{DEEP}.__init__", "a seed of its own", "sizes = [", "np.random.seed(0)\nsizes = [",
            sentence="Two networks made one after the other have the same weights, whatever "
                     "stream of random numbers is used: something in here restarts the stream.",
            also=[
                (1,
                 "dims = [",
                 "np.random.seed(1)\ndims = ["),
            ]),
    mistake(f"{DEEP}.loss:scores", "normalization never applied",
            'if self.normalization == "batchnorm":', "if False:",
            'elif self.normalization == "layernorm":', "elif False:",
            sentence="The network has gammas and betas, and its scores are those of a network "
                     "without any. Where do the layers with normalisation come in?",
            also=[
                (1,
                 '    if self.normalization == "batchnorm":',
                 "    if False:",
                 'elif self.normalization == "layernorm":',
                 "elif False:"),
            ]),
    mistake(f"{DEEP}.loss:scores", "one bn_param for all layers", "self.bn_params[layer - 1]",
            "self.bn_params[0]",
            sentence="Running statistics of one layer find their way into another: every "
                     "normalised layer has a bn_param of its own.",
            also=[
                (1,
                 "affine_bn_relu_forward(out, w, b, gamma, beta, self.bn_params[i])",
                 "affine_bn_relu_forward(out, w, b, gamma, beta, self.bn_params[0])",
                 "affine_ln_relu_forward(out, w, b, gamma, beta, self.bn_params[i])",
                 "affine_ln_relu_forward(out, w, b, gamma, beta, self.bn_params[0])"),
            ]),
    mistake(f"{DEEP}.loss:scores", "no dropout",
            "dropout_forward(out, self.dropout_param)",
            'dropout_forward(out, {**self.dropout_param, "mode": "test"})',
            sentence="In training the scores are those of a network without dropout, although "
                     "one was asked for.",
            also=[
                (1,
                 "dropout_forward(out, self.dropout_param)",
                 "dropout_forward(out, dict(self.dropout_param, mode='test'))"),
            ]),
    mistake(f"{DEEP}.loss:scores", "dropout in mode train at test time",
            "dropout_forward(out, self.dropout_param)",
            'dropout_forward(out, {**self.dropout_param, "mode": "train"})',
            sentence="At test time units are still dropped. The mode is set once, at the top "
                     "of the method; which of your calls does not look at it?",
            also=[
                (1,
                 "dropout_forward(out, self.dropout_param)",
                 "dropout_forward(out, dict(self.dropout_param, mode='train'))"),
            ]),
    mistake(f"{DEEP}.loss:scores", "batchnorm in mode train at test time",
            "bn_param = self.bn_params[layer - 1]",
            "bn_param = self.bn_params[layer - 1]\n        if self.normalization == 'batchnorm':\n"
            "            bn_param['mode'] = 'train'",
            sentence="At test time an example's scores still depend on the other examples. The"
                     " mode is set once, at the top of the method; which of your calls does "
                     "not look at it?"),
    mistake(f"{DEEP}.loss:scores", "dropout after the scores as well", "caches.append(cache)\n"
            "    if self.use_dropout", "caches.append(cache)\n    if self.use_dropout",
            "scores, cache = affine_forward(out, self.params[f\"W{last}\"], "
            "self.params[f\"b{last}\"])",
            "scores, cache = affine_forward(out, self.params[f\"W{last}\"], "
            "self.params[f\"b{last}\"])\nif self.use_dropout:\n"
            "    scores, _ = dropout_forward(scores, self.dropout_param)",
            sentence="Some of your scores are zero in training. After which layers does "
                     "dropout stand, and after which does it not?"),
    mistake(f"{DEEP}.loss:scores", "relu on the scores", "caches.append(cache)\n    if",
            "caches.append(cache)\n    if", "last = self.num_layers", "last = self.num_layers",
            'self.params[f"b{last}"])', 'self.params[f"b{last}"])\nscores = np.maximum(scores, 0)',
            sentence="None of your scores is negative. Is there anything between the last "
                     "affine layer and the loss?"),
    mistake(f"{DEEP}.loss:gradients", "last W not regularised", "range(1, last + 1)",
            "range(1, last)",
            sentence="With regularisation, the last weights' share is missing in the loss and "
                     "in their gradient. Over how many layers does the sum go?",
            also=[
                (1,
                 "range(1, self.num_layers + 1)",
                 "range(1, self.num_layers)",
                 ' + self.reg * self.params["W" + str(self.num_layers)]',
                 ""),
            ]),
    mistake(f"{DEEP}.loss:gradients", "first W not regularised", "range(1, last + 1)",
            "range(2, last + 1)",
            sentence="With regularisation, the first weights' share is missing in the loss and"
                     " in their gradient. With which layer does the sum begin?",
            also=[
                (1,
                 "range(1, self.num_layers + 1)",
                 "range(2, self.num_layers + 1)",
                 'dw + self.reg * self.params["W" + str(i)]',
                 'dw + (i > 1) * self.reg * self.params["W" + str(i)]'),
            ]),
    mistake(f"{DEEP}.loss:gradients", "no factor 0.5", "0.5 * self.reg", "self.reg",
            sentence="With regularisation the penalty is counted twice in your loss, and the "
                     "gradients do not show it. Which factor makes the two agree?",
            also=[
                (1, "0.5 * self.reg", "self.reg"),
            ]),
    mistake(f"{DEEP}.loss:gradients", "regularisation missing in the gradients",
            '    grads[f"W{layer}"] += self.reg * w\n', "",
            sentence="Your loss contains the penalty, but the gradients are the same for every"
                     " value of reg.",
            also=[
                (1,
                 'dw + self.reg * self.params["W" + str(self.num_layers)]',
                 "dw",
                 'dw + self.reg * self.params["W" + str(i)]',
                 "dw"),
            ]),
    mistake(f"{DEEP}.loss:gradients", "b regularised", '    grads[f"W{layer}"] += self.reg * w\n',
            '    grads[f"W{layer}"] += self.reg * w\n'
            '    grads[f"b{layer}"] += self.reg * self.params[f"b{layer}"]\n',
            sentence="The gradients of the biases change with reg. Which parameters does the "
                     "penalty sum over?",
            also=[
                (1,
                 "str(self.num_layers)] = db\n",
                 "str(self.num_layers)] = db + self.reg * b\n",
                 "str(i)] = db\n",
                 'str(i)] = db + self.reg * self.params["b" + str(i)]\n',
                 "dout, dw, db = affine_backward(",
                 'b = self.params["b" + str(self.num_layers)]\n'
                 "dout, dw, db = affine_backward("),
            ]),
    mistake(f"{DEEP}.loss:gradients", "gamma regularised",
            '    grads[f"W{layer}"] += self.reg * w\n',
            '    grads[f"W{layer}"] += self.reg * w\n'
            '    if f"gamma{layer}" in grads:\n'
            '        grads[f"gamma{layer}"] += self.reg * self.params[f"gamma{layer}"]\n',
            sentence="The gradients of the gammas change with reg. Which parameters does the "
                     "penalty sum over?"),
    mistake(f"{DEEP}.loss:gradients", "dropout not passed back",
            "dout = dropout_backward(dout, dropout_caches.pop())", "dropout_caches.pop()",
            sentence="With dropout, units that were dropped still get a gradient. Which layers "
                     "stood there in the forward pass?",
            also=[
                (1,
                 "    if self.use_dropout:\n"
                 "        dout = dropout_backward(dout, dropout_caches[i - 1])\n",
                 ""),
            ]),
    mistake(f"{DEEP}.loss:gradients", "dropout's caches in the wrong order",
            "dropout_caches.pop())", "dropout_caches.pop(0))",
            sentence="With dropout in several layers the masks meet the wrong ones. In which "
                     "order do caches come back?",
            also=[
                (1, "dropout_caches[i - 1]", "dropout_caches[-i]"),
            ]),
    mistake(f"{DEEP}.loss:gradients", "gradients of gamma and beta left out",
            "if self.normalization:\n", "if False:\n",
            sentence="Every parameter of the network needs a gradient, and some have none. Which "
                     "parameters does a normalised layer have?"),
    mistake(f"{DEEP}.loss:gradients", "regularises by changing the weights", "loss += 0.5",
            "w *= 1 - self.reg / 10\n    loss += 0.5",
            sentence="The parameters themselves are different after the call. A loss measures;"
                     " what moves the weights is the update rule."),
    mistake(f"{TWO}.loss:gradients", "penalty and gradient both doubled", "0.5 * self.reg",
            "self.reg", "+= self.reg * w\n", "+= 2 * self.reg * w\n",
            sentence="Penalty and gradient fit each other, and both are twice what is asked for: a "
                     "numerical gradient cannot see that. Compare the penalty with the formula, "
                     "factor by factor.",
            also=[(1, "0.5 * self.reg", "self.reg", "dW2 += self.reg", "dW2 += 2 * self.reg",
                   "dW1 += self.reg", "dW1 += 2 * self.reg")]),
    mistake(f"{DEEP}.loss:gradients", "penalty and gradient both doubled", "0.5 * self.reg",
            "self.reg", "+= self.reg * w\n", "+= 2 * self.reg * w\n",
            sentence="Penalty and gradient fit each other, and both are twice what is asked for: a "
                     "numerical gradient cannot see that. Compare the penalty with the formula, "
                     "factor by factor.",
            also=[
                (1,
                 "0.5 * self.reg",
                 "self.reg",
                 ' + self.reg * self.params["W" + str(self.num_layers)]',
                 ' + 2 * self.reg * self.params["W" + str(self.num_layers)]',
                 'dw + self.reg * self.params["W" + str(i)]',
                 'dw + 2 * self.reg * self.params["W" + str(i)]'),
            ]),
    mistake(f"{DEEP}.loss:gradients", "biases regularised in loss and gradient",
            '    grads[f"W{layer}"] += self.reg * w\n',
            '    grads[f"W{layer}"] += self.reg * w\n'
            '    b = self.params[f"b{layer}"]\n'
            "    loss += self.reg * np.sum(b * b) / 2\n"
            '    grads[f"b{layer}"] += self.reg * b\n',
            sentence="The loss and the gradients of the biases have a penalty on biases in them. "
                     "Which parameters does the penalty sum over?"),
    mistake(f"{DEEP}.loss:scores", "dropout's result not used",
            "out, dropout_cache = dropout_forward(", "_, dropout_cache = dropout_forward(",
            sentence="In training the scores are those of a network without dropout, although it "
                     "is called. What becomes of what it returns?",
            also=[(1, "out, cache = dropout_forward(", "dropped, cache = dropout_forward(")]),
    mistake(f"{DEEP}.loss:scores", "dropout after the first layer only",
            "    if self.use_dropout:\n", "    if self.use_dropout and layer > 1:\n"
            "        dropout_caches.append((dict(self.dropout_param, mode='test'), None))\n"
            "    elif self.use_dropout:\n",
            sentence="Not every hidden layer drops units. After which layers does dropout stand?"),
    mistake(f"{DEEP}.loss:scores", "bn_params off by one", "self.bn_params[layer - 1]",
            "self.bn_params[layer - 2]",
            sentence="The running statistics of one layer find their way into another. Which "
                     "bn_param belongs to the first layer?",
            also=[
                (1,
                 "affine_bn_relu_forward(out, w, b, gamma, beta, self.bn_params[i])",
                 "affine_bn_relu_forward(out, w, b, gamma, beta, self.bn_params[i - 1])",
                 "affine_ln_relu_forward(out, w, b, gamma, beta, self.bn_params[i])",
                 "affine_ln_relu_forward(out, w, b, gamma, beta, self.bn_params[i - 1])"),
            ]),
    mistake(f"{DEEP}.loss:scores", "running statistics counted in another dictionary",
            "bn_param = self.bn_params[layer - 1]", "bn_param = dict(self.bn_params[layer - 1])",
            sentence="The running averages in bn_params stay what they were: at test time nothing "
                     "is there to go by. In which dictionary are they counted?",
            also=[
                (1,
                 "affine_bn_relu_forward(out, w, b, gamma, beta, self.bn_params[i])",
                 "affine_bn_relu_forward(out, w, b, gamma, beta, dict(self.bn_pa"
                 "rams[i]))"),
            ]),
    mistake(f"{DEEP}.loss:gradients", "gradient of the penalty doubled", "+= self.reg * w\n",
            "+= 2 * self.reg * w\n",
            sentence="With regularisation your gradients of the weights contain reg times W "
                     "twice. Differentiate the penalty, with its factor of a half.",
            also=[(1, 'dw + self.reg * self.params["W" + str(self.num_layers)]',
                   'dw + 2 * self.reg * self.params["W" + str(self.num_layers)]',
                   'dw + self.reg * self.params["W" + str(i)]',
                   'dw + 2 * self.reg * self.params["W" + str(i)]')]),
)  # fmt: skip
