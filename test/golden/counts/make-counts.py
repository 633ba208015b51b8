"""Parameter and MAC counts of other people's implementations, for counts.json.

Needs torch 1.13, torchvision 0.14 (Debian: python3-torchvision) and pytorchcv 0.0.74 (`pip install --no-deps`). Run
`python3 make-counts.py > counts.json`. Networks are built, never loaded: no weights are fetched.

params: trainable parameters. prunable: weights of convolutions and dense layers. macs: counted by hooks on these layers as
one 32x32 or 224x224 image passes. published: the number of parameters that torchvision's documentation states.
"""

import json
import warnings

import torch
from pytorchcv.model_provider import get_model
from pytorchcv.models.resnet_cifar import CIFARResNet
from torch import nn
from torchvision import models
from torchvision.models.vgg import cfgs, make_layers

warnings.filterwarnings("ignore")
layers = (nn.Conv2d, nn.Linear)


def count(net, size):
    macs = []

    def record(layer, _, output):
        taken = layer.weight[0].numel()  # inputs to one output
        macs.append(output.numel() * taken)

    weighted = [layer for layer in net.modules() if isinstance(layer, layers)]
    for layer in weighted:
        layer.register_forward_hook(record)
    net.eval()
    with torch.no_grad():
        net(torch.zeros(1, 3, size, size))
    return {
        "params": sum(p.numel() for p in net.parameters()),
        "prunable": sum(layer.weight.numel() for layer in weighted),
        "macs": sum(macs),
    }


def without_biases(net):
    """Biases before batch norm do nothing, and are left out in the sdk."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            layer.bias = None
    return net


def cifar_resnet(depth, width=16):
    blocks = (depth - 2) // 6
    return CIFARResNet([[width * 2**stage] * blocks for stage in range(3)], width, False, num_classes=10)


def cifar_stem(net, channels):
    """A torchvision ResNet or ShuffleNetV2 for CIFAR: 3x3 of stride 1, no pool."""
    stem = nn.Conv2d(3, channels, 3, padding=1, bias=False)
    if isinstance(net.conv1, nn.Sequential):
        net.conv1[0] = stem
    else:
        net.conv1 = stem
    net.maxpool = nn.Identity()
    return net


def cifar_vgg(size):
    letter = {11: "A", 13: "B", 16: "D", 19: "E"}[size]
    features = without_biases(make_layers(cfgs[letter][:-1], batch_norm=True))
    return nn.Sequential(features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def imagenet_vgg(size):
    net = getattr(models, f"vgg{size}_bn")()
    without_biases(net.features)
    return net


def cifar_mobilenet_v2(multiplier):
    strides = [1, 1, 2, 2, 1, 2, 1]
    rows = [(1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)]
    setting = [[t, c, n, s] for (t, c, n), s in zip(rows, strides)]
    net = models.MobileNetV2(num_classes=10, width_mult=multiplier, inverted_residual_setting=setting)
    net.features[0][0].stride = (1, 1)
    return net


def cifar_mobilenet_v1():
    net = get_model("mobilenet_w1", num_classes=10)
    net.features.init_block.conv.stride = (1, 1)
    net.features.final_pool = nn.AdaptiveAvgPool2d(1)
    return net


def cifar_shufflenet_v1():
    net = get_model("shufflenet_g3_w1", num_classes=10)
    net.features.init_block.conv.stride = (1, 1)
    net.features.init_block.pool = nn.Identity()
    net.features.final_pool = nn.AdaptiveAvgPool2d(1)
    return net


torchvision = "torchvision 0.14.1 "
pytorchcv = "pytorchcv 0.0.74 "
rows = []


def add(name, net, size, source, weights=None):
    published = {} if weights is None else {"published": weights.IMAGENET1K_V1.meta["num_params"]}
    rows.append({"name": name, **count(net, size), **published, "source": source})


for depth in (20, 32, 44, 56, 110):
    add(f"resnet-{depth}", cifar_resnet(depth), 32, pytorchcv + f"CIFARResNet, {depth} layers")
for width in (4, 8):
    add(f"resnet-20-w{width}", cifar_resnet(20, width), 32, pytorchcv + f"CIFARResNet, 20 layers, width {width}")
for depth in (18, 34, 50):
    name = f"resnet{depth}"
    weights = getattr(models, f"ResNet{depth}_Weights")
    add(f"resnet-{depth}", getattr(models, name)(), 224, torchvision + name, weights)
    cifar = cifar_stem(getattr(models, name)(num_classes=10), 64)
    add(f"resnet-{depth}-cifar", cifar, 32, torchvision + name + ", stem 3x3 of stride 1, no pool")
for size in (11, 13, 16, 19):
    add(f"vgg-{size}", cifar_vgg(size), 32, torchvision + f"vgg{size}_bn features to the last pool, no conv biases, one dense layer")
    add(f"vgg-{size}-imagenet", imagenet_vgg(size), 224, torchvision + f"vgg{size}_bn, no biases before batch norm")
for multiplier, suffix in ((0.25, "wd4"), (0.5, "wd2"), (0.75, "w3d4"), (1.0, "w1")):
    name = f"mobilenet_{suffix}"
    add(f"mobilenet-v1-x{multiplier}", get_model(name), 224, pytorchcv + name)
add("mobilenet-v1-x1.0-cifar", cifar_mobilenet_v1(), 32, pytorchcv + "mobilenet_w1, stem of stride 1")
for multiplier in (0.35, 0.5, 0.75, 1.0, 1.4):
    net = models.mobilenet_v2(width_mult=multiplier)
    weights = models.MobileNet_V2_Weights if multiplier == 1.0 else None
    add(f"mobilenet-v2-x{multiplier}", net, 224, torchvision + f"mobilenet_v2, width_mult {multiplier}", weights)
for multiplier in (0.5, 1.0):
    source = torchvision + f"MobileNetV2, width_mult {multiplier}, strides 1,1,2,2,1,2,1, stem of stride 1"
    add(f"mobilenet-v2-x{multiplier}-cifar", cifar_mobilenet_v2(multiplier), 32, source)
for groups in (1, 2, 3, 4, 8):
    name = f"shufflenet_g{groups}_w1"
    add(f"shufflenet-v1-g{groups}", get_model(name), 224, pytorchcv + name)
add("shufflenet-v1-g3-x0.5", get_model("shufflenet_g3_wd2"), 224, pytorchcv + "shufflenet_g3_wd2")
add("shufflenet-v1-g3-cifar", cifar_shufflenet_v1(), 32, pytorchcv + "shufflenet_g3_w1, stem of stride 1, no pool")
for multiplier in (0.5, 1.0, 1.5, 2.0):
    suffix = str(multiplier).replace(".", "_")
    name = f"shufflenet_v2_x{suffix}"
    weights = getattr(models, f"ShuffleNet_V2_X{suffix}_Weights")
    add(f"shufflenet-v2-x{multiplier}", getattr(models, name)(), 224, torchvision + name, weights)
cifar = cifar_stem(models.shufflenet_v2_x1_0(num_classes=10), 24)
add("shufflenet-v2-x1.0-cifar", cifar, 32, torchvision + "shufflenet_v2_x1_0, stem 3x3 of stride 1, no pool")

print(json.dumps(rows, indent=2))
