"""Times training steps of the ResNet-8 of MLPerf Tiny in PyTorch, for scripts/benchmark-finetune.mjs: batch, rounds and
threads (0: PyTorch's choice) as arguments. Prints median and best wall time and mean processor time of a step in milliseconds."""

import sys, time, torch
from torch import nn
from torch.nn import functional as F
batch, rounds, threads = (int(value) for value in sys.argv[1:4])
if threads > 0:
    torch.set_num_threads(threads)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        shapes = [(3,16,3,1),(16,16,3,1),(16,16,3,1),(16,32,3,2),(32,32,3,1),(16,32,1,2),(32,64,3,2),(64,64,3,1),(32,64,1,2)]
        self.layers = nn.ModuleList([nn.Conv2d(i, o, k, s, 1 if k == 3 and s == 1 else 0) for i, o, k, s in shapes])
        self.dense = nn.Linear(64, 10)
    def forward(self, x):
        c = self.layers
        after = lambda v: F.pad(v, (0, 1, 0, 1))
        x = F.relu(c[0](x))
        x = F.relu(x + c[2](F.relu(c[1](x))))
        x = F.relu(c[4](F.relu(c[3](after(x)))) + c[5](x))
        x = F.relu(c[7](F.relu(c[6](after(x)))) + c[8](x))
        return self.dense(x.mean((2, 3)))
torch.manual_seed(0)
net = Net()
x, y = torch.randn(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
optimizer = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9, nesterov=True)
times = []
for index in range(rounds + 5):
    if index == 5:
        processor = time.process_time()
    start = time.perf_counter()
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
    times.append(time.perf_counter() - start)
processor = (time.process_time() - processor) / rounds
times = sorted(times[5:])
print(1000 * times[len(times) // 2], 1000 * times[0], 1000 * processor, torch.__version__, torch.get_num_threads())
