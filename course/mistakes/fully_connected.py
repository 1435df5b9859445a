"""Mistakes in the fully connected networks."""

from coursekit.mutants import mistake

TWO = "TwoLayerNet"
DEEP = "FullyConnectedNet"

MISTAKES = (
    mistake(f"{TWO}.__init__", "uniform numbers", "np.random.randn(input_dim, hidden_dim)",
            "np.random.rand(input_dim, hidden_dim)",
            sentence="A weight matrix has no negative numbers in it: it is drawn from between "
                     "0 and 1. Which distribution is asked for?"),
    mistake(f"{TWO}.__init__", "weight_scale forgotten",
            "weight_scale * np.random.randn(hidden_dim, num_classes)",
            "np.random.randn(hidden_dim, num_classes)",
            sentence="One of your weight matrices has a deviation near 1 whatever weight_scale"
                     " says."),
    mistake(f"{TWO}.__init__", "biases random", "np.zeros(hidden_dim)",
            "weight_scale * np.random.randn(hidden_dim)",
            sentence="Your biases are random. Weights must differ from one another for units "
                     "to differ; do biases have to?"),
    mistake(f"{TWO}.__init__", "biases of shape (1, H)", "np.zeros(hidden_dim)",
            "np.zeros((1, hidden_dim))",
            sentence="A bias has one axis too many. It works for a while by broadcasting; "
                     "which shape does the docstring ask for?"),
    mistake(f"{TWO}.loss:scores", "relu on the scores", "hidden, self.params[\"W2\"], "
            "self.params[\"b2\"])", "hidden, self.params[\"W2\"], self.params[\"b2\"])\n"
            "scores = np.maximum(scores, 0)",
            sentence="None of your scores is negative. Is there anything between the last "
                     "affine layer and the loss?"),
    mistake(f"{TWO}.loss:scores", "no relu", "affine_relu_forward(X", "affine_forward(X",
            sentence="The network is one long affine function: negative hidden units reach the"
                     " second layer. What stands between the two?"),
    mistake(f"{TWO}.loss:scores", "softmax of the scores", 'self.params["b2"])',
            'self.params["b2"])\nscores = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)',
            sentence="Each row of your scores sums to 1: these are probabilities. The loss "
                     "turns scores into those by itself."),
    mistake(f"{TWO}.loss:gradients", "no factor 0.5", "0.5 * self.reg", "self.reg",
            sentence="Without regularisation all is right; with it the loss is too large by as"
                     " much again as the penalty, while its gradients fit. Which factor makes "
                     "the two agree?"),
    mistake(f"{TWO}.loss:gradients", "W2 not regularised", '("W1", "W2")', '("W1",)',
            sentence="With regularisation, the loss is too small and the gradient of W2 lacks "
                     "its share. Which weights are to be kept small?"),
    mistake(f"{TWO}.loss:gradients", "regularisation missing in the gradients",
            "    grads[name] += self.reg * w\n", "",
            sentence="Your loss contains the penalty, but the gradients are the same for every"
                     " value of reg."),
    mistake(f"{TWO}.loss:gradients", "gradient of the penalty doubled", "+= self.reg * w\n",
            "+= 2 * self.reg * w\n",
            sentence="With regularisation your gradients of the weights are off by one more "
                     "share of the weights. Differentiate the penalty, with its factor of a "
                     "half."),
    mistake(f"{TWO}.loss:gradients", "biases regularised", '("W1", "W2")',
            '("W1", "W2", "b1", "b2")',
            sentence="The gradients of the biases change with reg. Which parameters does the "
                     "penalty sum over?"),
    mistake(f"{TWO}.loss:gradients", "svm loss", "softmax_loss(scores, y)",
            "layers.svm_loss(scores, y)",
            sentence="Your scores are right and the loss is that of another classifier: for "
                     "scores that are all alike it is not log 7 for seven classes. Which of "
                     "the two losses is asked for?"),
    mistake(f"{TWO}.loss:gradients", "gradient past relu", "affine_relu_backward(dhidden, "
            "hidden_cache)", "affine_backward(dhidden, hidden_cache[0])",
            sentence="The gradients of the first layer look as if every hidden unit were on. "
                     "Which layers does the gradient pass between the second affine layer and "
                     "the first?"),
    mistake(f"{DEEP}.__init__", "gamma and beta on the last layer too",
            " and layer < self.num_layers", "",
            sentence="There is a gamma and a beta too many. What follows the last affine "
                     "layer?"),
    mistake(f"{DEEP}.__init__", "gamma starts at 0", "np.ones(fan_out)", "np.zeros(fan_out)",
            sentence="Your gammas are zero, so every unit would say the same for every "
                     "example. What leaves a normalised value as it is?"),
    mistake(f"{DEEP}.__init__", "no gamma and beta", "if normalization and", "if False and",
            sentence="With a normalisation asked for, parameters are missing: what does each "
                     "normalised layer learn beside its weights?"),
    mistake(f"{DEEP}.__init__", "gamma and beta always", "if normalization and", "if",
            sentence="There are gammas and betas although no normalisation was asked for."),
    mistake(f"{DEEP}.__init__", "weight_scale forgotten", "weight_scale * ", "",
            sentence="The deviation of your weights does not fit weight_scale. What does it "
                     "have to do with a normal distribution of deviation 1?"),
    mistake(f"{DEEP}.__init__", "variance in place of deviation", "weight_scale * ",
            "weight_scale**0.5 * ",
            sentence="The deviation of your weights is the root of weight_scale: is that "
                     "number meant as a variance, or as a standard deviation?"),
    mistake(f"{DEEP}.__init__", "a seed of its own", "sizes = [", "np.random.seed(0)\nsizes = [",
            sentence="Two networks made one after the other have the same weights, whatever "
                     "stream of random numbers is used: something in here starts the stream "
                     "anew."),
    mistake(f"{DEEP}.loss:scores", "normalization never applied",
            'if self.normalization == "batchnorm":', "if False:",
            'elif self.normalization == "layernorm":', "elif False:",
            sentence="The network has gammas and betas, and its scores are those of a network "
                     "without any. Where do the layers with normalisation come in?"),
    mistake(f"{DEEP}.loss:scores", "one bn_param for all layers", "self.bn_params[layer - 1]",
            "self.bn_params[0]",
            sentence="Running statistics of one layer find their way into another: every "
                     "normalised layer has a bn_param of its own."),
    mistake(f"{DEEP}.loss:scores", "no dropout",
            "dropout_forward(out, self.dropout_param)",
            'dropout_forward(out, {**self.dropout_param, "mode": "test"})',
            sentence="In training the scores are those of a network without dropout, although "
                     "one was asked for."),
    mistake(f"{DEEP}.loss:scores", "dropout in mode train at test time",
            "dropout_forward(out, self.dropout_param)",
            'dropout_forward(out, {**self.dropout_param, "mode": "train"})',
            sentence="At test time units are still dropped. The mode is set once, at the top "
                     "of the method; which of your calls does not look at it?"),
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
                     "in their gradient. Over how many layers does the sum go?"),
    mistake(f"{DEEP}.loss:gradients", "first W not regularised", "range(1, last + 1)",
            "range(2, last + 1)",
            sentence="With regularisation, the first weights' share is missing in the loss and"
                     " in their gradient. With which layer does the sum begin?"),
    mistake(f"{DEEP}.loss:gradients", "no factor 0.5", "0.5 * self.reg", "self.reg",
            sentence="Without regularisation all is right; with it the loss is too large by as"
                     " much again as the penalty, while its gradients fit. Which factor makes "
                     "the two agree?"),
    mistake(f"{DEEP}.loss:gradients", "regularisation missing in the gradients",
            '    grads[f"W{layer}"] += self.reg * w\n', "",
            sentence="Your loss contains the penalty, but the gradients are the same for every"
                     " value of reg."),
    mistake(f"{DEEP}.loss:gradients", "b regularised", '    grads[f"W{layer}"] += self.reg * w\n',
            '    grads[f"W{layer}"] += self.reg * w\n'
            '    grads[f"b{layer}"] += self.reg * self.params[f"b{layer}"]\n',
            sentence="The gradients of the biases change with reg. Which parameters does the "
                     "penalty sum over?"),
    mistake(f"{DEEP}.loss:gradients", "gamma regularised",
            '    grads[f"W{layer}"] += self.reg * w\n',
            '    grads[f"W{layer}"] += self.reg * w\n'
            '    if f"gamma{layer}" in grads:\n'
            '        grads[f"gamma{layer}"] += self.reg * self.params[f"gamma{layer}"]\n',
            sentence="The gradients of the gammas change with reg. Which parameters does the "
                     "penalty sum over?"),
    mistake(f"{DEEP}.loss:gradients", "dropout not passed back",
            "dout = dropout_backward(dout, dropout_caches.pop())", "dropout_caches.pop()",
            sentence="With dropout, units that were dropped still get a gradient. Which layers"
                     " stood there on the way up?"),
    mistake(f"{DEEP}.loss:gradients", "dropout's caches in the wrong order",
            "dropout_caches.pop())", "dropout_caches.pop(0))",
            sentence="With dropout in several layers the masks meet the wrong ones. In which "
                     "order do caches come back?"),
    mistake(f"{DEEP}.loss:gradients", "gradients of gamma and beta left out",
            "if self.normalization:\n", "if False:\n",
            sentence="Every parameter of the network wants a gradient, and some have none. "
                     "Which parameters does a normalised layer have?"),
    mistake(f"{DEEP}.loss:gradients", "regularises by changing the weights", "loss += 0.5",
            "w *= 1 - self.reg / 10\n    loss += 0.5",
            sentence="The parameters themselves are different after the call. A loss measures;"
                     " what moves the weights is the update rule."),
)  # fmt: skip
