"""Scores of the criteria that look past the first gradient, from PyTorch in double precision: GraSP by a Hessian-vector product through
`create_graph`, ProsPr through three steps that are differentiated whole, and to first order by torch's own SGD, NTK-SAP by the gradient of the masks.

    node test/dist/golden/saliency/write-input.js /tmp/scoring
    python3 test/golden/saliency/make-lookahead.py /tmp/scoring

writes FILE.lookahead.json beside this script: of each layer every n-th score, and over all layers a bit a weight, 1 where it is among the
highest 10%. NTK-SAP is scored under the input's masks, with its images and weights and with noise by the formula of `noise`. Prints how
first-order ProsPr ranks weights against ProsPr itself. Needs torch >= 1.13 and numpy.

MobileNetV2 is cut behind its fifth block. The whole of it, at a few channels a layer, is so sensitive that PyTorch in float32 does not find
its own scores again (Spearman 0.998 for GraSP in the worst layer, 0.3 for ProsPr, 0.9 for NTK-SAP); only GraSP is kept of it.
"""

import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

from scoring_network import ScoringNetwork, encode

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = 100
DENSITY = 0.1


class Network(ScoringNetwork):
    recording = False

    def __init__(self, path, last=None):
        super().__init__(path)
        if last is not None:
            self.cut(last)

    def cut(self, last):
        """Keeps the nodes up to that block, the pooling and the classifier, with as many of its rows as are left."""
        nodes = self.architecture["nodes"]
        end = max(i for i, node in enumerate(nodes) if node["id"].startswith(f"{last}."))
        body, (pool, dense) = nodes[: end + 1], nodes[-2:]
        self.architecture = {**self.architecture, "nodes": [*body, {**pool, "inputs": [nodes[end]["id"]]}, dense]}
        names = [node["id"] for node in self.architecture["nodes"]]
        width = self.variables[f"{[node for node in body if node['op'] == 'batch-norm'][-1]['id']}/scale"].numel()
        for values in (self.kernels, self.masks):
            values[dense["id"]] = values[dense["id"]][:width].clone()
            for name in [name for name in values if name not in names]:
                del values[name]
        self.variables = {name: value for name, value in self.variables.items() if name.rsplit("/", 1)[0] in names}

    def step(self, node, inputs, kernels, training, clip):
        if self.recording and node["op"] == "batch-norm":
            x = inputs[0].detach()
            self.variables[f"{node['id']}/moving-mean"] = x.mean((0, 2, 3))
            self.variables[f"{node['id']}/moving-variance"] = x.var((0, 2, 3), unbiased=True)
        return super().step(node, inputs, kernels, training, clip)


def leaves(kernels):
    return {name: kernel.clone().requires_grad_() for name, kernel in kernels.items()}


def grasp(network):
    """Wang et al. 2020, algorithm 2: the importance is -θ · Hg and the largest are removed. Here the highest stay, so the sign turns."""
    kernels = leaves(network.kernels)
    logits = network.forward(network.images, kernels, True) / 200
    gradients = torch.autograd.grad(F.cross_entropy(logits, network.labels), list(kernels.values()), create_graph=True)
    inner = sum((g * g.detach()).sum() for g in gradients)
    products = torch.autograd.grad(inner, list(kernels.values()))
    return {name: (kernel * hg).detach() for (name, kernel), hg in zip(kernels.items(), products)}


def trained(network):
    """All that training moves, but the kernels, which stand apart."""
    ends = ("/scale", "/offset", "/bias")
    return [name for name in network.variables if name.endswith(ends)]


def prospr(network):
    """Alizadeh et al. 2022: the gradient at the weights after three steps, times the weights before them."""
    kernels = leaves(network.kernels)
    for name in trained(network):
        network.variables[name] = network.variables[name].clone().requires_grad_()
    optimizer = torch.optim.SGD([*kernels.values(), *(network.variables[name] for name in trained(network))], lr=0.5, momentum=0.9)
    for part in range(3):
        optimizer.zero_grad()
        F.cross_entropy(network.forward(network.images[part::4], kernels, True), network.labels[part::4]).backward()
        optimizer.step()
    loss = F.cross_entropy(network.forward(network.images[3::4], kernels, True), network.labels[3::4])
    gradients = torch.autograd.grad(loss, list(kernels.values()))
    return {name: (network.kernels[name] * g).abs() for name, g in zip(kernels, gradients)}


def whole_prospr(network):
    """The same with nothing dropped: the gradient of a mask through all three steps."""
    masks = {name: torch.ones_like(kernel).requires_grad_() for name, kernel in network.kernels.items()}
    kernels = {name: mask * network.kernels[name] for name, mask in masks.items()}
    others = {name: network.variables[name].clone().requires_grad_() for name in trained(network)}
    momenta = None
    for part in range(4):
        network.variables.update(others)
        loss = F.cross_entropy(network.forward(network.images[part::4], kernels, True), network.labels[part::4])
        if part == 3:
            return {name: g.abs() for name, g in zip(masks, torch.autograd.grad(loss, list(masks.values())))}
        moved = [*kernels.values(), *others.values()]
        gradients = torch.autograd.grad(loss, moved, create_graph=True)
        momenta = gradients if momenta is None else [0.9 * m + g for m, g in zip(momenta, gradients)]
        moved = [value - 0.5 * m for value, m in zip(moved, momenta)]
        kernels = dict(zip(kernels, moved))
        others = dict(zip(others, moved[len(kernels) :]))


def noise(kernel):
    count = kernel.numel()
    return torch.from_numpy(np.sqrt(2) * np.sin(1 + 7 * np.arange(count))).reshape(kernel.shape)


def ntk_sap(network):
    """Wang, Li & Sun 2023, algorithm 1; weights that a mask holds at zero score nothing."""
    masks = leaves(network.masks)
    kernels = {name: network.kernels[name] * mask for name, mask in masks.items()}
    moved = {name: (network.kernels[name] + 0.01 * noise(mask)) * mask for name, mask in masks.items()}
    network.recording = True
    network.forward(network.images, kernels, True)
    network.recording = False
    distance = ((network.forward(network.images, kernels, False) - network.forward(network.images, moved, False)) ** 2).sum()
    gradients = torch.autograd.grad(distance, list(masks.values()))
    return {name: (g * network.masks[name]).abs() for name, g in zip(masks, gradients)}


def ranks(values):
    return np.argsort(np.argsort(values))


def stored(scores):
    flat = {name: score.detach().numpy().ravel() for name, score in scores.items()}
    everything = np.concatenate(list(flat.values()))
    kept = np.zeros(everything.size, dtype=np.uint8)
    kept[np.argsort(-everything, kind="stable")[: int(np.floor(DENSITY * everything.size + 0.5))]] = 1
    return {
        "scores": {name: encode(score[:: max(1, score.size // SAMPLES)]) for name, score in flat.items()},
        "kept": encode(np.packbits(kept, bitorder="little"), "u1"),
    }


def write(file, criteria):
    lines = ",\n".join(f"  {json.dumps(criterion)}: {json.dumps(stored(found))}" for criterion, found in criteria.items())
    with open(os.path.join(HERE, f"{file}.lookahead.json"), "w") as out:
        out.write(f'{{ "madeBy": "PyTorch {torch.__version__}", "criteria": {{\n{lines}\n}} }}\n')


def make(file, create):
    first, whole = prospr(create()), whole_prospr(create())
    correlations = [np.corrcoef(ranks(first[layer].numpy().ravel()), ranks(whole[layer].numpy().ravel()))[0, 1] for layer in first]
    print(f"{file}: Spearman of first-order and whole ProsPr a layer: {min(correlations):.3f} to {max(correlations):.3f}")
    write(file, {"grasp": grasp(create()), "prospr": whole, "prospr-first-order": first, "ntk-sap": ntk_sap(create())})


resnet, mobilenet = (os.path.join(sys.argv[1], f"{file}.input.json") for file in ("resnet-20-w4", "mobilenet-v2"))
make("resnet-20-w4", lambda: Network(resnet))
make("mobilenet-v2-cut", lambda: Network(mobilenet, last="stage3.block2"))
write("mobilenet-v2", {"grasp": grasp(Network(mobilenet))})
