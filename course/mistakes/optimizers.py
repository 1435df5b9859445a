"""Mistakes in the update rules."""

from coursekit.mutants import mistake

MISTAKES = (
    mistake("sgd_momentum", "adds the gradient", "velocity -= ", "velocity += ",
            sentence="The weights climb where they should descend. Which way does a gradient "
                     "push the velocity?"),
    mistake("sgd_momentum", "steps by the old velocity", "next_w = w + velocity", "",
            "velocity *= ", "next_w = w + velocity\nvelocity *= ",
            sentence="The first step with a fresh velocity goes nowhere, and later ones are "
                     "late by one. Which comes first, the velocity or the step?"),
    mistake("sgd_momentum", "momentum ignored", 'config["momentum"]', "0.9",
            sentence="It fits only where the momentum happens to be 0.9. Where does the "
                     "setting in config come in?"),
    mistake("sgd_momentum", "the gradient weighted by 1 - momentum",
            'config["learning_rate"] * dw',
            '(1 - config["momentum"]) * config["learning_rate"] * dw',
            sentence="Steps are too short, by ten times at a momentum of 0.9. This velocity "
                     "adds up gradients; it is no running mean of them."),
    mistake("sgd_momentum", "the velocity subtracted", "w + velocity", "w - velocity",
            sentence="The velocity is right, and the weights move against it."),
    mistake("rmsprop", "decay the wrong way round",
            "decay * config[\"cache\"] + (1 - decay) * dw**2",
            "(1 - decay) * config[\"cache\"] + decay * dw**2",
            sentence="After one step your cache is almost the newest square. With a decay rate"
                     " of 0.99, how much of the old cache should be left?"),
    mistake("rmsprop", "a plain sum of squares", "decay * config[\"cache\"] + (1 - decay) * dw**2",
            "config[\"cache\"] + dw**2",
            sentence="Your cache only ever grows: that is AdaGrad. What makes RMSProp forget?"),
    mistake("rmsprop", "no square", "dw**2", "dw",
            sentence="Your cache can be negative, and then the root of it is no number. What "
                     "does the running mean run over?"),
    mistake("rmsprop", "epsilon inside the root", '(np.sqrt(config["cache"]) + config["epsilon"])',
            'np.sqrt(config["cache"] + config["epsilon"])',
            sentence="Where the cache is near zero your steps are too short. Is epsilon there "
                     "to be added to the cache, or to its root?"),
    mistake("rmsprop", "cache not kept", 'config["cache"] = decay', 'cache = decay',
            'np.sqrt(config["cache"])', "np.sqrt(cache)",
            sentence="Each call begins with the same cache. What does the next step have to "
                     "find in config?"),
    mistake("rmsprop", "no root", 'np.sqrt(config["cache"])', 'config["cache"]',
            sentence="Steps depend on the size of the gradient still, only the other way "
                     "round: what has the unit of a gradient, and what that of its square?"),
    mistake("rmsprop", "overwrites dw", "next_w = w - step", "dw *= 0\nnext_w = w - step",
            sentence="The new weights are right, but the gradient that was handed in is not "
                     "what it was."),
    mistake("adam", "no bias correction", 'config["m"] / (1 - beta1 ** config["t"])', 'config["m"]',
            'config["v"] / (1 - beta2 ** config["t"])', 'config["v"]',
            sentence="The first steps are too long, three times and more with the usual "
                     "settings. Both means begin at zero: what makes up for that?"),
    mistake("adam", "m corrected with beta2", "(1 - beta1 ** ", "(1 - beta2 ** ",
            sentence="Your m and v are kept rightly, and the step is off most at the start. "
                     "Each of the two means has a rate of its own to be corrected by."),
    mistake("adam", "t raised last", 'config["t"] += 1\n', "",
            "next_w = w", 'config["t"] += 1\nnext_w = w',
            sentence="The very first step divides by zero, or is off by one step's correction."
                     " Which number has the first step: 0 or 1?"),
    mistake("adam", "t not raised", 'config["t"] += 1\n', "",
            'beta1 ** config["t"]', 'beta1 ** (config["t"] + 1)',
            'beta2 ** config["t"]', 'beta2 ** (config["t"] + 1)',
            sentence="The first step is right and the later ones are corrected as if they were"
                     " the first. What is in config after a step?"),
    mistake("adam", "the corrected moments kept", "next_w = w",
            'config["m"], config["v"] = m_hat, v_hat\nnext_w = w',
            sentence="The first step is right, and m and v in config are too large after it. "
                     "What is corrected is for this step only."),
    mistake("adam", "no square", "dw**2", "dw",
            sentence="Your v can be negative, and then the root of it is no number. What is v "
                     "a running mean of?"),
    mistake("adam", "epsilon inside the root", '(np.sqrt(v_hat) + config["epsilon"])',
            'np.sqrt(v_hat + config["epsilon"])',
            sentence="Where gradients are tiny your steps are too short. Is epsilon there to "
                     "be added to v, or to its root?"),
    mistake("adam", "beta1 and beta2 swapped", 'beta1, beta2 = config["beta1"], config["beta2"]',
            'beta2, beta1 = config["beta1"], config["beta2"]',
            sentence="Your m forgets slowly and your v fast. Which of the two rates belongs to"
                     " which mean?"),
    mistake("adam", "the gradient in place of m", "m_hat / (np.sqrt", "dw / (np.sqrt",
            sentence="The step follows the newest gradient alone, and m is computed for "
                     "nothing. What stands above the line of the fraction?"),
)  # fmt: skip
