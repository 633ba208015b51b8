"""Times Python's onnxruntime, for onnxruntime-python.ts.

The first line of stdin is {"path": FILE, "threads": N, "batch": N}; it is answered by the version. Each further line is a number of
repetitions, answered by a JSON list of the milliseconds of each.
"""

import json
import sys
import time

import numpy as np
import onnxruntime

setup = json.loads(sys.stdin.readline())
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = setup["threads"]
options.log_severity_level = 3
session = onnxruntime.InferenceSession(setup["path"], options, providers=["CPUExecutionProvider"])
channels, height, width = session.get_inputs()[0].shape[1:]
images = np.random.default_rng(0).uniform(-1, 1, (setup["batch"], channels, height, width)).astype(np.float32)
print(onnxruntime.__version__, flush=True)
for line in sys.stdin:
    samples = []
    for _ in range(int(line)):
        start = time.perf_counter()
        session.run(["logits"], {"images": images})
        samples.append((time.perf_counter() - start) * 1000)
    print(json.dumps(samples), flush=True)
