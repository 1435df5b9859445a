"""Mistakes in the convolutional network."""

from coursekit.mutants import mistake

CONV = "ThreeLayerConvNet"

MISTAKES = (
    mistake(f"{CONV}.__init__", "no pooling in the shape of W2", "num_filters * H_pool * W_pool",
            "num_filters * H * W",
            sentence="W2 has about four times as many rows as there are numbers to take in. "
                     "What does the layer before it do to height and width?",
            also=[
                (1, "num_filters * H_pool * W_pool", "num_filters * H * W"),
            ]),
    mistake(f"{CONV}.__init__", "takes images for square", "H_pool * W_pool", "H_pool * H_pool",
            sentence="W2 is right only for square images. What does its number of rows depend on?",
            also=[
                (1, "H_pool * W_pool", "W_pool * W_pool"),
                (1, "H_pool * W_pool", "H_pool * H_pool"),
            ]),
    mistake(f"{CONV}.__init__", "weight_scale forgotten", "weight_scale * ", "",
            sentence="The weights are not drawn as asked: their standard deviation should be "
                     "weight_scale. Look at the mean and the standard deviation of each array.",
            also=[
                (1,
                 "0, weight_scale, (num_filters, C",
                 "0, 1, (num_filters, C",
                 "0, weight_scale, (num_filters * H",
                 "0, 1, (num_filters * H",
                 "0, weight_scale, (hidden_dim",
                 "0, 1, (hidden_dim"),
            ]),
    mistake(f"{CONV}.loss:scores", "relu on the scores", 'params["b3"])',
            'params["b3"])\nscores = np.maximum(scores, 0)',
            sentence="None of your scores is negative. Is there anything between the last "
                     "affine layer and the loss?",
            also=[
                (1,
                 "affine_forward(hidden, W3, b3)",
                 "affine_forward(hidden, W3, b3)\n"
                 "scores = scores * (scores > 0)"),
            ]),
    mistake(f"{CONV}.loss:scores", "the last bias left out", 'params["b3"])', '0 * params["b3"])',
            sentence="Your scores are what they would be with their biases at zero. Which "
                     "parameters does the last layer take?",
            also=[
                (1,
                 "affine_forward(hidden, W3, b3)",
                 "affine_forward(hidden, W3, np.zeros_like(b3))"),
            ]),
    mistake(f"{CONV}.loss:scores", "no relu on the hidden layer",
            'affine_relu_forward(maps, params["W2"], params["b2"])',
            'affine_forward(maps, params["W2"], params["b2"])',
            sentence="Negative hidden units reach the last layer. Which layers stand between "
                     "the two affine ones?",
            also=[
                (1, "affine_relu_forward(maps", "affine_forward(maps"),
            ]),
    mistake(f"{CONV}.loss:scores", "padding hard-coded", "self.conv_param",
            '{"stride": 1, "pad": 1}',
            sentence="Filters of 3 by 3 work and larger ones do not: the padding does not follow "
                     "the size of the filters. Which settings does the network keep for that?",
            also=[(1, "self.conv_param", "dict(self.conv_param, pad=1)")]),
    mistake(f"{CONV}.loss:gradients", "W1 not regularised", '("W1", "W2", "W3")', '("W2", "W3")',
            sentence="With regularisation, the filters' share is missing in the loss and in "
                     "their gradient. Are filters weights?",
            also=[
                (1, "np.sum(W1**2) + ", "", "dW1 += self.reg * W1\n", ""),
            ]),
    mistake(f"{CONV}.loss:gradients", "no factor 0.5", "0.5 * self.reg", "self.reg",
            sentence="With regularisation the penalty is counted twice in your loss, and the "
                     "gradients do not show it. Which factor makes the two agree?",
            also=[
                (1, "0.5 * self.reg", "self.reg"),
            ]),
    mistake(f"{CONV}.loss:gradients", "regularisation missing in the gradients",
            "    grads[name] += self.reg * w\n", "",
            sentence="Your loss contains the penalty, but the gradients are the same for every"
                     " value of reg.",
            also=[
                (1,
                 "dW3 += self.reg * W3\n"
                 "dW2 += self.reg * W2\n"
                 "dW1 += self.reg * W1\n",
                 ""),
            ]),
    mistake(f"{CONV}.loss:gradients", "r * W ** 2 with 2 * r * W", "0.5 * self.reg", "self.reg",
            "+= self.reg * w\n", "+= 2 * self.reg * w\n",
            sentence="Penalty and gradient fit each other, and both are twice what is asked "
                     "for: a numerical gradient cannot see that. Compare the penalty with the "
                     "formula, factor by factor.",
            also=[
                (1,
                 "0.5 * self.reg",
                 "self.reg",
                 "dW3 += self.reg",
                 "dW3 += 2 * self.reg",
                 "dW2 += self.reg",
                 "dW2 += 2 * self.reg",
                 "dW1 += self.reg",
                 "dW1 += 2 * self.reg"),
            ]),
    mistake(f"{CONV}.loss:gradients", "biases regularised", '("W1", "W2", "W3")',
            '("W1", "W2", "W3", "b1", "b2", "b3")',
            sentence="The loss and the gradients of the biases have a penalty on biases in them. "
                     "Which parameters does the penalty sum over?",
            also=[
                (1,
                 'grads = {"W1"',
                 'for name in ("b1", "b2", "b3"):\n'
                 "    loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)\n"
                 'db1 += self.reg * self.params["b1"]\n'
                 'db2 += self.reg * self.params["b2"]\n'
                 'db3 += self.reg * self.params["b3"]\n'
                 'grads = {"W1"'),
            ]),
    mistake(f"{CONV}.loss:gradients", "gradient of the penalty doubled", "+= self.reg * w\n",
            "+= 2 * self.reg * w\n",
            sentence="With regularisation your gradients of the weights contain reg times W "
                     "twice. Differentiate the penalty, with its factor of a half.",
            also=[(1, "dW3 += self.reg", "dW3 += 2 * self.reg", "dW2 += self.reg",
                   "dW2 += 2 * self.reg", "dW1 += self.reg", "dW1 += 2 * self.reg")]),
)  # fmt: skip
