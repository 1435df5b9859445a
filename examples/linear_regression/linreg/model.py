"""A line through points of any dimension, and how to fit it."""


def predict(X, w, b):
    """Predict a number for each example.

    Inputs:
    - X: examples, ndarray of shape (N, D)
    - w: weights, ndarray of shape (D,)
    - b: intercept, a number

    Returns the predictions, ndarray of shape (N,).
    """
    # TODO: compute the predictions.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    predictions = X @ w + b
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return predictions


def loss(X, y, w, b):
    """Return the mean squared error of the predictions for X, where y are the true values."""
    return ((predict(X, w, b) - y) ** 2).mean()


def gradient(X, y, w, b):
    """Return the gradient of the loss.

    Inputs:
    - X: examples, ndarray of shape (N, D)
    - y: their true values, ndarray of shape (N,)
    - w, b: weights and intercept, as in `predict`

    Returns (dw, db), in the shapes of w and b.
    """
    # TODO: compute dw and db.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    dpredictions = 2 / len(X) * (predict(X, w, b) - y)
    dw = X.T @ dpredictions
    db = dpredictions.sum()
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dw, db


def fit(X, y, *, learning_rate=0.1, steps=200):
    """Fit a line by gradient descent, from weights of zero. Returns w and b."""
    w, b = 0 * X[0], 0.0
    for _ in range(steps):
        dw, db = gradient(X, y, w, b)
        w, b = w - learning_rate * dw, b - learning_rate * db
    return w, b
