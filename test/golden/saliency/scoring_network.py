"""A network as write-input.ts wrote it, in PyTorch and in double precision. The node list is interpreted here on its own, not by the product's
code. Values are NCHW; kernels keep the product's layout [kh, kw, inC / groups, outC] (depthwise [kh, kw, c, 1]) and are turned at use, so a
gradient has the kernel's own shape. Needs torch >= 1.13 and numpy.
"""

import base64
import json

import numpy as np
import torch
import torch.nn.functional as F


def decode(text, dtype="<f4"):
    return np.frombuffer(base64.b64decode(text), dtype=dtype)


def encode(values, dtype="<f4"):
    return base64.b64encode(np.ascontiguousarray(values, dtype=dtype).tobytes()).decode()


def pads_of(node, height, width):
    """[left, right, top, bottom], as torch pads."""
    if node["padding"] == "valid":
        return [0, 0, 0, 0]
    if node["padding"] != "same":
        top, bottom, left, right = node["padding"]
        return [left, right, top, bottom]
    pads = []
    for extent, kernel, stride in reversed(list(zip((height, width), node["kernel"], node["strides"]))):
        total = max((-(-extent // stride) - 1) * stride + kernel - extent, 0)
        pads += [total // 2, total - total // 2]  # the odd pixel at the end
    return pads


class ScoringNetwork:
    """`kernels` maps a node's id to its weights; `forward` takes others in their place, and is differentiable in them."""

    def __init__(self, path):
        with open(path) as file:
            read = json.load(file)
        self.architecture = read["architecture"]
        self.variables = {
            name: torch.from_numpy(decode(one["data"]).reshape(one["shape"]).copy()).double() for name, one in read["variables"].items()
        }
        self.kernels = {name[: -len("/kernel")]: value for name, value in self.variables.items() if name.endswith("/kernel")}
        height, width, channels = self.architecture["input"]
        images = decode(read["images"]).reshape(-1, height, width, channels).copy()
        self.images = torch.from_numpy(images).double().permute(0, 3, 1, 2)
        self.labels = torch.tensor(read["labels"])
        self.masks = {
            node: torch.from_numpy(decode(mask, "u1").reshape(self.kernels[node].shape).copy()).double() for node, mask in read["masks"].items()
        }

    def forward(self, images, kernels, training, clip=True):
        """Logits. Batch norm takes the batch's statistics in training, the moving averages else. Without `clip` relu6 is relu."""
        values = {"input": images}
        for node in self.architecture["nodes"]:
            inputs = [values[name] for name in node["inputs"]]
            values[node["id"]] = self.step(node, inputs, kernels, training, clip)
        return values[self.architecture["output"]]

    def step(self, node, inputs, kernels, training, clip):
        op, of, x = node["op"], node["id"], inputs[0]
        bias = self.variables[f"{of}/bias"] if node.get("bias") else None
        if op == "conv":
            turned = kernels[of].permute(3, 2, 0, 1)
            return F.conv2d(F.pad(x, pads_of(node, *x.shape[2:])), turned, bias, node["strides"], groups=node["groups"])
        if op == "depthwise-conv":
            turned = kernels[of].permute(2, 3, 0, 1)
            return F.conv2d(F.pad(x, pads_of(node, *x.shape[2:])), turned, bias, node["strides"], groups=x.shape[1])
        if op == "dense":
            return F.linear(x, kernels[of].T, bias)
        if op == "batch-norm":
            mean, variance = self.variables[f"{of}/moving-mean"].clone(), self.variables[f"{of}/moving-variance"].clone()
            scale, offset = self.variables[f"{of}/scale"], self.variables[f"{of}/offset"]
            return F.batch_norm(x, mean, variance, scale, offset, training, 0.1, node["epsilon"])
        if op == "relu" or (op == "relu6" and not clip):
            return F.relu(x)
        if op == "relu6":
            return F.relu6(x)
        if op == "add":
            return inputs[0] + inputs[1]
        if op == "global-avg-pool":
            return x.mean((2, 3))
        raise ValueError(f"{op} is not interpreted here")
