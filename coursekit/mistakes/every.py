"""All known mistakes, in the order of the notebooks.

Of two mistakes that no check can tell apart the one that stands first is named first.
"""

from . import affine, batchnorm, convolution, dropout, layernorm, nets, optimizers, spatial

MISTAKES = (
    *affine.MISTAKES,
    *nets.MISTAKES,
    *optimizers.MISTAKES,
    *batchnorm.MISTAKES,
    *layernorm.MISTAKES,
    *dropout.MISTAKES,
    *convolution.MISTAKES,
    *spatial.MISTAKES,
)
