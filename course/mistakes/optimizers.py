"""Mistakes in the update rules."""

from coursekit.mutants import mistake

MISTAKES = (
    mistake("sgd_momentum", "adds the gradient", "velocity -= ", "velocity += ",
            sentence="The weights climb where they should descend. Which way does a gradient "
                     "push the velocity?",
            also=[
                (1, "- config[", "+ config["),
            ]),
    mistake("sgd_momentum", "steps by the old velocity", "next_w = w + velocity", "",
            "velocity *= ", "next_w = w + velocity\nvelocity *= ",
            sentence="The first step with a fresh velocity goes nowhere, and later ones are "
                     "late by one. Which comes first, the velocity or the step?",
            also=[
                "next_w = w + velocity\n"
                'velocity = config["momentum"] * velocity - config["learning_rate"] * dw\n',
            ]),
    mistake("sgd_momentum", "momentum ignored", 'config["momentum"]', "0.9",
            sentence="It is right only where the momentum happens to be 0.9. Where does the "
                     "setting in config come in?",
            also=[
                (1, 'config["momentum"] * velocity', "0.9 * velocity"),
            ]),
    mistake("sgd_momentum", "the gradient weighted by 1 - momentum",
            'config["learning_rate"] * dw',
            '(1 - config["momentum"]) * config["learning_rate"] * dw',
            sentence="Steps are too short, by a factor of ten at a momentum of 0.9. This velocity "
                     "adds up gradients; it is no running mean of them.",
            also=[
                (1,
                 'config["learning_rate"] * dw',
                 'config["learning_rate"] * (1 - config["momentum"]) * dw'),
            ]),
    mistake("sgd_momentum", "the velocity subtracted", "w + velocity", "w - velocity",
            sentence="The weights move against the velocity. In which direction does it point?",
            also=[
                (1, "w + velocity", "w - velocity"),
            ]),
    mistake("rmsprop", "decay the wrong way round",
            "decay * config[\"cache\"] + (1 - decay) * dw**2",
            "(1 - decay) * config[\"cache\"] + decay * dw**2",
            sentence="After one step your cache is almost the newest square. With a decay rate"
                     " of 0.99, how much of the old cache should be left?",
            also=[
                'rate = 1 - config["decay_rate"]\n'
                'config["cache"] = rate * config["cache"] + config["decay_rate"] * dw * dw\n'
                'next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + '
                'config["epsilon"])\n',
            ]),
    mistake("rmsprop", "a plain sum of squares", "decay * config[\"cache\"] + (1 - decay) * dw**2",
            "config[\"cache\"] + dw**2",
            sentence="Your cache only ever grows: that is AdaGrad. What makes RMSProp forget?",
            also=[
                'config["cache"] = config["cache"] + dw * dw\n'
                'next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + '
                'config["epsilon"])\n',
                'config["cache"] = config["decay_rate"] * config["cache"] + dw * dw\n'
                'next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + '
                'config["epsilon"])\n',
            ]),
    mistake("rmsprop", "no square", "dw**2", "dw",
            sentence="Your cache can be negative, and then the root of it is NaN. What does the "
                     "running mean run over?",
            also=[
                (1,
                 "dw**2",
                 "dw"),
            ]),
    mistake("rmsprop", "epsilon inside the root", '(np.sqrt(config["cache"]) + config["epsilon"])',
            'np.sqrt(config["cache"] + config["epsilon"])',
            sentence="Where the cache is near zero your steps are too short. Is epsilon there "
                     "to be added to the cache, or to its root?",
            also=[
                (1,
                 '(np.sqrt(config["cache"]) + config["epsilon"])',
                 'np.sqrt(config["cache"] + config["epsilon"])'),
            ]),
    mistake("rmsprop", "cache not kept", 'config["cache"] = decay', 'cache = decay',
            'np.sqrt(config["cache"])', "np.sqrt(cache)",
            sentence="Each call begins with the same cache. What does the next step have to "
                     "find in config?",
            also=[
                (1,
                 'config["cache"] = (',
                 "cache = (",
                 'np.sqrt(config["cache"])',
                 "np.sqrt(cache)"),
            ]),
    mistake("rmsprop", "no root", 'np.sqrt(config["cache"])', 'config["cache"]',
            sentence="Steps still depend on the size of the gradient, only the other way round. "
                     "What has the unit of a gradient, and what has that of its square?",
            also=[
                (1,
                 '(np.sqrt(config["cache"]) + config["epsilon"])',
                 '(config["cache"] + config["epsilon"])'),
            ]),
    mistake("rmsprop", "overwrites dw", "next_w = w - step", "dw *= 0\nnext_w = w - step",
            sentence="After the call the gradient that was handed in is not what it was: "
                     "something in here writes into it.",
            also=[
                (1,
                 'next_w = w - config["learning_rate"] * dw /',
                 'dw *= config["learning_rate"]\nnext_w = w - dw /'),
            ]),
    mistake("adam", "no bias correction", 'config["m"] / (1 - beta1 ** config["t"])', 'config["m"]',
            'config["v"] / (1 - beta2 ** config["t"])', 'config["v"]',
            sentence="The first steps are too long, three times and more with the usual "
                     "settings. Both means begin at zero: what makes up for that?",
            also=[
                (1,
                 'm_hat = config["m"] / (1 - config["beta1"] ** config["t"])',
                 'm_hat = config["m"]',
                 'v_hat = config["v"] / (1 - config["beta2"] ** config["t"])',
                 'v_hat = config["v"]'),
            ]),
    mistake("adam", "m corrected with beta2", "(1 - beta1 ** ", "(1 - beta2 ** ",
            sentence="The step is off most at the start. Each of the two means has a rate of "
                     "its own to be corrected by.",
            also=[
                (2, "(1 - beta1**t)", "(1 - beta2**t)"),
            ]),
    mistake("adam", "t raised last", 'config["t"] += 1\n', "",
            "next_w = w", 'config["t"] += 1\nnext_w = w',
            sentence="The very first step divides by zero, or is off by one step's correction. "
                     "What number does the first step have: 0 or 1?",
            also=[
                (2, "t = t + 1\n", "", '"] = m, v, t', '"] = m, v, t + 1'),
            ]),
    mistake("adam", "t not raised", 'config["t"] += 1\n', "",
            'beta1 ** config["t"]', 'beta1 ** (config["t"] + 1)',
            'beta2 ** config["t"]', 'beta2 ** (config["t"] + 1)',
            sentence="Later steps are corrected as if they were the first. What is in config "
                     "after a step?",
            also=[
                (2, '"] = m, v, t', '"] = m, v, t - 1'),
            ]),
    mistake("adam", "the corrected moments kept", "next_w = w",
            'config["m"], config["v"] = m_hat, v_hat\nnext_w = w',
            sentence="After the first step, m and v in config are too large. What is corrected "
                     "is for this step only.",
            also=[
                (2, '"] = m, v, t', '"] = m_hat, v_hat, t'),
            ]),
    mistake("adam", "no square", "dw**2", "dw",
            sentence="Your v can be negative, and then the root of it is NaN. What is v a running "
                     "mean of?",
            also=[
                (2, "dw**2", "dw"),
            ]),
    mistake("adam", "epsilon inside the root", '(np.sqrt(v_hat) + config["epsilon"])',
            'np.sqrt(v_hat + config["epsilon"])',
            sentence="Where gradients are tiny your steps are too short. Is epsilon there to "
                     "be added to v, or to its root?",
            also=[
                (2,
                 '(np.sqrt(v_hat) + config["epsilon"])',
                 'np.sqrt(v_hat + config["epsilon"])'),
            ]),
    mistake("adam", "beta1 and beta2 swapped", 'beta1, beta2 = config["beta1"], config["beta2"]',
            'beta2, beta1 = config["beta1"], config["beta2"]',
            sentence="Your m forgets slowly and your v fast. Which of the two rates belongs to"
                     " which mean?",
            also=[
                (2, "beta1, beta2 =", "beta2, beta1 ="),
            ]),
    mistake("adam", "the gradient in place of m", "m_hat / (np.sqrt", "dw / (np.sqrt",
            sentence="The step follows the newest gradient alone, and m is computed for "
                     "nothing. What stands above the line of the fraction?",
            also=[
                (2, "m_hat / (np.sqrt", "dw / (np.sqrt"),
            ]),
)  # fmt: skip
