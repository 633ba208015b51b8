"""Scores of the criteria of first order, from PyTorch's automatic differentiation in double precision: `python3 make-first-order.py DIRECTORY` reads
what write-input.ts wrote there and writes NAME.first-order.json beside this script. Each criterion is written here on its own, from its paper.
Of each layer every n-th score is stored, and of all layers together which weights the criterion keeps. Needs torch >= 1.13 and numpy.
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


def leaves(kernels):
    return {name: kernel.clone().requires_grad_() for name, kernel in kernels.items()}


def ones(network):
    return {name: torch.ones_like(kernel) for name, kernel in network.kernels.items()}


def snip(network, masks):
    """Lee et al. 2019: the gradient by c = 1 on every connection."""
    connections = leaves(masks)
    kernels = {name: c * network.kernels[name] for name, c in connections.items()}
    loss = F.cross_entropy(network.forward(network.images, kernels, True), network.labels)
    return {name: g.abs() for name, g in zip(connections, torch.autograd.grad(loss, list(connections.values())))}


def force(network, masks):
    """De Jorge et al. 2021: the gradient at the pruned network by its weights, times the weights before pruning."""
    kernels = leaves({name: mask * network.kernels[name] for name, mask in masks.items()})
    loss = F.cross_entropy(network.forward(network.images, kernels, True), network.labels)
    return {name: (network.kernels[name] * g).abs() for name, g in zip(kernels, torch.autograd.grad(loss, list(kernels.values())))}


def synflow(network, masks):
    """Tanaka et al. 2020, eq. 3, as it stands: no factor anywhere."""
    network.variables = {name: value.abs() for name, value in network.variables.items()}
    kernels = leaves({name: mask * network.kernels[name].abs() for name, mask in masks.items()})
    flow = network.forward(torch.ones_like(network.images[:1]), kernels, False, clip=False).sum()
    gradients = torch.autograd.grad(flow, list(kernels.values()))
    return {name: (kernel * g).detach() for (name, kernel), g in zip(kernels.items(), gradients)}


def magnitude(network, masks):
    return {name: (mask * network.kernels[name]).abs() for name, mask in masks.items()}


def highest(scores, count):
    """A one for the highest of all layers together."""
    everything = np.concatenate([score.detach().numpy().ravel() for score in scores.values()])
    kept = np.zeros(everything.size)
    kept[np.argsort(-everything, kind="stable")[:count]] = 1
    return kept


def split(network, kept):
    masks, start = {}, 0
    for name, kernel in network.kernels.items():
        masks[name] = torch.from_numpy(kept[start : start + kernel.numel()].reshape(kernel.shape).copy())
        start += kernel.numel()
    return masks


def count(network, density):
    return int(np.floor(density * sum(kernel.numel() for kernel in network.kernels.values()) + 0.5))


def pruned(network, criterion, iterations):
    """The weights that are left when the density has fallen exponentially to DENSITY; what is gone stays gone."""
    masks = ones(network)
    for iteration in range(1, iterations + 1):
        scores = criterion(network, masks)
        scores = {name: torch.where(masks[name] > 0, score, -torch.inf) for name, score in scores.items()}
        kept = highest(scores, count(network, DENSITY ** (iteration / iterations)))
        masks = split(network, kept)
    return kept


def bits(kept):
    return encode(np.packbits(kept.astype(np.uint8), bitorder="little"), "u1")


def stored(network, scores):
    flat = {name: score.detach().numpy().ravel() for name, score in scores.items()}
    return {
        "scores": {name: encode(score[:: max(1, score.size // SAMPLES)]) for name, score in flat.items()},
        "kept": bits(highest(scores, count(network, DENSITY))),
    }


def make(file, names):
    def create():
        return ScoringNetwork(os.path.join(sys.argv[1], f"{file}.input.json"))

    criteria = {
        "magnitude": lambda: stored(create(), magnitude(create(), ones(create()))),
        "snip": lambda: stored(create(), snip(create(), ones(create()))),
        "force": lambda: stored(create(), force(create(), create().masks)),
        "synflow": lambda: stored(create(), synflow(create(), ones(create()))),
    }
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(criteria[name]())}" for name in names)
    iterated = json.dumps(bits(pruned(create(), synflow, 100)))
    with open(os.path.join(HERE, f"{file}.first-order.json"), "w") as out:
        out.write(f'{{ "madeBy": "PyTorch {torch.__version__}", "criteria": {{\n{rows}\n}}, "synflowAfter100": {iterated} }}\n')


# The gradients of the deep one depend on which side of a kink of relu6 float32's rounding falls: PyTorch's own float32 differs from its doubles.
make("resnet-20-w4", ["magnitude", "snip", "force", "synflow"])
make("mobilenet-v1", ["magnitude", "snip", "force", "synflow"])
make("mobilenet-v2", ["synflow"])
