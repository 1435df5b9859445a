"""Convolution, pooling and the normalisation of images as others write them, and words for them."""

CONV, CONV_BACK = "conv_forward_naive", "conv_backward_naive"
POOL, POOL_BACK = "max_pool_forward_naive", "max_pool_backward_naive"
BATCH, BATCH_BACK = "spatial_batchnorm_forward", "spatial_batchnorm_backward"
GROUP, GROUP_BACK = "spatial_groupnorm_forward", "spatial_groupnorm_backward"

SPELLINGS = {
    CONV: [
        """\
H_out = 1 + (H + 2 * pad - HH) // stride
W_out = 1 + (W + 2 * pad - WW) // stride
x_padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
out = np.zeros((N, F, H_out, W_out))
for n in range(N):
    for f in range(F):
        for i in range(H_out):
            for j in range(W_out):
                window = x_padded[
                    n, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
                out[n, f, i, j] = np.sum(window * w[f]) + b[f]
""",
        """\
H_out = 1 + (H + 2 * pad - HH) // stride
W_out = 1 + (W + 2 * pad - WW) // stride
x_padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
x_padded[:, :, pad : pad + H, pad : pad + W] = x
out = np.zeros((N, F, H_out, W_out))
for i in range(H_out):
    for j in range(W_out):
        top = i * stride
        left = j * stride
        window = x_padded[:, :, top : top + HH, left : left + WW]
        for f in range(F):
            out[:, f, i, j] = np.sum(window * w[f], axis=(1, 2, 3))
out += b[:, None, None]
""",
    ],
    CONV_BACK: [
        """\
H_out, W_out = dout.shape[2], dout.shape[3]
x_padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
dx_padded = np.zeros_like(x_padded)
dw = np.zeros_like(w)
db = np.zeros_like(b)
for n in range(N):
    for f in range(F):
        db[f] += np.sum(dout[n, f])
        for i in range(H_out):
            for j in range(W_out):
                top = i * stride
                left = j * stride
                window = x_padded[n, :, top : top + HH, left : left + WW]
                dw[f] += window * dout[n, f, i, j]
                dx_padded[n, :, top : top + HH, left : left + WW] += w[f] * dout[n, f, i, j]
dx = dx_padded[:, :, pad : pad + H, pad : pad + W]
""",
        """\
H_out, W_out = dout.shape[2:]
x_padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
dx_padded = np.zeros_like(x_padded)
dw = np.zeros_like(w)
db = np.sum(dout, axis=(0, 2, 3))
for i in range(H_out):
    for j in range(W_out):
        window = x_padded[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
        for f in range(F):
            dw[f] += np.sum(window * dout[:, f, i, j][:, None, None, None], axis=0)
        for n in range(N):
            dx_padded[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW] += np.sum(
                w * dout[n, :, i, j][:, None, None, None], axis=0)
dx = dx_padded[:, :, pad : H + pad, pad : W + pad]
""",
    ],
    POOL: [
        """\
H_out = 1 + (H - pool_height) // stride
W_out = 1 + (W - pool_width) // stride
out = np.zeros((N, C, H_out, W_out))
for n in range(N):
    for c in range(C):
        for i in range(H_out):
            for j in range(W_out):
                top = i * stride
                left = j * stride
                window = x[n, c, top : top + pool_height, left : left + pool_width]
                out[n, c, i, j] = np.max(window)
""",
    ],
    POOL_BACK: [
        """\
H_out, W_out = dout.shape[2], dout.shape[3]
dx = np.zeros_like(x)
for n in range(N):
    for c in range(C):
        for i in range(H_out):
            for j in range(W_out):
                top = i * stride
                left = j * stride
                window = x[n, c, top : top + pool_height, left : left + pool_width]
                mask = window == np.max(window)
                dx[n, c, top : top + pool_height, left : left + pool_width] += (
                    mask * dout[n, c, i, j])
""",
        """\
H_out, W_out = dout.shape[2], dout.shape[3]
dx = np.zeros_like(x)
for n in range(N):
    for c in range(C):
        for i in range(H_out):
            for j in range(W_out):
                window = x[n, c, i * stride : i * stride + pool_height,
                           j * stride : j * stride + pool_width]
                row, column = np.unravel_index(np.argmax(window), window.shape)
                dx[n, c, i * stride + row, j * stride + column] += dout[n, c, i, j]
""",
        """\
H_out, W_out = dout.shape[2:]
dx = np.zeros_like(x)
for i in range(H_out):
    for j in range(W_out):
        window = x[:, :, i * stride : i * stride + pool_height,
                   j * stride : j * stride + pool_width]
        largest = np.max(window, axis=(2, 3))
        mask = window == largest[:, :, None, None]
        dx[:, :, i * stride : i * stride + pool_height,
           j * stride : j * stride + pool_width] += mask * dout[:, :, i, j][:, :, None, None]
""",
    ],
    BATCH: [
        """\
last = np.moveaxis(x, 1, -1)
pixels = last.reshape(N * H * W, C)
normalized, cache = batchnorm_forward(pixels, gamma, beta, bn_param)
out = normalized.reshape(N, H, W, C).transpose(0, 3, 1, 2)
""",
        """\
pixels = x.transpose(1, 0, 2, 3).reshape(C, N * H * W).T
normalized, cache = batchnorm_forward(pixels, gamma, beta, bn_param)
out = normalized.T.reshape(C, N, H, W).transpose(1, 0, 2, 3)
""",
        """\
mode = bn_param["mode"]
eps = bn_param.get("eps", 1e-5)
momentum = bn_param.get("momentum", 0.9)
running_mean = bn_param.get("running_mean", np.zeros(C, dtype=x.dtype))
running_var = bn_param.get("running_var", np.zeros(C, dtype=x.dtype))
cache = None
if mode == "train":
    mean = x.mean(axis=(0, 2, 3))
    var = x.var(axis=(0, 2, 3))
    x_hat = (x - mean[:, None, None]) / np.sqrt(var + eps)[:, None, None]
    running_mean = momentum * running_mean + (1 - momentum) * mean
    running_var = momentum * running_var + (1 - momentum) * var
    std = np.sqrt(var + eps)
    cache = (x_hat.transpose(0, 2, 3, 1).reshape(-1, C), std, gamma)
else:
    x_hat = (x - running_mean[:, None, None]) / np.sqrt(running_var + eps)[:, None, None]
out = gamma[:, None, None] * x_hat + beta[:, None, None]
bn_param["running_mean"] = running_mean
bn_param["running_var"] = running_var
""",
    ],
    BATCH_BACK: [
        """\
dpixels = dout.transpose(0, 2, 3, 1).reshape(N * H * W, C)
dlast, dgamma, dbeta = batchnorm_backward(dpixels, cache)
dx = dlast.reshape(N, H, W, C).transpose(0, 3, 1, 2)
""",
        """\
x_hat, std, gamma = cache
x_hat = x_hat.reshape(N, H, W, C).transpose(0, 3, 1, 2)
dbeta = np.sum(dout, axis=(0, 2, 3))
dgamma = np.sum(dout * x_hat, axis=(0, 2, 3))
dx_hat = dout * gamma[:, None, None]
dx = (dx_hat - dx_hat.mean(axis=(0, 2, 3), keepdims=True)
      - x_hat * (dx_hat * x_hat).mean(axis=(0, 2, 3), keepdims=True)) / std[:, None, None]
""",
    ],
    GROUP: [
        """\
groups = x.reshape(N, G, C // G, H, W)
mean = groups.mean(axis=(2, 3, 4), keepdims=True)
var = groups.var(axis=(2, 3, 4), keepdims=True)
std = np.sqrt(var + eps)
x_hat = ((groups - mean) / std).reshape(N, C, H, W)
out = gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)
cache = (x_hat, std.reshape(N, G, 1), gamma, beta)
""",
        """\
groups = x.reshape(N * G, C // G * H * W).T
mean = np.mean(groups, axis=0)
var = np.var(groups, axis=0)
std = np.sqrt(var + eps)
x_hat = (groups - mean) / std
x_hat = x_hat.T.reshape(N, C, H, W)
out = x_hat * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1)
cache = (x_hat, std.reshape(N, G, 1), gamma, beta)
""",
        """\
out = np.zeros((N, C, H, W), dtype=x.dtype)
size = C // G
x_hat = np.zeros_like(out)
std = np.zeros((N, G, 1), dtype=x.dtype)
for n in range(N):
    for g in range(G):
        group = x[n, g * size : (g + 1) * size]
        mean = group.mean()
        var = group.var()
        x_hat[n, g * size : (g + 1) * size] = (group - mean) / np.sqrt(var + eps)
        std[n, g] = np.sqrt(var + eps)
out = gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)
cache = (x_hat, std, gamma, beta)
""",
    ],
    GROUP_BACK: [
        """\
x_hat, std, gamma, beta = cache
G = std.shape[1]
dbeta = np.sum(dout, axis=(0, 2, 3)).reshape(beta.shape)
dgamma = np.sum(dout * x_hat, axis=(0, 2, 3)).reshape(gamma.shape)
dx_hat = dout * gamma.reshape(1, C, 1, 1)
dx_hat = dx_hat.reshape(N, G, C // G * H * W)
x_hat = x_hat.reshape(N, G, C // G * H * W)
size = C // G * H * W
sum1 = np.sum(dx_hat, axis=2, keepdims=True)
sum2 = np.sum(dx_hat * x_hat, axis=2, keepdims=True)
dx = (size * dx_hat - sum1 - x_hat * sum2) / (size * std)
dx = dx.reshape(N, C, H, W)
""",
        """\
x_hat, std, gamma, beta = cache
G = std.shape[1]
dbeta = np.sum(dout, axis=(0, 2, 3)).reshape(beta.shape)
dgamma = np.sum(dout * x_hat, axis=(0, 2, 3)).reshape(gamma.shape)
dx_hat = (dout * gamma.reshape(1, C, 1, 1)).reshape(N, G, C // G, H, W)
x_hat = x_hat.reshape(N, G, C // G, H, W)
std = std.reshape(N, G, 1, 1, 1)
dx = (dx_hat - dx_hat.mean(axis=(2, 3, 4), keepdims=True)
      - x_hat * (dx_hat * x_hat).mean(axis=(2, 3, 4), keepdims=True)) / std
dx = dx.reshape(N, C, H, W)
""",
    ],
}

WORDS = {
    "": {
        "H_out": "the height of the output",
        "W_out": "the width of the output",
        "dout.shape[2]": "the height of the output",
        "dout.shape[3]": "the width of the output",
        "x_padded": "the padded x",
        "top": "the window's top edge",
        "left": "the window's left edge",
        "i * stride": "the window's top edge",
        "j * stride": "the window's left edge",
        "window": "the window",
        "x_padded[window]": "the window",
        "filters": "the filters",
        "size": "the number of values in a window",
        "dstop": "dout at one position",
        "dfilters": "dw",
        "dx_padded": "the gradient of the padded x",
        "winner": "the place of the largest number",
        "row": "the row of the largest number",
        "column": "the column of the largest number",
        "largest": "the largest number",
        "mask": "the mask",
        "pixels": "the pixels in rows",
        "last": "x with its channels last",
        "normalized": "the normalised values",
        "dpixels": "dout as pixels in rows",
        "dlast": "dx as pixels in rows",
        "groups": "the groups",
        "group": "the group",
        "H": "H",
        "W": "W",
        "HH": "HH",
        "WW": "WW",
        "C": "C",
        "F": "F",
        "G": "G",
        "N": "N",
        "C // G": "the number of channels in a group",
        "pad": "pad",
        "2 * pad": "the padding",
        "stride": "stride",
        "pool_height": "pool_height",
        "pool_width": "pool_width",
        "gamma.reshape(1, C, 1, 1)": "gamma",
        "beta.reshape(1, C, 1, 1)": "beta",
        "gamma[:, None, None]": "gamma",
        "beta[:, None, None]": "beta",
        "b[f]": "the bias",
        "b[:, None, None]": "the bias",
        "w[f]": "the filter",
    },
    GROUP_BACK: {
        "size": "the size of a group",
        "members": "gamma by group",
        "dshifts": "dout summed over positions",
        "dscales": "dout times the normalised x, summed over positions",
    },
    GROUP: {"size": "the number of channels in a group"},
}

VALUES = {
    CONV: {
        "x_padded": [
            ("np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))", "a padding of 1"),
            ("np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode='edge')",
             "the border's values"),
            ("np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode='reflect')",
             "the image mirrored"),
            ("np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))", "zeros on two sides only"),
            ("np.pad(x, ((0, 0), (0, 0), (2 * pad, 0), (2 * pad, 0)))", "zeros on two sides only"),
            ("np.pad(x, ((0, 0), (0, 0), (pad, pad), (0, 0)))", "zeros above and below only"),
            ("np.pad(x, ((0, 0), (0, 0), (0, 0), (pad, pad)))", "zeros to the left and right only"),
            ("np.pad(x, ((0, 0), (pad, pad), (pad, pad), (pad, pad)))", "padded channels"),
            ("np.pad(x, pad)", "four padded axes"),
            ("x", "x without padding"),
        ],
        "H_out": [
            ("1 + (H - HH) // stride", "a height without padding"),
            ("1 + (H + pad - HH) // stride", "a height with half the padding"),
            ("(H + 2 * pad - HH) // stride", "one less"),
            ("1 + (H + 2 * pad - HH)", "a height without the stride"),
            ("1 + (W + 2 * pad - HH) // stride", "a height from W"),
            ("1 + (H + 2 * pad - WW) // stride", "a height from WW"),
            ("-(-(H + 2 * pad - HH) // stride) + 1", "a height that is rounded up"),
        ],
        "W_out": [
            ("1 + (W - WW) // stride", "a width without padding"),
            ("1 + (W + pad - WW) // stride", "a width with half the padding"),
            ("(W + 2 * pad - WW) // stride", "one less"),
            ("1 + (W + 2 * pad - WW)", "a width without the stride"),
            ("1 + (H + 2 * pad - WW) // stride", "a width from H"),
            ("1 + (W + 2 * pad - HH) // stride", "a width from HH"),
            ("1 + (H + 2 * pad - HH) // stride", "the height"),
            ("-(-(W + 2 * pad - WW) // stride) + 1", "a width that is rounded up"),
        ],
    },
    CONV_BACK: {
        "x_padded": [
            ("np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))", "a padding of 1"),
            ("np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))", "x without padding"),
        ],
        "dx": [
            ("dx_padded[:, :, 1:-1, 1:-1]", "a padding of 1"),
            ("dx_padded[:, :, pad:-pad, pad:-pad]", "a cut from pad to -pad"),
            ("dx_padded[:, :, pad:, pad:]", "a cut at two sides only"),
            ("dx_padded[:, :, :H, :W]", "a cut at two sides only"),
            ("dx_padded", "a gradient with its padding"),
            ("dx_padded[:, :, 2 * pad :, 2 * pad :]", "a cut at one end only"),
        ],
        "db": [
            ("dout.mean(axis=(0, 2, 3))", "a mean"),
            ("dout.sum(axis=(2, 3)).mean(axis=0)", "a mean over examples"),
            ("dout.sum(axis=(0, 1, 2))", "a sum over other axes"),
            ("dout.sum(axis=(0, 2, 3)) * HH * WW",
             "a bias that is counted once for each weight of a window"),
            ("dout.sum(axis=(0, 2, 3)) * C", "a bias that is counted once for each channel"),
            ("dout.sum(axis=(0, 2, 3)) * C * HH * WW",
             "a bias that is counted once for each weight of a window"),
            ("dout[-1].sum(axis=(1, 2))", "the last image alone"),
            ("dout[:, :, 0, 0].sum(axis=0)", "one position alone"),
        ],
    },
    POOL: {
        "H_out": [
            ("(H - pool_height) // stride", "one less"),
            ("H // stride", "a height that the window has no part in"),
            ("H // pool_height", "windows side by side"),
            ("1 + (H - pool_width) // stride", "a height from pool_width"),
            ("1 + (W - pool_height) // stride", "a height from W"),
            ("-(-(H - pool_height) // stride) + 1", "a height that is rounded up"),
        ],
        "W_out": [
            ("(W - pool_width) // stride", "one less"),
            ("W // stride", "a width that the window has no part in"),
            ("W // pool_width", "windows side by side"),
            ("1 + (W - pool_height) // stride", "a width from pool_height"),
            ("1 + (H - pool_width) // stride", "a width from H"),
            ("1 + (H - pool_height) // stride", "the height"),
            ("-(-(W - pool_width) // stride) + 1", "a width that is rounded up"),
        ],
    },
    GROUP: {
        "groups": [
            ("x.reshape(N, C // G, G * H * W)", "groups of G channels"),
            ("x.reshape(N, C // G, G, H * W).swapaxes(1, 2).reshape(N, G, C // G * H * W)",
             "groups of every G-th channel"),
            ("x.reshape(N, 1, C * H * W)", "one group"),
            ("x.reshape(N, C, H * W)", "a group for each channel"),
        ],
    },
    GROUP_BACK: {
        "dgamma": [
            ("(dout * x_hat).mean(axis=(0, 2, 3)).reshape(gamma.shape)", "a mean"),
            ("(dout * x_hat).sum(axis=(0, 2, 3), keepdims=True)", "an array of four axes"),
            ("(dout * x_hat).sum(axis=(0, 2, 3))", "an array of one axis"),
            ("(dout * x_hat).sum(axis=(0, 1, 2, 3)) * np.ones(gamma.shape)",
             "one number for all channels"),
        ],
        "dbeta": [
            ("dout.mean(axis=(0, 2, 3)).reshape(beta.shape)", "a mean"),
            ("dout.sum(axis=(0, 2, 3), keepdims=True)", "an array of four axes"),
            ("dout.sum(axis=(0, 2, 3))", "an array of one axis"),
            ("dout.sum(axis=(0, 1, 2, 3)) * np.ones(beta.shape)", "one number for all channels"),
        ],
    },
}  # fmt: skip
