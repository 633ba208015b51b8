"""Makes statistics.json: Student t quantiles by integrating the density, and blocked means by least squares on indicator columns.

python3 make-statistics.py > statistics.json          (needs numpy)
"""
import json
import math

import numpy as np


def central_probability(t, df, steps=200_000):
    """P(|T| < t) by Simpson's rule on the density."""
    x = np.linspace(0.0, t, 2 * steps + 1)
    log_scale = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    y = np.exp(log_scale - (df + 1) / 2 * np.log1p(x * x / df))
    return 2 * (t / (2 * steps)) / 3 * float(y[0] + y[-1] + 4 * y[1::2].sum() + 2 * y[2:-1:2].sum())


def quantile(confidence, df):
    low, high = 0.0, 200.0
    for _ in range(60):
        middle = (low + high) / 2
        if central_probability(middle, df, 20_000) < confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def blocked(blocks):
    """Mean of the block means, by a linear model with an indicator a block."""
    y = np.concatenate([np.asarray(b, float) for b in blocks])
    x = np.zeros((len(y), len(blocks)))
    row = 0
    for column, block in enumerate(blocks):
        x[row : row + len(block), column] = 1
        row += len(block)
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    df = len(y) - len(blocks)
    variance = float(((y - x @ beta) ** 2).sum()) / df
    contrast = np.full(len(blocks), 1 / len(blocks))
    error = math.sqrt(variance * float(contrast @ np.linalg.inv(x.T @ x) @ contrast))
    mean = float(contrast @ beta)
    reach = quantile(0.95, df) * error
    return {"blocks": [list(map(float, b)) for b in blocks], "mean": mean, "deviation": math.sqrt(variance), "degreesOfFreedom": df,
            "low": mean - reach, "high": mean + reach}


rng = np.random.default_rng(1)
samples = [
    [[0.721, 0.734, 0.715]],
    [[0.01, -0.02, 0.005, 0.013]],
    [list(map(lambda v: round(float(v), 4), rng.normal(0.1 * b, 0.02, size=3))) for b in range(6)],
    [list(map(lambda v: round(float(v), 4), rng.normal(-0.05 * b, 0.03, size=n))) for b, n in enumerate([3, 1, 2, 5])],
]
print(json.dumps({
    "quantiles": [{"confidence": c, "degreesOfFreedom": df, "t": quantile(c, df)} for c in (0.8, 0.95, 0.99) for df in (1, 2, 3, 4, 7, 12, 25, 60)],
    "means": [blocked(b) for b in samples],
}, indent=1))
