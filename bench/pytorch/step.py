"""One Robust JEM step as a PyTorch user would write it after JEM++ (Yang & Ji 2021): float32, default memory layout.

Serves `bench/step.mjs`: one JSON request a line on stdin, one JSON answer a line on stdout.

    {"do": "load", "file": weights and inputs (safetensors), "settings": {...}}
    {"do": "step"}       the losses, and the seconds that the step took

The passes are those of the TypeScript side: gradients are asked of the images alone while sampling and attacking, and PYLD
runs in its closed form, so that the comparison has no needless work on this side.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, s):
        super().__init__()
        self.slope = s["negativeSlope"]
        self.bn1 = nn.BatchNorm2d(inputs, momentum=s["batchNormMomentum"])
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(outputs, momentum=s["batchNormMomentum"])
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride=stride, padding=1)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride))

    def forward(self, x):
        out = self.conv1(F.leaky_relu(self.bn1(x), self.slope))
        out = self.conv2(F.leaky_relu(self.bn2(out), self.slope))
        out += self.shortcut(x)
        return out


class Trunk(nn.Module):
    def __init__(self, s):
        super().__init__()
        n, k = (s["depth"] - 4) // 6, s["width"]
        self.slope = s["negativeSlope"]
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.layer1 = self.group(16, 16 * k, n, 1, s)
        self.layer2 = self.group(16 * k, 32 * k, n, 2, s)
        self.layer3 = self.group(32 * k, 64 * k, n, 2, s)
        self.bn1 = nn.BatchNorm2d(64 * k, momentum=s["batchNormMomentum"])

    @staticmethod
    def group(inputs, outputs, n, stride, s):
        rest = [Block(outputs, outputs, 1, s) for _ in range(n - 1)]
        return nn.Sequential(Block(inputs, outputs, stride, s), *rest)

    def forward(self, x):
        out = self.layer3(self.layer2(self.layer1(self.conv1(x))))
        out = F.leaky_relu(self.bn1(out), self.slope)
        return F.avg_pool2d(out, out.shape[-1]).flatten(1)


class WideResNet(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.f = Trunk(s)
        self.class_output = nn.Linear(64 * s["width"], s["classes"])

    def forward(self, x):
        return self.class_output(self.f(x))


def pyld(f, x, s):
    """M ascents of logsumexp f, the batch norms in train mode, as released."""
    f.train()
    for _ in range(s["outerSteps"]):
        x = x.detach().requires_grad_()
        (g,) = torch.autograd.grad(f(x).logsumexp(1).sum(), [x])
        step = s["innerSteps"] * s["stepSize"]
        x = (x.detach() + step * g.clamp(-s["gradientClip"], s["gradientClip"])).clamp(-1, 1)
    return x.detach()


def pgd(f, x0, y, start, s):
    """L-infinity PGD in eval mode."""
    f.eval()
    x = start.clamp(-1, 1)
    for _ in range(s["steps"]):
        x = x.detach().requires_grad_()
        (g,) = torch.autograd.grad(F.cross_entropy(f(x), y, reduction="sum"), [x])
        x = x.detach() + s["attackStepSize"] * g.sign()
        x = (x0 + (x - x0).clamp(-s["epsilon"], s["epsilon"])).clamp(-1, 1)
    f.train()
    return x.detach()


def step(f, optimizer, inputs, s):
    f_positive = f(inputs["positives"]).logsumexp(1).mean()
    negatives = pyld(f, inputs["chains"], s)
    f_negative = f(negatives).logsumexp(1).mean()
    adversarial = pgd(f, inputs["x"], inputs["y"], inputs["start"], s)
    cross_entropy = F.cross_entropy(f(adversarial), inputs["y"])
    loss = cross_entropy - (f_positive - f_negative)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return {"fPositive": f_positive.item(), "fNegative": f_negative.item(), "crossEntropy": cross_entropy.item()}


def read_safetensors(path):
    types = {"F32": torch.float32, "I64": torch.int64}
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = torch.frombuffer(data[begin:end], dtype=types[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def main():
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "load":
            s = request["settings"]
            torch.set_num_threads(s["threads"])
            tensors = read_safetensors(request["file"])
            inputs = {name[6:]: t for name, t in tensors.items() if name.startswith("input.")}
            f = WideResNet(s)
            f.load_state_dict({name: t for name, t in tensors.items() if not name.startswith("input.")})
            optimizer = torch.optim.SGD(f.parameters(), lr=s["lr"], momentum=s["momentum"], weight_decay=s["weightDecay"])
            answer = {"torch": torch.__version__, "threads": torch.get_num_threads()}
        else:
            began = time.perf_counter()
            answer = step(f, optimizer, inputs, s)
            answer["seconds"] = time.perf_counter() - began
        print(json.dumps(answer), flush=True)


main()
