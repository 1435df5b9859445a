"""Update rules as others write them, and words for what stands in them."""

SPELLINGS = {
    "sgd_momentum": [
        """\
velocity = config["momentum"] * velocity - config["learning_rate"] * dw
next_w = w + velocity
""",
    ],
    "rmsprop": [
        """\
config["cache"] = (
    config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
)
next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
""",
    ],
    "adam": [
        """\
config["t"] += 1
config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * (dw**2)
m_hat = config["m"] / (1 - config["beta1"] ** config["t"])
v_hat = config["v"] / (1 - config["beta2"] ** config["t"])
next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])
""",
        """\
m, v, t = config["m"], config["v"], config["t"]
beta1, beta2 = config["beta1"], config["beta2"]
t = t + 1
m = beta1 * m + (1 - beta1) * dw
m_hat = m / (1 - beta1**t)
v = beta2 * v + (1 - beta2) * dw**2
v_hat = v / (1 - beta2**t)
next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])
config["m"], config["v"], config["t"] = m, v, t
""",
    ],
}

WORDS = {
    "": {
        "velocity": "the velocity",
        "next_w": "next_w",
        "w": "w",
        "dw": "dw",
        "dw**2": "the square of dw",
        "step": "the step",
        "decay": "the decay rate",
        "beta1": "beta1",
        "beta2": "beta2",
        "1 - beta1": "the newest gradient's share",
        "1 - beta2": "the newest square's share",
        "(1 - beta1) * dw": "the newest gradient's share",
        "(1 - beta2) * dw**2": "the newest square's share",
        "m_hat": "the corrected m",
        "v_hat": "the corrected v",
        "m": "m",
        "v": "v",
        "t": "t",
    },
}

VALUES = {
    "sgd_momentum": {
        "velocity": [
            ('config["momentum"] * velocity + (1 - config["momentum"]) * dw',
             "a running mean of gradients"),
            ('config["momentum"] * velocity - dw', "a velocity without the learning rate"),
            ('config["momentum"] * (velocity - config["learning_rate"] * dw)',
             "a velocity whose newest gradient is slowed down too"),
            ('-config["learning_rate"] * dw', "a velocity that forgets"),
        ],
        "next_w": [
            ('w - config["learning_rate"] * velocity', "a velocity times the learning rate"),
            ('w + config["momentum"] * velocity - config["learning_rate"] * dw',
             "Nesterov's step"),
            ('w - config["learning_rate"] * dw', "a step without the velocity"),
            ('w + velocity - config["learning_rate"] * dw', "the gradient a second time"),
        ],
    },
    "rmsprop": {
        "config['cache']": [
            ('config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * np.abs(dw)',
             "absolute values"),
            ('config["decay_rate"] * config["cache"] + dw**2', "a square with its whole weight"),
            ('0.99 * config["cache"] + 0.01 * dw**2', "a decay rate that is fixed"),
            ('config["decay_rate"] * (config["cache"] + (1 - config["decay_rate"]) * dw**2)',
             "a cache that decays too much"),
        ],
        "next_w": [
            ('w - config["learning_rate"] * dw / np.sqrt(config["cache"])',
             "a step without epsilon"),
            ('w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + 1e-8)',
             "an epsilon that is fixed"),
        ],
    },
    "adam": {
        "m_hat": [("config['m']", "an m without its correction")],
        "v_hat": [
            ("config['v']", "a v without its correction"),
            ("np.sqrt(config['v'])", "the root of v"),
            ("config['v'] / (1 - config['beta1'] ** config['t'])", "the correction of m"),
        ],
        "next_w": [
            ("w - config['learning_rate'] * m_hat / np.sqrt(v_hat)", "a step without epsilon"),
            ("w - config['learning_rate'] * config['m'] / (np.sqrt(config['v']) +"
             " config['epsilon'])", "a step without either correction"),
            ("w - config['learning_rate'] * m_hat / (v_hat + config['epsilon'])",
             "v without its root"),
        ],
    },
}  # fmt: skip
