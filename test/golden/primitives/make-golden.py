"""Golden numbers of every primitive, from PyTorch in double precision: `python3 make-golden.py` writes the JSON files beside it.

Each case holds inputs, outputs, gradients of the outputs (`upstream`) and gradients of the inputs. Tensors are NHWC and kernels
[kh, kw, inC, outC]; numbers are float32, little-endian, in base64. -1 in a shape stands for the batch. Needs torch >= 1.13 and numpy.
"""

import base64
import json
import os
import zlib

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = {}


class Draw:
    """Random inputs of one case; rounded to float32, so that both sides start from the same numbers."""

    def __init__(self, name):
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))

    def normal(self, *shape):
        return rounded(self.rng.standard_normal(shape))

    def positive(self, *shape):
        return rounded(0.5 + self.rng.random(shape))

    def off_kinks(self, kinks, spread, *shape):
        """Values at least 0.05 away from each kink."""
        x = self.rng.uniform(-spread, spread, shape)
        for kink in kinks:
            near = np.abs(x - kink) < 0.05
            x = np.where(near, kink + np.where(x < kink, -0.1, 0.1), x)
        return rounded(x)

    def distinct(self, *shape):
        """Values at least 0.05 apart from each other: no window has two maxima."""
        count = int(np.prod(shape))
        return rounded((0.05 * (self.rng.permutation(count) - count / 2)).reshape(shape))

    def probabilities(self, *shape):
        x = self.rng.random(shape) + 0.1
        return rounded(x / x.sum(-1, keepdims=True))


def rounded(x):
    return torch.from_numpy(np.asarray(x, dtype=np.float32)).double()


def encode(x):
    return base64.b64encode(x.detach().numpy().astype("<f4").tobytes()).decode()


def tensor(x, batched):
    shape = list(x.shape)
    return {"shape": [-1, *shape[1:]] if batched else shape, "data": encode(x)}


def case(kind, name, attributes, inputs, function, *, batched, dtypes=None, differentiable=None, differentiated=None, **more):
    """`inputs` are tensors; `batched[i]` says whether input i carries the batch. Gradients are of the inputs in `differentiable`
    (default: all), through the outputs in `differentiated` (default: all; none: the primitive has no gradient)."""
    draw = Draw(f"{kind} {name} upstream")
    differentiable = list(range(len(inputs))) if differentiable is None else differentiable
    leaves = [x.detach().clone().requires_grad_(x.is_floating_point() and i in differentiable) for i, x in enumerate(inputs)]
    outputs = function(*leaves)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    differentiated = list(range(len(outputs))) if differentiated is None else differentiated
    upstream = [draw.normal(*y.shape) if i in differentiated else None for i, y in enumerate(outputs)]
    gradients = [None] * len(inputs)
    if differentiated and differentiable:
        total = sum((y * u).sum() for y, u in zip(outputs, upstream) if u is not None)
        found = torch.autograd.grad(total, [leaves[i] for i in differentiable])
        for i, gradient in zip(differentiable, found):
            gradients[i] = encode(gradient)
    CASES.setdefault(kind, []).append(
        {
            "name": name,
            "attributes": attributes,
            "batch": next((x.shape[0] for x, b in zip(inputs, batched) if b), more.pop("batch", 1)),
            "inputs": [
                {**tensor(x, b), "dtype": "int32" if dtypes and dtypes[i] == "int32" else "float32"}
                for i, (x, b) in enumerate(zip(inputs, batched))
            ],
            "outputs": [encode(y) for y in outputs],
            "upstream": [None if u is None else encode(u) for u in upstream],
            "gradients": gradients,
            **more,
        }
    )


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def pad(x, pads, value=0.0):
    top, bottom, left, right = pads
    return F.pad(nchw(x), (left, right, top, bottom), value=value)


def same(extent, kernel, stride):
    total = max((-(-extent // stride) - 1) * stride + kernel - extent, 0)
    return [total // 2, total - total // 2]


def convolve(x, w, strides, pads):
    return nhwc(F.conv2d(pad(x, pads).contiguous(), w.permute(3, 2, 0, 1).contiguous(), stride=strides))


def convolve_depthwise(x, w, strides, pads):
    return nhwc(F.conv2d(pad(x, pads).contiguous(), w.permute(2, 3, 0, 1).contiguous(), stride=strides, groups=w.shape[2]))


# batch, height, width, kernel, strides, pads, in channels, out channels
WINDOWS = [
    (1, 6, 6, (1, 1), (1, 1), "valid", 3, 8),
    (3, 5, 7, (1, 1), (2, 2), "same", 8, 13),
    (2, 6, 5, (3, 3), (1, 1), "same", 3, 8),
    (4, 8, 8, (3, 3), (2, 2), "same", 8, 3),
    (2, 7, 7, (3, 3), (2, 2), "same", 1, 1),
    (1, 6, 6, (3, 3), (1, 1), "valid", 13, 8),
    (2, 8, 8, (3, 3), (2, 2), [1, 1, 1, 1], 3, 13),
    (3, 6, 7, (3, 3), (1, 1), [0, 2, 1, 0], 8, 1),
    (2, 7, 6, (3, 3), (2, 2), [2, 0, 0, 1], 1, 8),
    (1, 8, 8, (5, 5), (1, 1), "same", 1, 3),
    (2, 9, 8, (5, 5), (2, 2), [2, 2, 2, 2], 3, 8),
    (2, 7, 8, (3, 5), (1, 1), [1, 1, 2, 1], 3, 3),
    (2, 9, 8, (3, 3), (1, 2), [1, 1, 1, 0], 3, 3),
]


def resolve(window, pads, height, width, strides):
    if pads == "valid":
        return [0, 0, 0, 0]
    if pads == "same":
        return same(height, window[0], strides[0]) + same(width, window[1], strides[1])
    return pads


def make_convolutions():
    for kind, function, is_depthwise in (("conv2d", convolve, False), ("depthwiseConv2d", convolve_depthwise, True)):
        for batch, height, width, kernel, strides, padding, inner, outer in WINDOWS:
            if is_depthwise and strides[0] != strides[1]:
                continue  # TensorFlow's depthwise kernels take equal strides only.
            if is_depthwise:
                inner, outer = outer, 1
            pads = resolve(kernel, padding, height, width, strides)
            name = f"{batch}x{height}x{width}x{inner}, kernel {kernel[0]}x{kernel[1]}, to {outer}, strides {strides[0]}x{strides[1]}, {padding}"
            draw = Draw(f"{kind} {name}")
            x, w = draw.normal(batch, height, width, inner), draw.normal(*kernel, inner, outer)
            attributes = {"strides": strides, "pads": pads}
            forward = lambda x, w: function(x, w, strides, pads)
            case(kind, name, attributes, [x, w], forward, batched=[True, False])
            dy = draw.normal(*forward(x, w).shape)

            def backprop(x, w, dy, index):
                x, w = (v if v.requires_grad else v.clone().requires_grad_() for v in (x, w))
                return torch.autograd.grad(forward(x, w), (x, w)[index], dy, create_graph=True)[0]

            to_input = {**attributes, "inputShape": [-1, height, width, inner]}
            case(f"{kind}BackpropInput", name, to_input, [w, dy], lambda w, dy: backprop(x, w, dy, 0), batched=[False, True])
            to_filter = {**attributes, "filterShape": list(w.shape)}
            case(f"{kind}BackpropFilter", name, to_filter, [x, dy], lambda x, dy: backprop(x, w, dy, 1), batched=[True, True])


def make_pools():
    cases = [
        (2, 6, 6, (2, 2), (2, 2), "valid", 3),
        (1, 7, 5, (3, 3), (2, 2), "same", 8),
        (3, 8, 8, (3, 3), (2, 2), "same", 1),
        (2, 5, 6, (3, 3), (1, 1), "same", 13),
        (2, 8, 8, (3, 3), (2, 2), [1, 1, 1, 1], 3),
        (1, 6, 7, (3, 3), (2, 2), [0, 1, 1, 0], 3),
        (2, 4, 4, (4, 4), (4, 4), "valid", 8),
    ]
    for batch, height, width, window, strides, padding, channels in cases:
        pads = resolve(window, padding, height, width, strides)
        explicit = not isinstance(padding, str) and pads != same(height, window[0], strides[0]) + same(width, window[1], strides[1])
        name = f"{batch}x{height}x{width}x{channels}, window {window[0]}x{window[1]}, strides {strides[0]}x{strides[1]}, {padding}"
        attributes = {"window": window, "strides": strides, "pads": pads}

        def max_pool(x):
            return nhwc(F.max_pool2d(pad(x, pads, -1e30), window, strides))

        def avg_pool(x):
            ones = torch.ones(1, *x.shape[1:3], 1, dtype=x.dtype)
            area = F.avg_pool2d(pad(ones, pads), window, strides)
            return nhwc(F.avg_pool2d(pad(x, pads), window, strides) / area)

        draw = Draw(f"pool {name}")
        x = draw.distinct(batch, height, width, channels)
        case("maxPool", name, attributes, [x], max_pool, batched=[True])
        dy = draw.normal(*max_pool(x).shape)

        def max_pool_grad(_x, _y, dy):
            leaf = x.clone().requires_grad_()
            return torch.autograd.grad(max_pool(leaf), leaf, dy, create_graph=True)[0]

        case("maxPoolGrad", name, attributes, [x, max_pool(x), dy], max_pool_grad, batched=[True] * 3, differentiable=[2])

        # A backend may refuse the average over explicit padding in a sentence; it may not compute it wrongly.
        refusable = {"refusable": True} if explicit else {}
        case("avgPool", name, attributes, [x], avg_pool, batched=[True], **refusable)
        shaped = {**attributes, "inputShape": [-1, height, width, channels]}

        def avg_pool_grad(dy):
            leaf = x.clone().requires_grad_()
            return torch.autograd.grad(avg_pool(leaf), leaf, dy, create_graph=True)[0]

        case("avgPoolGrad", name, shaped, [dy], avg_pool_grad, batched=[True], **refusable)


def make_batch_norms():
    for batch, height, width, channels, epsilon in [(1, 4, 4, 3, 1e-3), (4, 3, 5, 8, 1e-5), (2, 2, 2, 1, 1e-3), (8, 1, 1, 13, 1e-3)]:
        name = f"{batch}x{height}x{width}x{channels}, epsilon {epsilon}"
        draw = Draw(f"batchNorm {name}")
        x = draw.normal(batch, height, width, channels) * 1.5 + 0.5
        x = rounded(x.numpy())
        scale, offset, mean, variance = draw.positive(channels), draw.normal(channels), draw.normal(channels), draw.positive(channels)
        attributes = {"epsilon": epsilon}

        def train(x, scale, offset):
            y = nhwc(F.batch_norm(nchw(x), None, None, scale, offset, training=True, eps=epsilon))
            flat = x.reshape(-1, channels)
            biased = flat.var(0, unbiased=False)
            return y, flat.mean(0), flat.var(0, unbiased=True), flat.mean(0), biased

        def infer(x, scale, offset, mean, variance):
            return nhwc(F.batch_norm(nchw(x), mean, variance, scale, offset, training=False, eps=epsilon))

        def grad(forward, dy, *inputs):
            leaves = [v if v.requires_grad else v.clone().requires_grad_() for v in inputs]
            return torch.autograd.grad(forward(*leaves), leaves, dy, create_graph=True)

        weights = [False, False]
        case("batchNormTrain", name, attributes, [x, scale, offset], train, batched=[True, *weights], differentiated=[0])
        case(
            "batchNormInfer", name, attributes, [x, scale, offset, mean, variance], infer,
            batched=[True, *weights, False, False], differentiable=[0, 1, 2],
        )
        dy = draw.normal(*x.shape)
        flat = x.reshape(-1, channels)
        saved = [flat.mean(0), flat.var(0, unbiased=False)]
        case(
            "batchNormTrainGrad", name, attributes, [dy, x, scale, *saved],
            lambda dy, x, scale, *_: grad(lambda *v: train(*v)[0], dy, x, scale, offset),
            batched=[True, True, False, False, False], differentiable=[0, 1, 2], dependent=True,
        )
        case(
            "batchNormInferGrad", name, attributes, [dy, x, scale, mean, variance],
            lambda dy, x, scale, *_: grad(lambda *v: infer(*v, mean, variance), dy, x, scale, offset),
            batched=[True, True, False, False, False], differentiable=[0, 1, 2],
        )


def make_elementwise():
    for shape in [(1, 4, 4, 3), (5, 13), (3, 2, 2, 8)]:
        name = "x".join(map(str, shape))
        draw = Draw(f"elementwise {name}")
        x, dy = draw.off_kinks([0.0], 2, *shape), draw.normal(*shape)
        case("relu", name, {}, [x], F.relu, batched=[True])
        x6 = draw.off_kinks([0.0, 6.0], 9, *shape)
        case("relu6", name, {}, [x6], F.relu6, batched=[True])
        for kind, function, y in (("reluGrad", F.relu, F.relu(x)), ("relu6Grad", F.relu6, F.relu6(x6))):
            mask = ((y > 0) & ((y < 6) | (kind == "reluGrad"))).double()
            case(kind, name, {}, [dy, y], lambda dy, y: dy * mask, batched=[True, True], differentiable=[0])
        case("scale", name, {"factor": -0.37}, [x], lambda x: x * -0.37, batched=[True])
        other = draw.normal(*shape)
        case("sub", name, {}, [x, other], lambda a, b: a - b, batched=[True, True])
        for label, b, batched in (("one shape", other, True), ("channels", draw.normal(shape[-1]), False), ("scalar", draw.normal(), False)):
            case("add", f"{name}, {label}", {}, [x, b], lambda a, b: a + b, batched=[True, batched])
            case("mul", f"{name}, {label}", {}, [x, b], lambda a, b: a * b, batched=[True, batched])
    draw = Draw("trailing matrix")
    a, b = draw.normal(3, 4, 5, 2), draw.normal(5, 2)
    case("add", "trailing matrix", {}, [a, b], lambda a, b: a + b, batched=[True, False])
    case("mul", "trailing matrix", {}, [a, b], lambda a, b: a * b, batched=[True, False])


def make_reductions():
    for shape, axes in [((2, 3, 4, 5), [1, 2]), ((3, 8), [0]), ((1, 2, 3, 13), [0, 1, 2]), ((4,), [0]), ((2, 3, 4), [2])]:
        name = f"{'x'.join(map(str, shape))} over {axes}"
        draw = Draw(f"reduce {name}")
        x = draw.normal(*shape)
        for kind, function in (("reduceSum", lambda x: x.sum(axes)), ("reduceMean", lambda x: x.mean(axes))):
            case(kind, name, {"axes": axes}, [x], function, batched=[True])
            keeps_batch = 0 not in axes
            dy = draw.normal(*function(x).shape)

            def spread(dy):
                leaf = x.clone().requires_grad_()
                return torch.autograd.grad(function(leaf), leaf, dy, create_graph=True)[0]

            attributes = {"axes": axes, "inputShape": [-1, *shape[1:]] if keeps_batch else list(shape)}
            case(f"{kind}Grad", name, attributes, [dy], spread, batched=[keeps_batch])


def make_arrangements():
    for shape, value in [([2, 3], 0.25), ([], -1.5), ([7], 0.0)]:
        full = torch.full(shape, value, dtype=torch.float64)
        case("fill", f"{shape}", {"shape": shape, "value": value}, [], lambda: full, batched=[], differentiated=[])
    draw = Draw("arrangements")
    for widths in [[3, 8], [1, 13, 3], [2, 2]]:
        parts = [draw.normal(2, 3, 3, width) for width in widths]
        case("concat", f"channels {widths}", {}, parts, lambda *v: torch.cat(v, -1), batched=[True] * len(widths))
        case("split", f"channels {widths}", {"sizes": widths}, [torch.cat(parts, -1)], lambda x: x.split(widths, -1), batched=[True])
    kernel = draw.normal(3, 3, 2, 8)
    case("split", "a kernel", {"sizes": [4, 4]}, [kernel], lambda x: x.split([4, 4], -1), batched=[False])
    for shape, target in [((2, 3, 3, 8), [-1, 3, 3, 2, 4]), ((3, 2, 2, 5), [-1, 20]), ((1, 12), [-1, 2, 2, 3])]:
        x = draw.normal(*shape)
        case("reshape", f"{list(shape)} to {target}", {"shape": target}, [x], lambda x: x.reshape(target), batched=[True])
    for shape, order in [((2, 3, 3, 2, 4), [0, 1, 2, 4, 3]), ((3, 5), [1, 0]), ((2, 3, 4, 5), [0, 3, 1, 2])]:
        x = draw.normal(*shape)
        case("transpose", f"{list(shape)} by {order}", {"permutation": order}, [x], lambda x: x.permute(order), batched=[True])


def make_classifier():
    for turn_a, turn_b in [(False, False), (True, False), (False, True), (True, True)]:
        for n, k, m in [(1, 8, 3), (5, 13, 10)]:
            name = f"{n}x{k}x{m}{', a turned' if turn_a else ''}{', b turned' if turn_b else ''}"
            draw = Draw(f"matmul {name}")
            a = draw.normal(k, n) if turn_a else draw.normal(n, k)
            b = draw.normal(m, k) if turn_b else draw.normal(k, m)
            product = lambda a, b: (a.T if turn_a else a) @ (b.T if turn_b else b)
            case("matmul", name, {"transposeA": turn_a, "transposeB": turn_b}, [a, b], product, batched=[not turn_a, False])
    for n, classes in [(1, 10), (6, 10), (3, 2)]:
        name = f"{n} of {classes}"
        draw = Draw(f"classifier {name}")
        logits, targets = draw.normal(n, classes) * 3, draw.probabilities(n, classes)
        logits = rounded(logits.numpy())
        case("softmax", name, {}, [logits], lambda x: x.softmax(-1), batched=[True])
        case(
            "softmaxCrossEntropy", name, {}, [logits, targets],
            lambda x, t: (-(t * x.log_softmax(-1)).sum(-1), x.softmax(-1) - t),
            batched=[True, True], differentiable=[0],
        )
        labels = torch.from_numpy(draw.rng.integers(0, classes, n).astype(np.int32))
        hot = torch.full((n, classes), 0.01, dtype=torch.float64).scatter(1, labels.long()[:, None], 0.91)
        case(
            "oneHot", name, {"depth": classes, "on": 0.91, "off": 0.01}, [labels], lambda _: hot,
            batched=[True], dtypes=["int32"], differentiated=[],
        )
    large = rounded(np.array([[1000.0, 0.0, -1000.0], [-50.0, 60.0, 59.0]]))
    targets = rounded(np.array([[0.9, 0.05, 0.05], [0.05, 0.05, 0.9]]))
    case(
        "softmaxCrossEntropy", "large logits", {}, [large, targets],
        lambda x, t: (-(t * x.log_softmax(-1)).sum(-1), x.softmax(-1) - t),
        batched=[True, True], differentiable=[0],
    )


def make_updates():
    """Several steps of PyTorch's own optimizers on one kernel, with another learning rate at each step."""
    rates = [0.1, 0.05, 0.2, 0.01, 0.1]
    sgd = {"kind": "sgd", "momentum": 0.9, "nesterov": False, "weightDecay": 0}
    adamw = {"kind": "adamw", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01}
    optimizers = {
        "momentum": sgd,
        "no momentum": {**sgd, "momentum": 0},
        "nesterov with decay": {**sgd, "nesterov": True, "weightDecay": 5e-4},
        "adamw": adamw,
        "adamw, large epsilon": {**adamw, "beta1": 0.8, "beta2": 0.95, "epsilon": 0.1, "weightDecay": 0.2},
        "adamw without decay": {**adamw, "weightDecay": 0},
    }
    found = []
    for name, spec in optimizers.items():
        draw = Draw(f"optimizer {name}")
        initial, gradients = draw.normal(3, 5), [draw.normal(3, 5) for _ in rates]
        parameter = initial.clone().requires_grad_()
        if spec["kind"] == "sgd":
            optimizer = torch.optim.SGD(
                [parameter], lr=1, momentum=spec["momentum"], nesterov=spec["nesterov"], weight_decay=spec["weightDecay"]
            )
        else:
            optimizer = torch.optim.AdamW(
                [parameter], lr=1, betas=(spec["beta1"], spec["beta2"]), eps=spec["epsilon"], weight_decay=spec["weightDecay"]
            )
        after = []
        for rate, gradient in zip(rates, gradients):
            optimizer.param_groups[0]["lr"] = rate
            parameter.grad = gradient.clone()
            optimizer.step()
            after.append(encode(parameter))
        found.append(
            {
                "name": name, "optimizer": spec, "shape": [3, 5], "initial": encode(initial), "learningRates": rates,
                "gradients": [encode(g) for g in gradients], "after": after,
            }
        )
    with open(os.path.join(HERE, "optimizers.json"), "w") as file:
        json.dump({"madeBy": f"PyTorch {torch.__version__}", "cases": found}, file, indent=1)
        file.write("\n")


make_convolutions()
make_pools()
make_batch_norms()
make_elementwise()
make_reductions()
make_arrangements()
make_classifier()
make_updates()
with open(os.path.join(HERE, "primitives.json"), "w") as file:
    lines = ",\n".join(f"  {json.dumps(kind)}: [\n" + ",\n".join("    " + json.dumps(c) for c in cases) + "\n  ]" for kind, cases in CASES.items())
    file.write(f'{{ "madeBy": "PyTorch {torch.__version__}", "primitives": {{\n{lines}\n}} }}\n')
