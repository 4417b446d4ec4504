#!/usr/bin/env python3
"""Predicts how training scales with MPI: measures a training step with 1, 2 and 4 processes on this
machine, one micro-batch each, and extrapolates to 64 processes on networks of 10 and 100 Gbit/s.

    mpi-scaling.py TRAIN VOCAB TASK [ROWS]

TRAIN is `train` built with the trait MPI, VOCAB an output folder of `vocab`, and ROWS the number of
rows in a micro-batch (default: 32).

A step of P processes with ROWS rows each takes
    t(P) = t(1) + bytes(P) (c + 1 / bandwidth) + messages(P) latency
    bytes(P) = 2 (1 - 1/P) weights + the vectors of the words of 1, 2, 4, ... P/2 processes' rows
where c is the cost of a byte apart from the network, for copying and adding. It is the difference
between two processes and one on this machine; four processes verify the prediction.
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
    """The header of a safetensors file, and the offset of its data."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    return header, 8 + size


def values(path, name, kind):
    header, start = tensors(path)
    first, end = header[name]["data_offsets"]
    result = array(kind)
    with open(path, "rb") as file:
        file.seek(start + first)
        result.frombytes(file.read(end - first))
    return result


def seconds(train, vocab, task, rows, processes, epochs, output):
    """The run time of a training with one thread per process."""
    command = [train, "--vocab", vocab, "--task", task, "--batch", str(rows * processes), "--micro-batches",
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


def main(train, vocab, task, rows=32):
    rows, cores = int(rows), os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        # Without validation, which is not part of a step.
        inputs, output = f"{folder}/vocab", f"{folder}/model"
        shutil.copytree(vocab, inputs, ignore=shutil.ignore_patterns("validation.safetensors"))
        shard = f"{inputs}/{task}/train.safetensors"
        words, offsets = values(shard, "token", "i"), values(shard, "offset", "q")
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
        """The bytes of the word vectors, with their ids, of the rows of this number of processes."""
        generator, count = random.Random(1), 0
        for _ in range(20):
            batch = generator.sample(range(len(offsets) - 1), min(len(offsets) - 1, rows * processes))
            count += len({word for row in batch for word in words[offsets[row]:offsets[row + 1]]})
        return count // 20 * (4 * size + 4)

    def exchanged(processes):
        """The number of bytes that each process sends in a step."""
        rounds = processes.bit_length() - 1
        return 2 * dense * (1 - 1 / processes) + sum(vectors(2 ** round) for round in range(rounds))

    length = len(words) / (len(offsets) - 1)
    cost = max(0.0, step[2] - step[1]) / exchanged(2)
    print(f"{rows} rows of {length:.0f} tokens per process: a step takes {step[1] * 1e3:.1f} ms, "
          f"{step[1] / rows / length * 1e6:.1f} us per token; {cost * 1e9:.2f} ns per byte exchanged, "
          "without the network")
    for processes in (2, 4):
        crowd = max(1, processes / cores)
        predicted = (step[1] + cost * exchanged(processes)) * crowd
        print(f"{processes} processes on {cores} processors: {step[processes] * 1e3:.1f} ms, "
              f"predicted {predicted * 1e3:.1f}{', the source of c' if processes == 2 else ''}")
    print("\n| processes | MB sent | " + " | ".join(f"{n}: ms | efficiency" for n in NETWORKS) + " |")
    print("|---:|---:|" + "---:|---:|" * len(NETWORKS))
    for rounds in range(7):
        bytes_ = exchanged(2 ** rounds)
        cells = []
        for bandwidth in NETWORKS.values():
            # Two messages a round for the weights, two for the vectors, and one to agree on the next step.
            t = step[1] + bytes_ * (cost + 1 / bandwidth) + 5 * rounds * LATENCY
            cells += [f"{t * 1e3:.0f}", f"{step[1] / t:.0%}"]
        print(f"| {2 ** rounds} | {bytes_ / 1e6:.1f} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if not 4 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
