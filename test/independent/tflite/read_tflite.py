"""Runs tflite files in LiteRT, with XNNPACK and without, and in OpenVINO.

A line of stdin is the path of a folder that holds model.tflite, images.bin (float32, NHWC) and logits.bin (float32). A line of stdout answers it:
{"signature": ["images", "logits"], "shape": [-1, h, w, c], "xnnpack": D, "kernels": D, "openvino": D}, where D is the largest difference as a
share of the largest expected value or of 1, or {"problem": TEXT} where a reader refuses the file. LiteRT's loader runs FlatBuffers' verifier
over every file ("The model is not a valid Flatbuffer"). The batch is resized to the number of images. Images of more than 64 lines are not
given to the kernels without XNNPACK, which take their time: D is 0.
"""

import json
import os
import sys

import numpy as np
import openvino
from ai_edge_litert.interpreter import Interpreter, OpResolverType


def difference(actual, expected):
    if actual.shape != expected.shape or not np.isfinite(actual).all():
        return 1e9
    return float(np.abs(actual - expected).max() / max(1, np.abs(expected).max()))


def run_litert(path, images, resolver):
    interpreter = Interpreter(model_path=path, num_threads=1, experimental_op_resolver_type=resolver)
    interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], images.shape, strict=True)
    return interpreter.get_signature_runner("serving_default")(images=images)["logits"]


def run_openvino(core, path, images):
    precise = {"INFERENCE_PRECISION_HINT": "f32"}  # some CPUs would compute in bfloat16
    compiled = core.compile_model(core.read_model(path), "CPU", precise)
    return compiled({"images": images})["logits"]


def read(folder, core):
    path = os.path.join(folder, "model.tflite")
    interpreter = Interpreter(model_path=path)
    [details] = interpreter.get_input_details()
    signature = interpreter.get_signature_list()["serving_default"]
    images = np.fromfile(os.path.join(folder, "images.bin"), np.float32).reshape(-1, *details["shape"][1:])
    logits = np.fromfile(os.path.join(folder, "logits.bin"), np.float32).reshape(len(images), -1)
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    return {
        "signature": [*signature["inputs"], *signature["outputs"]],
        "shape": details["shape_signature"].tolist(),
        "xnnpack": difference(run_litert(path, images, OpResolverType.AUTO), logits),
        "kernels": 0 if images.shape[1] > 64 else difference(run_litert(path, images, plain), logits),
        "openvino": difference(run_openvino(core, path, images), logits),
    }


# TFLite's own lines go to stdout, where answers belong.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
core = openvino.Core()
for line in sys.stdin:
    try:
        answer = read(line.strip(), core)
    except Exception as error:
        answer = {"problem": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), file=answers, flush=True)
