"""Mistakes in batch and group normalisation of images."""

from .mistake import ALL, mistake

BATCH, BATCH_BACKWARD = "spatial_batchnorm_forward", "spatial_batchnorm_backward"
GROUP, GROUP_BACKWARD = "spatial_groupnorm_forward", "spatial_groupnorm_backward"

MISTAKES = (
    mistake(BATCH, "reshape without transpose", "x.transpose(0, 2, 3, 1).reshape(-1, C)",
            "x.reshape(-1, C)", ".reshape(N, H, W, C).transpose(0, 3, 1, 2)", ".reshape(x.shape)"),
    mistake(BATCH, "transposed back wrongly", ".reshape(N, H, W, C).transpose(0, 3, 1, 2)",
            ".reshape(N, W, H, C).transpose(0, 3, 2, 1)"),
    mistake(BATCH, "a running statistic for each position", ALL,
            "flat = x.reshape(N, -1)\n"
            "out, cache = batchnorm_forward(\n"
            "    flat, np.repeat(gamma, H * W), np.repeat(beta, H * W),\n"
            "    {k: v for k, v in bn_param.items() if not k.startswith('running')})\n"
            "out = out.reshape(x.shape)\n"),
    mistake(BATCH, "channels one by one through one bn_param", ALL,
            "out, cache = np.empty_like(x), []\n"
            "for c in range(C):\n"
            "    if 'running_mean' in bn_param:\n"
            "        bn_param['running_mean'] = bn_param['running_mean'][:1]\n"
            "        bn_param['running_var'] = bn_param['running_var'][:1]\n"
            "    one, part = batchnorm_forward(\n"
            "        x[:, c].reshape(-1, 1), gamma[c : c + 1], beta[c : c + 1], bn_param)\n"
            "    out[:, c] = one.reshape(N, H, W)\n"
            "    cache.append(part)\n"),
    mistake(BATCH, "always in mode train", "batchnorm_forward(pixels, gamma, beta, bn_param)",
            'batchnorm_forward(pixels, gamma, beta, {**bn_param, "mode": "train"})'),
    mistake(BATCH, "takes images for square", "reshape(N, H, W, C)", "reshape(N, H, H, C)"),
    mistake(BATCH_BACKWARD, "reshape without transpose",
            "dout.transpose(0, 2, 3, 1).reshape(-1, C)", "dout.reshape(-1, C)",
            ".reshape(N, H, W, C).transpose(0, 3, 1, 2)", ".reshape(dout.shape)"),
    mistake(BATCH_BACKWARD, "transposed back wrongly", ".reshape(N, H, W, C).transpose(0, 3, 1, 2)",
            ".reshape(N, W, H, C).transpose(0, 3, 2, 1)"),
    mistake(BATCH_BACKWARD, "dgamma and dbeta swapped", "dx, dgamma, dbeta =",
            "dx, dbeta, dgamma ="),
    mistake(GROUP, "groups of every G-th channel", "x.reshape(N, G, C // G * H * W)",
            "x.reshape(N, C // G, G, H, W).swapaxes(1, 2).reshape(N, G, C // G * H * W)",
            "(centered / std).reshape(x.shape)",
            "(centered / std).reshape(N, G, C // G, H, W).swapaxes(1, 2).reshape(x.shape)"),
    mistake(GROUP, "G and C / G mixed up", "x.reshape(N, G, C // G * H * W)",
            "x.reshape(N, C // G, G * H * W)"),
    mistake(GROUP, "statistics over the batch too",
            "groups.mean(axis=2,", "groups.mean(axis=(0, 2),",
            "(centered**2).mean(axis=2,", "(centered**2).mean(axis=(0, 2),"),
    mistake(GROUP, "statistics of each channel", "groups = x.reshape(N, G, C // G * H * W)",
            "groups = x.reshape(N, C, H * W)"),
    mistake(GROUP, "the eps of gn_param ignored", "var + eps", "var + 1e-5"),
    mistake(GROUP, "unbiased variance", "(centered**2).mean(axis=2, keepdims=True)",
            "(centered**2).sum(axis=2, keepdims=True) / (groups.shape[2] - 1)"),
    mistake(GROUP, "rejects gamma of shape (C,)",
            "gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)", "gamma * x_hat + beta"),
    mistake(GROUP, "gamma and beta left out",
            "gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)", "x_hat"),
    mistake(GROUP_BACKWARD, "dgamma always of shape (C,)", ".reshape(gamma.shape)", ""),
    mistake(GROUP_BACKWARD, "dbeta always of shape (1, C, 1, 1)", ".reshape(beta.shape)",
            ".reshape(1, C, 1, 1)"),
    mistake(GROUP_BACKWARD, "gamma forgotten in dx",
            "dout * gamma.reshape(1, C, 1, 1)", "dout * 1"),
    mistake(GROUP_BACKWARD, "variance path left out", " - x_hat * through_var", ""),
    mistake(GROUP_BACKWARD, "mean path left out", " - through_mean", ""),
    mistake(GROUP_BACKWARD, "divides by the number of channels in a group only",
            "dshifts.reshape(N, G, C // G)).sum(axis=2, keepdims=True) / size",
            "dshifts.reshape(N, G, C // G)).sum(axis=2, keepdims=True) / (C // G)"),
)  # fmt: skip
