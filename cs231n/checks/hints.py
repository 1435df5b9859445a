"""The hints to each check, in the order in which they are told: each a little more than the last.

`check.NAME(hint=2)` shows the first two. Hints are sentences in words: where to look, what to write
down on paper, which formula or shape decides. They hold no code and no finished answer.
"""

HINTS = {
    "affine_forward": (
        "Each example is one long row of numbers, whatever shape it comes in. Which two lengths "
        "do the rows of an example and the rows of w have in common?",
        "Write the shapes of x, w, b and out on paper for an input of three axes and more. Only "
        "the first axis of x counts examples; all the others belong together.",
        "Once x has become a matrix with a row for each example, out is one product of matrices, "
        "and b is added to every row of it. x itself goes into the cache in the shape it had.",
    ),
    "affine_backward": (
        "Each of the three gradients has the shape of what it belongs to. Write the shapes of x, "
        "w, b and of what comes back on paper first.",
        "A factor of a product gets the gradient times the other factor. A weight is used by all "
        "examples, an input by all outputs, a bias by all examples: what is used several times "
        "gets a sum.",
        "Turn x into rows as on the way up. For the weights, rows and gradient meet so that the "
        "examples are summed away; for the inputs, gradient and weights meet so that the outputs "
        "are. Then give the first of the two the shape of x back.",
    ),
    "relu_forward": (
        "Each number is looked at by itself. What comes out for -2, for 0 and for 3?",
        "The larger of two things is kept: the number itself, and what?",
        "Let the result be an array of its own: the caller's x stays what it was, and goes into "
        "the cache.",
    ),
    "relu_backward": (
        "Where does a small change of x change the output at all, and by how much?",
        "The gradient passes where x is positive and nowhere else. What decides is x, and not the"
        " gradient that comes in.",
        "The gradient that comes in belongs to the caller, who may use it again: what you return "
        "should be an array of its own.",
    ),
    "TwoLayerNet_init": (
        "Count the parameters by hand for a net with 4 inputs, 3 hidden units and 2 classes. How "
        "many have two axes, how many one?",
        "Weights have the number of what comes in as their first length, and of what goes out as "
        "their second. Biases have a number for each of what goes out.",
        "Weights are normal numbers of deviation 1, made smaller by the scale that is handed in. "
        "Biases begin at zero, with a single axis.",
    ),
    "TwoLayerNet_scores": (
        "Which layers stand in the way from images to scores? There is a finished function for "
        "the first two together.",
        "Every forward function hands back two things. You will need the caches for the way back.",
        "The first call takes the images with the first weights and biases; the second takes what"
        " came out, with the second ones. Nothing follows: scores may be negative, and do not sum"
        " to anything.",
    ),
    "TwoLayerNet_gradients": (
        "Set the regularisation to zero first, and get the rest right. Then add it.",
        "The loss function hands back the gradient of the scores. From there the way goes through"
        " the layers in reverse, each with its own cache.",
        "The penalty is half the strength times the sum of all squared weights, over both weight "
        "matrices and no bias. Its derivative is the strength times the weights, which is added "
        "to the gradients that came through the layers.",
    ),
    "FullyConnectedNet_init": (
        "Write down the list of all lengths for two hidden layers of 3 and 2: what comes in, the "
        "hidden ones, the classes. How many weight matrices lie between them?",
        "Each pair of neighbours in that list makes one layer. Layers are counted from 1, and "
        "their number is part of the parameter's name.",
        "A loop over the pairs does it. Where a normalisation is asked for, each layer but the "
        "last has a scale that begins at one and a shift that begins at zero, with a number for "
        "each unit.",
    ),
    "FullyConnectedNet_scores": (
        "What is done to every layer but the last, and what to the last one?",
        "In each turn of the loop the output of the turn before comes in. Put every cache into a "
        "list: they are wanted again, from the end.",
        "All layers but the last are affine, a normalisation if there is one, relu, and dropout "
        "if there is any; finished sandwiches do most of it. The last one is affine alone.",
    ),
    "FullyConnectedNet_gradients": (
        "Set the regularisation to zero first, and get the rest right with two layers. Then go on"
        " to more.",
        "The loop of the scores runs backwards. What was last on the way up is first on the way "
        "back, and each layer takes its cache from the end of the list.",
        "The last layer is affine alone, all others are the sandwiches that went up. Every weight"
        " matrix, the last one too, has its share in the penalty and in its own gradient; nothing"
        " else has.",
    ),
    "sgd_momentum": (
        "There are two things to compute, one from the other. Which of them is kept from step to "
        "step?",
        "Friction makes the old velocity smaller; the gradient, times the learning rate, pushes "
        "it downhill. The step is the new velocity.",
        "Work through three steps on paper with a momentum of 0.9, a learning rate of 0.1 and a "
        "slope of 1: the notebook has the numbers.",
    ),
    "rmsprop": (
        "There are two things to compute, one from the other. Which of them is kept from step to "
        "step?",
        "The cache is a running mean of squares: most of the old one stays, and a little of the "
        "new square comes in. The step is divided by its root.",
        "The cache first, then the step with the new cache. The small number is there for a cache"
        " of zero, and is added after the root is taken. Both gradient and weights stay as they "
        "were handed in.",
    ),
    "adam": (
        "Five things happen in each step. Write them down in the order of the paper, beginning "
        "with the counter.",
        "Two running means, of gradients and of their squares, each with a rate of its own. Both "
        "begin at zero, so each is divided by the share of it that has come in so far.",
        "The counter is raised before it is used. The two means are kept as they are; what is "
        "corrected is for this step only. Then one is divided by the root of the other, and the "
        "small number is added to the root.",
    ),
    "batchnorm_forward_train": (
        "What is the shape of the mean: one number for each example, or one for each feature?",
        "Take the worked example of the notebook, four numbers in one feature, and print what you"
        " have after each line: mean, variance, deviation, normalised values.",
        "The variance is the mean of squared distances, over N. The small number is added to it "
        "before the root is taken. Scale and shift come last, and the running averages are mixed "
        "from their old value and the minibatch's.",
    ),
    "batchnorm_forward_test": (
        "Which numbers stand in for the mean and the variance of the minibatch?",
        "It is the forward pass of training with other statistics, and nothing is updated. One "
        "example alone must work.",
        "Take away the running mean, divide by the root of the running variance and the same "
        "small number as in training, then scale and shift.",
    ),
    "batchnorm_backward": (
        "Write the forward pass as operations so simple that each has one line of derivative: the"
        " notebook has the graph.",
        "Go through it from the end. Where a value went two ways, its gradients from both are "
        "added; where one number served all examples, the gradients of all examples are summed.",
        "Test it step by step with four examples and one feature, where the notebook gives the "
        "gradient of every box. The distances from the mean are in two paths, and x is in two as "
        "well.",
    ),
    "batchnorm_backward_alt": (
        "On paper first: put the lines of the graph into one another, and look for sums that are "
        "zero.",
        "What is left is the incoming gradient less two things: its mean, and the normalised "
        "values times the mean of its product with them.",
        "Both means are at hand already, since the gradients of shift and scale are sums over the"
        " same. All of it is multiplied by the scale over the deviation, feature by feature.",
    ),
    "layernorm_forward": (
        "Which numbers share a mean: those of one feature, or those of one example?",
        "It is batch normalisation turned by a quarter. Keep the axis that you take the mean "
        "over, so that the mean lines up with the rows.",
        "Scale and shift still belong to the features, as before. There are no running averages, "
        "and training and test are the same.",
    ),
    "layernorm_backward": (
        "Two kinds of sums are in here. Which run over examples, and which over features?",
        "Scale and shift served all examples, so their gradients sum over those. A mean served "
        "all features of an example, so what goes through it sums over those.",
        "Multiply the scale in first, since it differs among the numbers that are averaged now. "
        "Then it is the closed form of batch normalisation, with the other axis and the number of"
        " features.",
    ),
    "affine_bn_relu_forward": (
        "Three calls, in the order of the name.",
        "What one layer hands on is what the next one takes. The dictionary of settings goes to "
        "the middle one as it is.",
        "Keep all three caches together, in an order that you will find again.",
    ),
    "affine_bn_relu_backward": (
        "Three calls, in the reverse of the order of the name.",
        "Each call gets the gradient that the one before handed back, and the cache of its own "
        "layer.",
        "The middle one hands back three gradients and the affine one three. Which of these six "
        "is passed on, and which five are returned?",
    ),
    "affine_ln_relu_forward": (
        "Three calls, in the order of the name.",
        "What one layer hands on is what the next one takes. The dictionary of settings goes to "
        "the middle one as it is.",
        "It is the sandwich with batch normalisation in which one name is another.",
    ),
    "affine_ln_relu_backward": (
        "Three calls, in the reverse of the order of the name.",
        "Each call gets the gradient that the one before handed back, and the cache of its own "
        "layer.",
        "The middle one hands back three gradients and the affine one three. Which of these six "
        "is passed on, and which five are returned?",
    ),
    "FullyConnectedNet_batchnorm": (
        "Which parameters does a normalised layer have beside its weights, and which layers are "
        "normalised?",
        "In the loop, layers with normalisation take another sandwich than those without. Each of"
        " them has a dictionary of its own for running averages; the network has made a list of "
        "them.",
        "On the way back the sandwich hands back a gradient for scale and shift as well. They go "
        "into the gradients under their names with the layer's number, and the penalty leaves "
        "them alone.",
    ),
    "FullyConnectedNet_layernorm": (
        "Get the network with batch normalisation right first, then look at what differs.",
        "Only the sandwich is another one, on the way up and on the way back; parameters have the"
        " same names and shapes.",
        "Compare your conditions with the values that the argument may have. Is there a branch "
        "for each, in both loops?",
    ),
    "dropout_forward_train": (
        "How many draws are needed, and what is the probability that one of them is kept?",
        "An evenly distributed number between 0 and 1 is below p with the probability p. What is "
        "kept has to make up for what is dropped.",
        "Draw an array of the shape of x from the generator above the block. The mask is zero "
        "where a unit is dropped and one over p where it is kept; put it into the cache, and "
        "multiply.",
    ),
    "dropout_forward_test": (
        "What does the average of many masks amount to?",
        "With inverted dropout all the scaling has happened in training.",
        "Nothing is drawn, dropped or scaled. The caller should get an array of its own.",
    ),
    "dropout_backward_train": (
        "Which units had an influence on the output?",
        "Each output is an input times a number that does not depend on it. That number is at "
        "hand.",
        "It is the mask of the forward pass, with its scaling, and not a new one. Leave the "
        "incoming gradient as it was.",
    ),
    "FullyConnectedNet_dropout": (
        "After which layers does dropout stand? Read the line of braces above the class once more.",
        "One dictionary of settings serves all dropout layers, and each of them has a cache of "
        "its own.",
        "On the way back each dropout layer comes before the sandwich that it followed, with its "
        "own cache: take them from the end of their list.",
    ),
    "conv_forward_naive": (
        "By hand first: one image of 4 by 4, one filter of 3 by 3, stride 1, no padding. How many"
        " windows are there, and which pixels has each?",
        "Zeros are put around height and width alone. The number of windows along an axis is one "
        "more than the whole strides that fit beside the first one.",
        "Loop over the positions of the output. A window begins at the position times the stride,"
        " takes in all channels, is multiplied with the filter number by number and summed; then "
        "the bias of the filter is added.",
    ),
    "conv_backward_naive": (
        "Go over the same windows as on the way up, with the same padding and the same stride.",
        "At each position one number came out for each image and filter. Its gradient goes to the"
        " window, times the filter, and to the filter, times the window; both are added to what "
        "is there.",
        "Add into a gradient of the padded image and cut the padding off at the end, counting "
        "from the padding to the image's own length, so that no padding works too. Each bias gets"
        " the sum over images and positions.",
    ),
    "max_pool_forward_naive": (
        "By hand first: one channel of 4 by 4, windows of 2 by 2, stride 2. And then with "
        "negative numbers only.",
        "The windows are those of a convolution without padding. Their height and width may "
        "differ, and the stride is another number than both.",
        "Loop over the positions of the output. Each image and channel has its own largest "
        "number, so only height and width of the window are looked through.",
    ),
    "max_pool_backward_naive": (
        "Which number of a window moves the output when it changes a little?",
        "Go over the same windows as on the way up, and find the place of the largest number in "
        "each, for every image and channel by itself.",
        "The gradient is added there, since windows that overlap may have the same winner. Mind "
        "that the place within a window is not the place in the image.",
    ),
    "ThreeLayerConvNet_init": (
        "Which shape has an image after the convolution, which after the pooling, and how many "
        "numbers is that?",
        "The convolution keeps height and width, the pooling halves both. Filters have four axes:"
        " their number, channels, height, width.",
        "The second weights take in all numbers that the pooling leaves: filters times half the "
        "height times half the width. Everything else is as in the fully connected net.",
    ),
    "ThreeLayerConvNet_scores": (
        "Three sandwiches, of which the last has a single layer. Which finished functions are "
        "they?",
        "Convolution, relu and pooling are one call, with the settings for both that stand above "
        "the block. Affine and relu are another.",
        "The third is affine alone. No flattening is needed: the affine layer takes examples of "
        "any shape.",
    ),
    "ThreeLayerConvNet_gradients": (
        "Set the regularisation to zero first, and get the rest right. Then add it.",
        "Three calls in reverse order, each with its cache; each hands on the gradient of its "
        "input and gives those of its parameters.",
        "All three weights have their share in the penalty, filters too, with the factor of a "
        "half; the biases have none.",
    ),
    "spatial_batchnorm_forward": (
        "How many numbers share a mean, for N images of C channels with height H and width W?",
        "Each pixel of each image counts as an example, and each channel as a feature. With that,"
        " the layer you have does all the work.",
        "Bring the channels to the end, run the other three axes together, call, and undo both "
        "steps in reverse order.",
    ),
    "spatial_batchnorm_backward": (
        "The same two steps around the backward pass that you have.",
        "Bring the incoming gradient into the form that the output had inside: channels last, a "
        "row for each pixel.",
        "Only the first of the three gradients has to be brought back into the shape of images; "
        "undo the steps in reverse order.",
    ),
    "spatial_groupnorm_forward": (
        "How many numbers share a mean: those of one image, and of which channels?",
        "Channels that are neighbours belong to a group. With an axis for the groups, all that "
        "shares a mean can be laid out along one axis.",
        "Normalise along that axis as in layer normalisation, bring the result back into the "
        "shape of images, and then scale and shift by channel. Both shapes of scale and shift are"
        " in use.",
    ),
    "spatial_groupnorm_backward": (
        "Which sums run over images and positions, and which over the numbers of a group?",
        "Scale and shift belong to channels, so their gradients sum over images, height and "
        "width, and then take on their shape. What goes through a mean sums over a group.",
        "Multiply the scale in first, by channel. Then lay the groups out as on the way up, and "
        "it is the closed form of layer normalisation with the size of a group.",
    ),
}
