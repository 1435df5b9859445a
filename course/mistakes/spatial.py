"""Mistakes in batch and group normalisation of images."""

from coursekit.mutants import ALL, mistake

BATCH, BATCH_BACKWARD = "spatial_batchnorm_forward", "spatial_batchnorm_backward"
GROUP, GROUP_BACKWARD = "spatial_groupnorm_forward", "spatial_groupnorm_backward"

MISTAKES = (
    mistake(BATCH, "reshape without transpose", "x.transpose(0, 2, 3, 1).reshape(-1, C)",
            "x.reshape(-1, C)", ".reshape(N, H, W, C).transpose(0, 3, 1, 2)", ".reshape(x.shape)",
            sentence="The output has the right shape, and pixels of different channels have "
                     "shared a mean. Which axis has to be last before N, H and W can be run "
                     "together?"),
    mistake(BATCH, "transposed back wrongly", ".reshape(N, H, W, C).transpose(0, 3, 1, 2)",
            ".reshape(N, W, H, C).transpose(0, 3, 2, 1)",
            sentence="The values are right, and height and width have changed places on the "
                     "way back. Undo each step, the last one first."),
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
                     "mode of bn_param does not reach the normalisation."),
    mistake(BATCH, "takes images for square", "reshape(N, H, W, C)", "reshape(N, H, H, C)",
            sentence="Square images work, and others do not. Which length is used twice?"),
    mistake(BATCH_BACKWARD, "reshape without transpose",
            "dout.transpose(0, 2, 3, 1).reshape(-1, C)", "dout.reshape(-1, C)",
            ".reshape(N, H, W, C).transpose(0, 3, 1, 2)", ".reshape(dout.shape)",
            sentence="The gradients have the right shape, and pixels of different channels are"
                     " mixed in them. How were the axes laid out on the way up?"),
    mistake(BATCH_BACKWARD, "transposed back wrongly", ".reshape(N, H, W, C).transpose(0, 3, 1, 2)",
            ".reshape(N, W, H, C).transpose(0, 3, 2, 1)",
            sentence="The values are right, and height and width have changed places on the "
                     "way back. Undo each step, the last one first."),
    mistake(BATCH_BACKWARD, "dgamma and dbeta swapped", "dx, dgamma, dbeta =",
            "dx, dbeta, dgamma =",
            sentence="Your dgamma is what dbeta should be, and the other way round."),
    mistake(GROUP, "groups of every G-th channel", "x.reshape(N, G, C // G * H * W)",
            "x.reshape(N, C // G, G, H, W).swapaxes(1, 2).reshape(N, G, C // G * H * W)",
            "(centered / std).reshape(x.shape)",
            "(centered / std).reshape(N, G, C // G, H, W).swapaxes(1, 2).reshape(x.shape)",
            sentence="Each group takes every G-th channel, where it should take neighbours."),
    mistake(GROUP, "G and C / G mixed up", "x.reshape(N, G, C // G * H * W)",
            "x.reshape(N, C // G, G * H * W)",
            sentence="It fits where there are as many groups as channels in a group. Is G the "
                     "number of groups, or their size?"),
    mistake(GROUP, "statistics over the batch too",
            "groups.mean(axis=2,", "groups.mean(axis=(0, 2),",
            "(centered**2).mean(axis=2,", "(centered**2).mean(axis=(0, 2),",
            sentence="Images share their statistics: the answer for one changes with the "
                     "others of its minibatch."),
    mistake(GROUP, "statistics of each channel", "groups = x.reshape(N, G, C // G * H * W)",
            "groups = x.reshape(N, C, H * W)",
            sentence="Each channel is normalised by itself, as if there were as many groups as"
                     " channels."),
    mistake(GROUP, "the eps of gn_param ignored", "var + eps", "var + 1e-5",
            sentence="It fits for the usual eps and for no other: where does the setting in "
                     "gn_param come in?"),
    mistake(GROUP, "unbiased variance", "(centered**2).mean(axis=2, keepdims=True)",
            "(centered**2).sum(axis=2, keepdims=True) / (groups.shape[2] - 1)",
            sentence="Your variance is slightly too large, by a factor of n / (n - 1) for n "
                     "numbers in a group. Which of the two estimates of a variance is used?"),
    mistake(GROUP, "rejects gamma of shape (C,)",
            "gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)", "gamma * x_hat + beta",
            sentence="Gamma and beta of shape (1, C, 1, 1) work, and those of shape (C,) do "
                     "not. Both are in use; how can either be lined up with the channels?"),
    mistake(GROUP, "gamma and beta left out",
            "gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)", "x_hat",
            sentence="Your out has mean 0 and deviation 1 in each group whatever gamma and "
                     "beta say."),
    mistake(GROUP_BACKWARD, "dgamma always of shape (C,)", ".reshape(gamma.shape)", "",
            sentence="Your dgamma has the right numbers, in one shape for all cases. A "
                     "gradient has the shape of what it belongs to."),
    mistake(GROUP_BACKWARD, "dbeta always of shape (1, C, 1, 1)", ".reshape(beta.shape)",
            ".reshape(1, C, 1, 1)",
            sentence="Your dbeta has the right numbers, in one shape for all cases. A gradient"
                     " has the shape of what it belongs to."),
    mistake(GROUP_BACKWARD, "gamma forgotten in dx",
            "dout * gamma.reshape(1, C, 1, 1)", "dout * 1",
            sentence="Your dx fits where gamma is 1, and nowhere else."),
    mistake(GROUP_BACKWARD, "variance path left out", " - x_hat * through_var", "",
            sentence="Your dgamma and dbeta are right, and dx treats each group's deviation as"
                     " a constant."),
    mistake(GROUP_BACKWARD, "mean path left out", " - through_mean", "",
            sentence="The groups of your dx do not sum to zero. Adding the same to all of a "
                     "group changes nothing: which path makes up for that?"),
    mistake(GROUP_BACKWARD, "divides by the number of channels in a group only",
            "dshifts.reshape(N, G, C // G)).sum(axis=2, keepdims=True) / size",
            "dshifts.reshape(N, G, C // G)).sum(axis=2, keepdims=True) / (C // G)",
            sentence="A mean in your dx is too large: it is a sum over channels, height and "
                     "width. How many numbers are there in a group?"),
)  # fmt: skip
