"""Affine layers, ReLU and dropout as others write them, and words for what stands in them."""

SPELLINGS = {
    "affine_forward": [
        """\
flat = np.reshape(x, (N, -1))
out = np.dot(flat, w) + b
""",
    ],
    "affine_backward": [
        """\
flat = x.reshape(x.shape[0], -1)
dflat = np.dot(dout, w.T)
dx = np.reshape(dflat, x.shape)
dw = np.dot(flat.T, dout)
db = np.sum(dout, axis=0)
""",
    ],
    "relu_forward": [
        """\
mask = x > 0
out = x * mask
""",
        """\
out = x.copy()
out[x < 0] = 0
""",
    ],
    "relu_backward": [
        """\
dx = dout.copy()
dx[x <= 0] = 0
""",
        """\
dx = np.where(x > 0, dout, 0)
""",
    ],
    "dropout_forward:train": [
        """\
mask = (random.rand(*x.shape) < p) / p
out = x * mask
""",
    ],
    "dropout_forward:test": ["out = x\n"],
    "dropout_backward:train": ["dx = mask * dout\n"],
}

WORDS = {
    "": {
        "out": "out",
        "dx": "dx",
        "dw": "dw",
        "db": "db",
        "b": "the bias",
        "w": "w",
        "x": "x",
        "dout": "dout",
        "rows": "the flattened x",
        "flat": "the flattened x",
        "x.reshape(N, D)": "the flattened x",
        "dflat": "the gradient of the flattened x",
        "mask": "the mask",
        "kept": "the mask",
        "p": "p",
        "x > 0": "the mask of what is above zero",
        "x < 0": "the mask of what is below zero",
    },
}

VALUES = {
    "affine_forward": {
        "out": [
            ("x.reshape(N, D) @ (w + b)", "weights to which the bias is added"),
            ("np.maximum(x.reshape(N, D) @ w + b, 0)", "a relu"),
        ],
    },
    "affine_backward": {
        "dx": [
            ("(dout @ w.T).reshape(x.shape) * (x > 0)", "a gradient with relu's mask"),
            ("(dout @ w.T).reshape(x.shape) / N", "a gradient divided by N"),
            ("dout @ w.T", "rows"),
            ("(dout @ w.T).reshape(x.shape) + np.sum(b)", "a gradient with the bias in it"),
        ],
        "dw": [
            ("(x.reshape(N, D).T @ dout) / N", "a mean over examples"),
            ("(x.reshape(N, D).T @ dout).T", "a transpose"),
            ("x.reshape(N, D, order='F').T @ dout", "an x that is flattened in another order"),
        ],
        "db": [
            ("dout.sum(axis=1)", "a sum for each example"),
            ("dout.sum()", "a sum of all numbers"),
            ("dout.mean(axis=0)", "a mean"),
            ("np.ones_like(b)", "ones"),
            ("dout.sum(axis=0, keepdims=True)", "an array with one axis too many"),
            ("dout.copy()", "dout as it is"),
            ("dout.sum(axis=0) * b", "a product with b"),
        ],
    },
    "relu_forward": {
        "out": [
            ("x * (x < 0)", "what is below zero"),
            ("np.abs(x)", "the absolute value"),
            ("np.maximum(x, 0.01 * x)", "a leak below zero"),
            ("np.maximum(x, 0.1 * x)", "a leak below zero"),
            ("np.maximum(x, 1)", "a floor of 1"),
            ("np.clip(x, 0, 1)", "a ceiling of 1"),
            ("np.clip(x, 0, 6)", "a ceiling of 6"),
            ("x.copy()", "x as it is"),
            ("x * (x > 1)", "a threshold of 1"),
            ("(x > 0) * 1.0", "zeros and ones"),
            ("np.minimum(x, 0)", "what is below zero"),
            ("np.full_like(x, max(0, x.max()))", "the largest number alone"),
        ],
    },
    "relu_backward": {
        "dx": [
            ("np.maximum(dout, 0)", "relu of dout"),
            ("np.maximum(dout, 0) * (x > 0)", "a dout without negative numbers"),
            ("dout * (x < 0)", "what belongs to an x below zero"),
            ("dout * (dout > 0)", "the sign of dout"),
            ("(x > 0) * 1.0", "zeros and ones"),
            ("dout * np.maximum(x, 0)", "a product with relu of x"),
            ("dout * x", "a product with x"),
            ("np.maximum(x, 0)", "relu of x"),
            ("dout * (x > 1)", "a threshold of 1"),
            ("dout * np.sign(x)", "the sign of x"),
            ("np.where(x > 0, dout, 0.01 * dout)", "a leak below zero"),
            ("dout.copy()", "dout as it is"),
        ],
    },
    "dropout_forward:train": {
        "out": [("x * mask / p", "a second scaling"), ("x * mask * p", "a scaling that is undone")],
    },
    "dropout_forward:test": {
        "out": [
            ("x * p", "x times p"),
            ("x / p", "x divided by p"),
            ("x * (1 - p)", "x times the share that is dropped"),
            ("x / (1 - p)", "x divided by the share that is dropped"),
        ],
    },
    "dropout_backward:train": {
        "dx": [
            ("dout * (mask > 0)", "a mask without its scaling"),
            ("dout * mask * dropout_param['p']", "a scaling that is undone"),
            ("dout * mask / dropout_param['p']", "a second scaling"),
            ("dout * mask**2", "the mask twice"),
            ("dout / dropout_param['p']", "a factor without the mask"),
            ("dout * (1 - mask)", "what was dropped"),
            ("dout * (mask == 0)", "what was dropped"),
            ("1.0 * mask", "the mask without dout"),
        ],
    },
}  # fmt: skip
