"""Runs SavedModels in TensorFlow's own Python and says how far their logits are from those expected.

A line of stdin is the path of a folder that holds model/ (the SavedModel), images.bin and logits.bin (float32, row-major). A line of stdout
answers it: {"input": [h, w, c], "difference": D, "alone": D}, where D is the largest difference as a share of the largest expected value or
of 1: of all images in one call, and of the first image by itself.
"""

import gc
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf


def difference(actual, expected):
    if actual.shape != expected.shape or not np.isfinite(actual).all():
        return 1e9
    return float(np.abs(actual - expected).max() / max(1, np.abs(expected).max()))


def read(folder):
    model = tf.saved_model.load(os.path.join(folder, "model"))
    infer = model.signatures["serving_default"]
    (spec,) = infer.structured_input_signature[1].values()
    shape = spec.shape.as_list()[1:]
    images = np.fromfile(os.path.join(folder, "images.bin"), np.float32).reshape(-1, *shape)
    logits = np.fromfile(os.path.join(folder, "logits.bin"), np.float32).reshape(len(images), -1)
    run = lambda batch: infer(images=tf.constant(batch))["logits"].numpy()
    return {"input": shape, "difference": difference(run(images), logits), "alone": difference(run(images[:1]), logits[:1])}


for line in sys.stdin:
    print(json.dumps(read(line.strip())), flush=True)
    gc.collect()  # a loaded graph is held by a cycle
