"""Mistakes in batch and group normalisation of images."""

from coursekit.mutants import ALL, mistake

BATCH, BATCH_BACKWARD = "spatial_batchnorm_forward", "spatial_batchnorm_backward"
GROUP, GROUP_BACKWARD = "spatial_groupnorm_forward", "spatial_groupnorm_backward"

MISTAKES = (
    mistake(BATCH, "reshape without transpose", "x.transpose(0, 2, 3, 1).reshape(-1, C)",
            "x.reshape(-1, C)", ".reshape(N, H, W, C).transpose(0, 3, 1, 2)", ".reshape(x.shape)",
            sentence="Pixels of different channels have shared a mean. Which axis has to be last "
                     "before N, H and W can be merged?",
            also=[
                "flat, cache = batchnorm_forward(x.reshape(N * H * W, C), gamma, beta, "
                "bn_param)\n"
                "out = flat.reshape(N, C, H, W)\n",
            ]),
    mistake(BATCH, "transposed back wrongly", ".reshape(N, H, W, C).transpose(0, 3, 1, 2)",
            ".reshape(N, W, H, C).transpose(0, 3, 2, 1)",
            sentence="Height and width have changed places in the result. Undo each step, the "
                     "last one first."),
    mistake(BATCH, "a running statistic for each position", ALL,
            "flat = x.reshape(N, -1)\n"
            "out, cache = batchnorm_forward(\n"
            "    flat, np.repeat(gamma, H * W), np.repeat(beta, H * W),\n"
            "    {k: v for k, v in bn_param.items() if not k.startswith('running')})\n"
            "out = out.reshape(x.shape)\n",
            sentence="There is a mean for each pixel, where there should be one for each "
                     "channel."),
    mistake(BATCH, "channels one by one through one bn_param", ALL,
            "out, cache = np.empty_like(x), []\n"
            "for c in range(C):\n"
            "    if 'running_mean' in bn_param:\n"
            "        bn_param['running_mean'] = bn_param['running_mean'][:1]\n"
            "        bn_param['running_var'] = bn_param['running_var'][:1]\n"
            "    one, part = batchnorm_forward(\n"
            "        x[:, c].reshape(-1, 1), gamma[c : c + 1], beta[c : c + 1], bn_param)\n"
            "    out[:, c] = one.reshape(N, H, W)\n"
            "    cache.append(part)\n",
            sentence="The running averages are not those of C channels, each with its own. How"
                     " many numbers should running_mean hold after the call?"),
    mistake(BATCH, "always in mode train", "batchnorm_forward(pixels, gamma, beta, bn_param)",
            'batchnorm_forward(pixels, gamma, beta, {**bn_param, "mode": "train"})',
            sentence="At test time the answer for one image still depends on the others: the "
                     "mode of bn_param does not reach the normalisation.",
            also=[
                (1, "gamma, beta, bn_param)", "gamma, beta, dict(bn_param, mode='train'))"),
            ]),
    mistake(BATCH, "takes images for square", "reshape(N, H, W, C)", "reshape(N, H, H, C)",
            sentence="Square images work, and others do not. Which length is used twice?",
            also=[
                (1, ".reshape(N, H, W, C)", ".reshape(N, W, W, C)"),
            ]),
    mistake(BATCH_BACKWARD, "reshape without transpose",
            "dout.transpose(0, 2, 3, 1).reshape(-1, C)", "dout.reshape(-1, C)",
            ".reshape(N, H, W, C).transpose(0, 3, 1, 2)", ".reshape(dout.shape)",
            sentence="Pixels of different channels are mixed in your gradients. How were the axes "
                     "laid out in the forward pass?",
            also=[
                "dx, dgamma, dbeta = batchnorm_backward_alt(dout.reshape(N * H * W, C), "
                "cache)\n"
                "dx = dx.reshape(N, C, H, W)\n",
            ]),
    mistake(BATCH_BACKWARD, "transposed back wrongly", ".reshape(N, H, W, C).transpose(0, 3, 1, 2)",
            ".reshape(N, W, H, C).transpose(0, 3, 2, 1)",
            sentence="Height and width have changed places in the result. Undo each step, the "
                     "last one first."),
    mistake(BATCH_BACKWARD, "dgamma and dbeta swapped", "dx, dgamma, dbeta =",
            "dx, dbeta, dgamma =",
            sentence="Your dgamma is what dbeta should be, and the other way round.",
            also=[
                (1, "dlast, dgamma, dbeta =", "dlast, dbeta, dgamma ="),
            ]),
    mistake(GROUP, "groups of every G-th channel", "x.reshape(N, G, C // G * H * W)",
            "x.reshape(N, C // G, G, H, W).swapaxes(1, 2).reshape(N, G, C // G * H * W)",
            "(centered / std).reshape(x.shape)",
            "(centered / std).reshape(N, G, C // G, H, W).swapaxes(1, 2).reshape(x.shape)",
            sentence="Each group takes every G-th channel, where it should take neighbours."),
    mistake(GROUP, "G and C / G mixed up", "x.reshape(N, G, C // G * H * W)",
            "x.reshape(N, C // G, G * H * W)",
            sentence="It is right only where there are as many groups as channels in a group. Is "
                     "G the number of groups, or their size?",
            also=[
                (3,
                 "size = C // G",
                 "size, G = G, C // G",
                 "std = np.zeros((N, G, 1)",
                 "std = np.zeros((N, G, 1)"),
            ]),
    mistake(GROUP, "statistics over the batch too",
            "groups.mean(axis=2,", "groups.mean(axis=(0, 2),",
            "(centered**2).mean(axis=2,", "(centered**2).mean(axis=(0, 2),",
            sentence="Images share their statistics: the answer for one changes with the "
                     "others of its minibatch.",
            also=[
                (1,
                 "groups.mean(axis=(2, 3, 4), keepdims=True)",
                 "groups.mean(axis=(0, 2, 3, 4), keepdims=True)",
                 "groups.var(axis=(2, 3, 4), keepdims=True)",
                 "groups.var(axis=(0, 2, 3, 4), keepdims=True)"),
            ]),
    mistake(GROUP, "statistics of each channel", "groups = x.reshape(N, G, C // G * H * W)",
            "groups = x.reshape(N, C, H * W)",
            sentence="Each channel is normalised by itself, as if there were as many groups as"
                     " channels.",
            also=[
                (1,
                 "groups.mean(axis=(2, 3, 4), keepdims=True)",
                 "groups.mean(axis=(3, 4), keepdims=True)",
                 "groups.var(axis=(2, 3, 4), keepdims=True)",
                 "groups.var(axis=(3, 4), keepdims=True)"),
            ]),
    mistake(GROUP, "the eps of gn_param ignored", "var + eps", "var + 1e-5",
            sentence="It is right only for the usual eps: where does the setting in gn_param come "
                     "in?",
            also=[
                (1,
                 "std = np",
                 "eps = 1e-5\n"
                 "std = np"),
                (1,
                 "std = np",
                 "eps = 1e-8\n"
                 "std = np"),
            ]),
    mistake(GROUP, "unbiased variance", "(centered**2).mean(axis=2, keepdims=True)",
            "(centered**2).sum(axis=2, keepdims=True) / (groups.shape[2] - 1)",
            sentence="Your variance is slightly too large, by a factor of n / (n - 1) for n "
                     "numbers in a group. Which of the two estimates of a variance is used?",
            also=[
                (1,
                 "keepdims=True)\n"
                 "std",
                 "keepdims=True, ddof=1)\n"
                 "std"),
            ]),
    mistake(GROUP, "rejects gamma of shape (C,)",
            "gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)", "gamma * x_hat + beta",
            sentence="Gamma and beta of shape (1, C, 1, 1) work, and those of shape (C,) do "
                     "not. Both are in use; how can either be lined up with the channels?",
            also=[
                (1,
                 "gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)",
                 "x_hat * gamma + beta"),
            ]),
    mistake(GROUP, "gamma and beta left out",
            "gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)", "x_hat",
            sentence="Your out has mean 0 and standard deviation 1 in each group whatever gamma "
                     "and beta say.",
            also=[
                (1, "gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)", "x_hat"),
            ]),
    mistake(GROUP_BACKWARD, "dgamma always of shape (C,)", ".reshape(gamma.shape)", "",
            sentence="Your dgamma has the right numbers, in one shape for all cases. A "
                     "gradient has the shape of what it belongs to.",
            also=[
                (1,
                 "np.sum(dout * x_hat, axis=(0, 2, 3)).reshape(gamma.shape)",
                 "np.sum(dout * x_hat, axis=(0, 2, 3))"),
            ]),
    mistake(GROUP_BACKWARD, "dbeta always of shape (1, C, 1, 1)", ".reshape(beta.shape)",
            ".reshape(1, C, 1, 1)",
            sentence="Your dbeta has the right numbers, in one shape for all cases. A gradient"
                     " has the shape of what it belongs to.",
            also=[
                (1,
                 "np.sum(dout, axis=(0, 2, 3)).reshape(beta.shape)",
                 "np.sum(dout, axis=(0, 2, 3), keepdims=True)"),
            ]),
    mistake(GROUP_BACKWARD, "gamma forgotten in dx",
            "dout * gamma.reshape(1, C, 1, 1)", "dout * 1",
            sentence="Your dx is right only where gamma is 1. Where does gamma come in?",
            also=[
                (1, "dout * gamma.reshape(1, C, 1, 1)", "dout"),
            ]),
    mistake(GROUP_BACKWARD, "variance path left out", " - x_hat * through_var", "",
            sentence="Your dx treats each group's standard deviation as a constant. But each x "
                     "also moves the variance.",
            also=[
                (1, " - x_hat * sum2", ""),
                (2,
                 "\n"
                 "      - x_hat * (dx_hat * x_hat).mean(axis=(2, 3, 4), keepdims=True)",
                 ""),
            ]),
    mistake(GROUP_BACKWARD, "mean path left out", " - through_mean", "",
            sentence="The groups of your dx do not sum to zero. Adding the same to all of a "
                     "group changes nothing: which path makes up for that?",
            also=[
                (1, " - sum1", ""),
                (2, " - dx_hat.mean(axis=(2, 3, 4), keepdims=True)", ""),
            ]),
    mistake(GROUP_BACKWARD, "divides by the number of channels in a group only",
            "dshifts.reshape(N, G, C // G)).sum(axis=2, keepdims=True) / size",
            "dshifts.reshape(N, G, C // G)).sum(axis=2, keepdims=True) / (C // G)",
            sentence="A mean in your dx is too large: it is a sum over channels, height and "
                     "width. How many numbers are there in a group?"),
    mistake(BATCH, "no eps at test time", "out, cache = batchnorm_forward(pixels,",
            'if bn_param["mode"] == "test":\n'
            "    bn_param = {**bn_param, 'eps': 0}\n"
            "out, cache = batchnorm_forward(pixels,",
            sentence="At test time it is slightly off, most where the running variance is small. "
                     "What was added to the variance in training?",
            also=[(3, "np.sqrt(running_var + eps)", "np.sqrt(running_var)")]),
    mistake(BATCH, "running statistics counted in another dictionary", "beta, bn_param)",
            "beta, dict(bn_param))",
            sentence="The running averages in bn_param stay what they were before the call. In "
                     "which dictionary are they counted?",
            also=[(1, "beta, bn_param)", "beta, {**bn_param})")]),
    mistake(GROUP, "gamma and beta by group",
            "gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)",
            "np.repeat(gamma.ravel()[:G], C // G).reshape(1, C, 1, 1) * x_hat\n"
            "out = out + np.repeat(beta.ravel()[:G], C // G).reshape(1, C, 1, 1)",
            sentence="All channels of a group are scaled and shifted alike. Statistics belong to "
                     "a group here; to what do gamma and beta belong?",
            also=[(3, "out = gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)",
                   "for c in range(C):\n"
                   "    g = c // size\n"
                   "    out[:, c] = gamma.ravel()[g] * x_hat[:, c] + beta.ravel()[g]")]),
)  # fmt: skip
