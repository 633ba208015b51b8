"""Losses, logits and gradients of whole networks, from PyTorch in double precision: `python3 make-golden.py` reads each
NAME.architecture.json beside it (write-architectures.ts makes them) and writes NAME.golden.json.

The architecture is interpreted here on its own, not by the product's code. Weights and images follow a formula that
test/conformance/network-values.ts computes, too. A gradient is stored as its norm and its values at sampled positions.

Gradients jump where an activation's input is exactly at a kink (0 or 6), and float32 cannot tell on which side of a kink a value
lies that is nearer to it than a rounding error. So the offsets of batch norm are moved a little, a channel at a time, until no
value is near a kink; the moved offsets are stored. The same goes for equal maxima of a window: there the images are chosen, by
their seed. `margin` is the least distance that is left. Needs torch >= 1.13 and numpy.
"""

import base64
import glob
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 8
LABEL_SMOOTHING = 0.1
SEEDS = 6
SAMPLES = 96


def bits(name, count):
    """32 well-mixed bits for each index: FNV-1a of the name, then MurmurHash3's finalizer."""
    start = 0x811C9DC5
    for byte in name.encode():
        start = ((start ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = (start + np.arange(count, dtype=np.uint64) * 0x9E3779B9) & 0xFFFFFFFF
    x ^= x >> 16
    x = (x * 0x85EBCA6B) & 0xFFFFFFFF
    x ^= x >> 13
    x = (x * 0xC2B2AE35) & 0xFFFFFFFF
    return x ^ (x >> 16)


def uniform(name, *shape):
    """In [-1, 1)."""
    return (bits(name, int(np.prod(shape))) / 2**31 - 1).reshape(shape)


def rounded(x):
    return torch.from_numpy(x.astype(np.float32)).double()


def encode(x):
    return base64.b64encode(x.detach().numpy().astype("<f4").tobytes()).decode()


def pads_of(node, height, width):
    if node["padding"] == "valid":
        return 0, 0, 0, 0
    if node["padding"] != "same":
        return tuple(node["padding"])
    found = []
    for extent, kernel, stride in zip((height, width), node["kernel"], node["strides"]):
        outputs = -(-extent // stride)
        total = max((outputs - 1) * stride + kernel - extent, 0)
        found += [total // 2, total - total // 2]
    return tuple(found)


class Network:
    """Values are NCHW here; kernels are declared [kh, kw, inC, outC] and turned at use."""

    def __init__(self, architecture):
        self.architecture = architecture
        self.variables = {}
        self.moved = {}
        self.margin = np.inf
        self.tuning = False
        self.tuned = set()

    def declare(self, name, values):
        if name not in self.variables:
            self.variables[name] = rounded(values).requires_grad_()
        return self.variables[name]

    def kernel(self, node, shape, bound):
        name = f"{node['id']}/kernel"
        return self.declare(name, bound * uniform(name, *shape))

    def bias(self, node, channels):
        if not node["bias"]:
            return None
        name = f"{node['id']}/bias"
        return self.declare(name, 0.1 * uniform(name, channels))

    def keep_off(self, distances):
        if distances.numel():
            self.margin = min(self.margin, distances.min().item())

    def forward(self, images, training):
        values = {"input": images}
        for node in self.architecture["nodes"]:
            step = getattr(self, node["op"].replace("-", "_"))
            values[node["id"]] = step(node, [values[name] for name in node["inputs"]], training)
        return values[self.architecture["output"]]

    def conv(self, node, inputs, _):
        (x,) = inputs
        shape = [*node["kernel"], x.shape[1] // node["groups"], node["outChannels"]]
        w = self.kernel(node, shape, np.sqrt(6 / np.prod(shape[:3])))
        top, bottom, left, right = pads_of(node, *x.shape[2:])
        x = F.pad(x, (left, right, top, bottom))
        w = w.permute(3, 2, 0, 1).contiguous()
        return F.conv2d(x, w, self.bias(node, node["outChannels"]), node["strides"], groups=node["groups"])

    def depthwise_conv(self, node, inputs, _):
        (x,) = inputs
        channels = x.shape[1]
        w = self.kernel(node, [*node["kernel"], channels, 1], np.sqrt(6 / np.prod(node["kernel"])))
        top, bottom, left, right = pads_of(node, *x.shape[2:])
        x = F.pad(x, (left, right, top, bottom))
        return F.conv2d(x, w.permute(2, 3, 0, 1).contiguous(), self.bias(node, channels), node["strides"], groups=channels)

    def batch_norm(self, node, inputs, training):
        (x,) = inputs
        channels, of = x.shape[1], node["id"]
        scale = self.declare(f"{of}/scale", 1 + 0.2 * uniform(f"{of}/scale", channels))
        offset = self.declare(f"{of}/offset", 0.1 * uniform(f"{of}/offset", channels))
        mean = self.declare(f"{of}/moving-mean", 0.1 * uniform(f"{of}/moving-mean", channels)).detach().clone()
        variance = self.declare(f"{of}/moving-variance", 1 + 0.5 * uniform(f"{of}/moving-variance", channels)).detach().clone()
        y = F.batch_norm(x, mean, variance, scale, offset, training, 1 - node["momentum"], node["epsilon"])
        self.moved[f"{of}/moving-mean"], self.moved[f"{of}/moving-variance"] = mean, variance
        return y

    def relu(self, node, inputs, _):
        x = self.move_off(node, inputs[0], [0])
        return F.relu(x)

    def relu6(self, node, inputs, _):
        x = self.move_off(node, inputs[0], [0, 6])
        return F.relu6(x)

    def move_off(self, node, x, kinks):
        """While tuning, moves the offset of the batch norm before so that no value is near a kink."""
        if self.tuning:
            shifts = torch.from_numpy(np.array([best_shift(channel, kinks) for channel in x.transpose(0, 1).flatten(1).numpy()]))
            name = f"{self.norm_before(node)}/offset"
            self.variables[name].data = rounded((self.variables[name].data + shifts).numpy())
            self.tuned.add(name)
            x = x + shifts[:, None, None]
        for kink in kinks:
            self.keep_off((x.detach() - kink).abs())
        return x

    def norm_before(self, node):
        """Id of the batch norm whose offset reaches the node unchanged: its input, or one of the two that were added to its input."""
        nodes = {other["id"]: other for other in self.architecture["nodes"]}
        before = [nodes[name] for name in node["inputs"]]
        if before[0]["op"] == "add":
            before = [nodes[name] for name in before[0]["inputs"]]
        return next(other["id"] for other in before if other["op"] == "batch-norm")

    def add(self, _node, inputs, _):
        return inputs[0] + inputs[1]

    def concat(self, _node, inputs, _):
        return torch.cat(inputs, 1)

    def split(self, node, inputs, _):
        return inputs[0].chunk(node["parts"], 1)[node["part"]]

    def channel_shuffle(self, node, inputs, _):
        (x,) = inputs
        runs = x.reshape(len(x), node["groups"], -1, *x.shape[2:])
        return runs.transpose(1, 2).reshape(x.shape)

    def max_pool(self, node, inputs, _):
        (x,) = inputs
        top, bottom, left, right = pads_of(node, *x.shape[2:])
        x = F.pad(x, (left, right, top, bottom), value=-1e30)
        height, width = node["kernel"]
        windows = x.detach().unfold(2, height, node["strides"][0]).unfold(3, width, node["strides"][1]).flatten(-2)
        largest = windows.topk(2, -1).values
        gaps = largest[..., 0] - largest[..., 1]
        self.keep_off(gaps[largest[..., 0] > 0])  # equal zeros behind a relu carry no gradient
        return F.max_pool2d(x, node["kernel"], node["strides"])

    def avg_pool(self, node, inputs, _):
        (x,) = inputs
        top, bottom, left, right = pads_of(node, *x.shape[2:])
        area = F.avg_pool2d(F.pad(torch.ones_like(x[:1, :1]), (left, right, top, bottom)), node["kernel"], node["strides"])
        return F.avg_pool2d(F.pad(x, (left, right, top, bottom)), node["kernel"], node["strides"]) / area

    def global_avg_pool(self, _node, inputs, _):
        return inputs[0].mean((2, 3))

    def dense(self, node, inputs, _):
        inner = inputs[0].shape[1]
        w = self.kernel(node, [inner, node["outChannels"]], np.sqrt(3 / inner))
        return F.linear(inputs[0], w.T, self.bias(node, node["outChannels"]))


def images_of(architecture, seed):
    height, width, channels = architecture["input"]
    return rounded(np.sqrt(3) * uniform(f"images/{seed}", BATCH, height, width, channels)).permute(0, 3, 1, 2)


def best_shift(values, kinks):
    """The shift of at most 0.03 that takes the values furthest from the kinks."""
    distances = np.concatenate([values - kink for kink in kinks])
    near = np.sort(np.concatenate([[-0.06, 0.06], distances[np.abs(distances) < 0.06]]))
    middles, widths = (near[1:] + near[:-1]) / 2, near[1:] - near[:-1]
    return -middles[np.argmax(np.where(np.abs(middles) <= 0.03, widths, 0))]


def prepare(architecture, seed):
    """The network with offsets tuned to the images of that seed."""
    network = Network(architecture)
    images = images_of(architecture, seed)
    with torch.no_grad():
        network.tuning = True
        network.forward(images, True)
        network.tuning, network.margin = False, np.inf
        network.forward(images, True)
    return network


def sampled(name, x):
    flat = x.detach().reshape(-1)
    if flat.numel() <= SAMPLES:
        return flat
    return flat[torch.from_numpy((bits(f"{name}/samples", SAMPLES) % flat.numel()).astype(np.int64))]


def make(path):
    with open(path) as file:
        architecture = json.load(file)
    prepared = [prepare(architecture, seed) for seed in range(SEEDS)]
    network = max(prepared, key=lambda one: one.margin)
    seed, margin = prepared.index(network), network.margin
    images = images_of(network.architecture, seed)
    labels = torch.from_numpy((bits("labels", BATCH) % network.architecture["classes"]).astype(np.int64))
    with torch.no_grad():
        inferred = network.forward(images, False)
    logits = network.forward(images, True)
    loss = F.cross_entropy(logits, labels, label_smoothing=LABEL_SMOOTHING)
    trained = [name for name in network.variables if "/moving-" not in name]
    gradients = torch.autograd.grad(loss, [network.variables[name] for name in trained])
    golden = {
        "madeBy": f"PyTorch {torch.__version__}",
        "batch": BATCH,
        "labelSmoothing": LABEL_SMOOTHING,
        "samples": SAMPLES,
        "seed": seed,
        "margin": margin,
        "offsets": {name: encode(network.variables[name]) for name in sorted(network.tuned)},
        "loss": loss.item(),
        "logits": encode(logits),
        "inferredLogits": encode(inferred),
        "gradients": {name: {"norm": g.norm().item(), "samples": encode(sampled(name, g))} for name, g in zip(trained, gradients)},
        "movingAverages": {name: encode(sampled(name, x)) for name, x in network.moved.items()},
    }
    with open(path.replace(".architecture.json", ".golden.json"), "w") as file:
        json.dump(golden, file, indent=1)
        file.write("\n")
    print(f"{os.path.basename(path)}: loss {loss.item():.6f}, seed {seed}, margin {margin:.2e}")


for path in sorted(glob.glob(os.path.join(HERE, "*.architecture.json"))):
    make(path)
