#!/usr/bin/env python3
"""What MPI processes are worth: measures a step of training on 1, 2 and 4 processes here, each with
a slice of its own, and predicts 1 to 64 of them on networks of 10 and 100 Gbit/s.

    ranks.py TRAIN TOKENS TASK [ROWS]

TRAIN is `train` built with the trait MPI, TOKENS a folder that vocab made, ROWS those of a slice (32).

A step of P processes, each with ROWS rows, takes
    t(P) = t(1) + bytes(P) (c + 1 / bandwidth) + messages(P) latency
    bytes(P) = 2 (1 - 1/P) weights + the vectors of the words of 1, 2, 4, ... P/2 processes' rows
where c is what a byte costs besides the network: copying, adding up. It is what two processes on
this machine take longer than one; four of them are then a check.
"""
import json
import math
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from array import array
from pathlib import Path

LATENCY = 20e-6  # seconds, of TCP; InfiniBand has a tenth
NETWORKS = {"10 Gbit/s": 10e9 / 8, "100 Gbit/s": 100e9 / 8}


def tensors(path):
    """The shapes and places of a safetensors file's tensors, and where these begin."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    return header, 8 + size


def numbers(path, name, kind):
    header, start = tensors(path)
    first, end = header[name]["data_offsets"]
    values = array(kind)
    with open(path, "rb") as file:
        file.seek(start + first)
        values.frombytes(file.read(end - first))
    return values


def seconds(train, tokens, task, rows, processes, epochs, output):
    """How long a training takes, with one thread a process."""
    command = [train, "--vocab", tokens, "--task", task, "--batch", str(rows * processes), "--micro-batches",
               str(processes), "--threads", "1", "--epochs", str(epochs), "--no-keep-best",
               "--output", output, "--quiet"]
    if processes > 1:
        command = ["mpirun", "--oversubscribe", "-np", str(processes)] + command
    allowed = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                            "OMPI_MCA_mpi_yield_when_idle": "1"}
    shutil.rmtree(output, ignore_errors=True)
    start = time.perf_counter()
    subprocess.run(command, check=True, env=allowed, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(train, tokens, task, rows=32):
    rows, cores = int(rows), os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as place:
        # Each process validates by itself, which is no matter of steps.
        inputs, output = f"{place}/tokens", f"{place}/model"
        shutil.copytree(tokens, inputs, ignore=shutil.ignore_patterns("validation.safetensors"))
        shard = f"{inputs}/{task}/train.safetensors"
        words, offsets = numbers(shard, "token", "i"), numbers(shard, "offset", "q")
        step = {}
        for processes in (1, 2, 4):
            steps = 2 * math.ceil((len(offsets) - 1) / (rows * processes))
            step[processes] = min(
                (seconds(train, inputs, task, rows, processes, 3, output)
                 - seconds(train, inputs, task, rows, processes, 1, output)) / steps for _ in range(2))
        header, _ = tensors(f"{output}/model.safetensors")
    dense = sum(4 * math.prod(info["shape"]) for name, info in header.items() if name != "embedding.weight")
    size = header["embedding.weight"]["shape"][1]

    def vectors(processes):
        """The bytes of the vectors of so many processes' rows, with their numbers."""
        generator, count = random.Random(1), 0
        for _ in range(20):
            batch = generator.sample(range(len(offsets) - 1), min(len(offsets) - 1, rows * processes))
            count += len({word for row in batch for word in words[offsets[row]:offsets[row + 1]]})
        return count // 20 * (4 * size + 4)

    def exchanged(processes):
        """The bytes that each process sends in a step."""
        rounds = processes.bit_length() - 1
        return 2 * dense * (1 - 1 / processes) + sum(vectors(2 ** round) for round in range(rounds))

    length = len(words) / (len(offsets) - 1)
    cost = max(0.0, step[2] - step[1]) / exchanged(2)
    print(f"{rows} rows of {length:.0f} tokens a process: a step takes {step[1] * 1e3:.1f} ms, "
          f"{step[1] / rows / length * 1e6:.1f} us a token; a byte that is exchanged {cost * 1e9:.2f} ns "
          "besides the network")
    for processes in (2, 4):
        crowd = max(1, processes / cores)
        predicted = (step[1] + cost * exchanged(processes)) * crowd
        print(f"{processes} processes on {cores} processors: {step[processes] * 1e3:.1f} ms, "
              f"predicted {predicted * 1e3:.1f}{', which c was taken from' if processes == 2 else ''}")
    print("\n| processes | MB sent | " + " | ".join(f"{n}: ms | efficiency" for n in NETWORKS) + " |")
    print("|---:|---:|" + "---:|---:|" * len(NETWORKS))
    for rounds in range(7):
        bytes_ = exchanged(2 ** rounds)
        cells = []
        for bandwidth in NETWORKS.values():
            # Two messages a round for the weights, two for the vectors, and the agreement to go on.
            t = step[1] + bytes_ * (cost + 1 / bandwidth) + 5 * rounds * LATENCY
            cells += [f"{t * 1e3:.0f}", f"{step[1] / t:.0%}"]
        print(f"| {2 ** rounds} | {bytes_ / 1e6:.1f} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if not 4 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
