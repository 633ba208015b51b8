"""Checks ONNX files with ONNX's own checker and runs them in ONNX Runtime and OpenVINO.

A line of stdin is the path of a folder that holds model.onnx, images.bin (float32, NHWC) and logits.bin (float32). A line of stdout answers it:
{"input": [h, w, c], "opset": 17, "dynamic": true, "onnxruntime": D, "openvino": D}, where D is the largest difference as a share of the
largest expected value or of 1, or {"problem": TEXT} where the checker or shape inference refuses the file.
"""

import json
import os
import sys

import numpy as np
import onnx
import onnxruntime
import openvino


def difference(actual, expected):
    if actual.shape != expected.shape or not np.isfinite(actual).all():
        return 1e9
    return float(np.abs(actual - expected).max() / max(1, np.abs(expected).max()))


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    known = {value.name: value for value in [*inferred.graph.value_info, *inferred.graph.output]}
    for name in (name for node in model.graph.node for name in node.output):
        dims = known[name].type.tensor_type.shape.dim if name in known else []
        if not dims or dims[0].dim_param != "batch" or not all(dim.dim_value > 0 for dim in dims[1:]):
            raise ValueError(f"shape inference does not find the shape of {name}")
    return model


def run_onnxruntime(path, images):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(["logits"], {"images": images})[0]


def run_openvino(core, path, images):
    precise = {"INFERENCE_PRECISION_HINT": "f32"}  # some CPUs would compute in bfloat16
    compiled = core.compile_model(core.read_model(path), "CPU", precise)
    return compiled({"images": images})["logits"]


def read(folder, core):
    path = os.path.join(folder, "model.onnx")
    model = check(path)
    batch, channels, height, width = model.graph.input[0].type.tensor_type.shape.dim
    shape = [dim.dim_value for dim in (height, width, channels)]
    images = np.fromfile(os.path.join(folder, "images.bin"), np.float32).reshape(-1, *shape)
    images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    logits = np.fromfile(os.path.join(folder, "logits.bin"), np.float32).reshape(len(images), -1)
    return {
        "input": shape,
        "opset": model.opset_import[0].version,
        "dynamic": batch.dim_param == "batch",
        "onnxruntime": difference(run_onnxruntime(path, images), logits),
        "openvino": difference(run_openvino(core, path, images), logits),
    }


core = openvino.Core()
for line in sys.stdin:
    try:
        answer = read(line.strip(), core)
    except Exception as error:
        answer = {"problem": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
