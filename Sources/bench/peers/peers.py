#!/usr/bin/env python3
"""The competitors of `bench --peers PYTHON`, one process per peer.

    python peers.py NAME      answers each request, a line of JSON on standard input, with a line of
                              JSON: {"best": tokens per second}, {"seconds": …} or {"error": …}; the
                              first line is {"version": …} or {"missing": …}
    python peers.py --check   compares loss and gradients of the networks with fixtures/reference

NAME: eager, manual, nn-lstm, jax (networks); polars, tokenizers (data); fasttext, onnxruntime (single texts).
"""
import json
import sys
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path

sys.dont_write_bytecode = True
SIZES = {"embedding.weight": 20_000, "I": 100, "H": 256, "E": 32}
TRAINED = {"train": ("",), "finetune": ("encoder.ln.", "classifier", "head.", "task_embedding."), "infer": (),
           "pretrain": ("",)}
CANDIDATES = 1024


# ---- networks ------------------------------------------------------------------------------------
def parameters(work, classes, words=SIZES["embedding.weight"]):
    """Random parameters of the paper's sizes; those that the work trains require gradients."""
    import torch
    torch.manual_seed(1)
    I, H, E = (SIZES[n] for n in "IHE")
    shapes = {"embedding.weight": (words, I), "encoder.w_x": (4 * H, I), "encoder.w_h": (4 * H, H),
              "classifier.w_x": (4 * H, E), "classifier.w_h": (4 * H, H), "task_embedding.task": (E,),
              "head.task.weight": (classes, H), "head.task.bias": (classes,)}
    cells = ("encoder", "classifier")
    if work == "pretrain":
        cells = ("encoder",)
        shapes = {n: s for n, s in shapes.items() if n.startswith(("embedding", "encoder"))}
        shapes |= {"language_model.projection": (I, H), "language_model.bias": (words,)}
    for cell in cells:
        for norm, size in {"x": 4 * H, "h": 4 * H, "c": H}.items():
            shapes |= {f"{cell}.ln.task.{norm}.{part}": (size,) for part in ("gain", "shift")}
    P = {n: torch.empty(s).uniform_(-1 / 16, 1 / 16) for n, s in shapes.items()}
    for name, value in P.items():
        if name.endswith(".gain"):
            value.add_(1)
        value.requires_grad_(name.startswith(TRAINED[work]))
    return P


class Learner:
    """A network and its optimisers: Adam, and SparseAdam for the word vectors."""

    def __init__(self, name, P):
        import torch
        from peer_networks import NETWORKS
        self.network = NETWORKS[name](P, trains=any(v.requires_grad for v in P.values()))
        used = list(P) if name != "nn-lstm" else ["embedding.weight", "head.task.weight", "head.task.bias"]
        dense = [P[n] for n in used if P[n].requires_grad and n != "embedding.weight"]
        if name == "nn-lstm":
            dense += [p for p in self.network.lstm.parameters() if p.requires_grad]
        self.optimizers = [torch.optim.Adam(dense, lr=1e-3, fused=True)] if dense else []
        if P["embedding.weight"].requires_grad:
            self.optimizers.append(torch.optim.SparseAdam([P["embedding.weight"]], lr=1e-3))
        self.probabilities = None
        if "language_model.bias" in P:
            # Candidates by the frequencies of Zipf's law to the power of 0.75, scaled to their number.
            weights = torch.arange(1, len(P["language_model.bias"]) + 1) ** -0.75
            low, high = 0.0, float(CANDIDATES)
            for _ in range(60):
                factor = (low + high) / 2
                few = (weights * factor).clamp(max=1).sum() < CANDIDATES
                low, high = (factor, high) if few else (low, factor)
            self.probabilities = (weights * high).clamp(max=1)

    def loss(self, rows):
        import torch
        if self.probabilities is None:
            return self.network.loss(rows)
        candidates = (torch.rand(len(self.probabilities)) < self.probabilities).nonzero()[:, 0]
        dtype = self.network.P["encoder.w_h"].dtype
        mask = torch.empty(rows.active[0], SIZES["H"], dtype=dtype).bernoulli_(0.9).div_(0.9)
        keep = torch.cat([mask[:n] for n in rows.active])  # one mask for all steps of a row
        return self.network.language_loss(
            rows, candidates, -self.probabilities[candidates].log().to(dtype), keep)

    def step(self, rows):
        import torch
        if not self.optimizers:
            with torch.inference_mode():
                return self.network.logits(rows).softmax(1)
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        self.loss(rows).backward()
        for optimizer in self.optimizers:
            optimizer.step()


def gradients(name, P, task, rows, masks, candidates=None):
    """Loss and gradients for given dropout masks, and candidates of a language model."""
    import torch
    from peer_networks import NETWORKS
    if masks:
        masks = masks | {"rec": masks["rec"][rows.live]}
    network = NETWORKS[name](P, task, dropout=False)
    loss = network.language_loss(rows, *candidates, masks["rec"]) if candidates else network.loss(rows, masks)
    loss.backward()
    return loss.detach(), {n: torch.zeros_like(v) if v.grad is None else v.grad.to_dense() for n, v in P.items()}


def kinds(name, threads):
    """A peer's classes for batches and learners, and its function for loss and gradients."""
    import torch
    torch.set_num_threads(threads)
    if name == "jax":
        import peer_jax
        peer_jax.use(threads)
        return peer_jax.Rows, peer_jax.Learner, peer_jax.gradients
    from peer_networks import Rows
    return Rows, partial(Learner, name), partial(gradients, name)


def cast(P, precision):
    """The parameters in the precision that is asked for, and the context of a step."""
    import torch
    if precision == "bf16":
        P = {n: v.detach().bfloat16().requires_grad_(v.requires_grad) for n, v in P.items()}
    return P, torch.autocast("cpu", torch.bfloat16, enabled=precision == "autocast")


def measure(name, request):
    """Tokens per second over the batches' best times."""
    from safetensors.torch import load_file
    Rows, Learner, _ = kinds(name, request["threads"])
    file = load_file(request["path"])
    part = lambda i, n: file[f"batch{i}.{n}"].long()
    batches = [Rows(*(part(i, n) for n in ("tokens", "lengths", "labels"))) for i in range(len(file) // 3)]
    P, context = cast(parameters(request["work"], request["classes"]), request.get("precision"))
    learner = Learner(P)
    if request.get("precision") == "int8":
        from torch.ao.quantization import quantize_dynamic
        from torch.nn import LSTM, Sequential
        learner.network.lstm = quantize_dynamic(Sequential(learner.network.lstm), {LSTM})[0]
    with context:
        for _ in range(2):  # warm-up
            for rows in batches:
                learner.step(rows)
        times = [[] for _ in batches]
        start = time.perf_counter()
        while time.perf_counter() - start < request["seconds"] or len(times[0]) < 3:
            for rows, taken in zip(batches, times):
                before = time.perf_counter()
                learner.step(rows)
                taken.append(time.perf_counter() - before)
    tokens = sum(len(rows.tokens) for rows in batches)
    return {"best": tokens / sum(map(min, times))}


def finetune(name, request):
    """Fine-tuning on the shards of a folder: epochs of batches of similar length, each with validation."""
    import torch
    from safetensors.torch import load_file
    Rows, Learner, _ = kinds(name, request["threads"])
    start = time.perf_counter()
    def batches(split, size):
        file = load_file(f"{request['path']}/{split}.safetensors")
        offsets = file["offset"]
        lengths = (offsets[1:] - offsets[:-1]).clamp(max=request["maxLength"])
        for part in torch.argsort(lengths, descending=True).split(size):
            texts = [file["token"][offsets[r]:][:lengths[r]].long() for r in part]
            yield Rows(torch.nn.utils.rnn.pad_sequence(texts), lengths[part], file["label"][part].long())
    train, validation = list(batches("train", request["batch"])), list(batches("validation", 64))
    learner = Learner(parameters("finetune", 2, request["vocabularySize"]))
    for _ in range(request["epochs"]):
        for index in torch.randperm(len(train)).tolist():
            learner.step(train[index])
        learner.network.trains = False
        with torch.inference_mode():
            for rows in validation:
                learner.network.logits(rows)
        learner.network.trains = True
    return {"seconds": time.perf_counter() - start}


# ---- data ----------------------------------------------------------------------------------------
def sample(request):
    """JSON lines to sampled rows."""
    import polars
    rows = polars.read_ndjson(request["path"], schema={"stars": polars.Float64, "text": polars.String})
    return rows.sample(request["rows"], seed=1)


def vectors(request):
    """Word vectors in text format to the rows of the wanted words."""
    import polars
    components = {f"c{i}": polars.Float32 for i in range(request["dimension"])}
    table = polars.read_csv(request["path"], separator=" ", has_header=False, quote_char=None,
                            schema={"word": polars.String, **components})
    wanted = polars.Series("word", Path(request["words"]).read_text().split("\n")).to_frame()
    return wanted.join(table, on="word", how="inner").drop("word").to_numpy()


def count(request):
    """Tokenizes a file of texts, one per line, and counts the tokens."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    trainer = trainers.WordLevelTrainer(vocab_size=20_000, special_tokens=["<unk>"], show_progress=False)
    tokenizer.train([request["path"]], trainer)


DATA = {"polars": {"sample": sample, "vectors": vectors}, "tokenizers": {"count": count}}


# ---- single texts --------------------------------------------------------------------------------
def fasttext_calls(request):
    """fastText, trained on a file of labelled texts: vectors of 100 numbers, words only."""
    import fasttext
    fasttext.FastText.eprint = lambda text: None  # a warning at each load
    path = Path(request["path"] + ".bin")
    if not path.exists():
        fasttext.train_supervised(
            request["path"], dim=100, epoch=1, thread=1, verbose=0).save_model(str(path))
    load = lambda: fasttext.load_model(str(path))
    # The method of the class in C++, which the one in Python wraps.
    predict, text = load().f.predict, request["text"] + "\n"
    return load, lambda: predict(text, 3, 0.0, "strict")


def onnxruntime_calls(request):
    """A folder that `export --format onnx` wrote, by its package in Python."""
    sys.path.insert(0, request["path"])
    from text_classifier import TextClassifier
    load = lambda: TextClassifier(request["path"] + "/model.onnx", threads=1)
    classifier = load()
    return load, lambda: classifier.predict([request["text"]])


SINGLE = {"fasttext": fasttext_calls, "onnxruntime": onnxruntime_calls}


def latency(name, request):
    """Calls per second, by the median time of a call: of one text, or of reading the model."""
    load, predict = SINGLE[name](request)
    call, count = (predict, 500) if request["work"] == "text" else (load, 20)
    times = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return {"best": 1 / sorted(times)[count // 2]}


# ---- the service ---------------------------------------------------------------------------------
def answer(name, request):
    work = request["work"]
    if name in DATA:
        start = time.perf_counter()
        DATA[name][work](request)
        return {"seconds": time.perf_counter() - start}
    if name in SINGLE:
        return latency(name, request)
    return finetune(name, request) if work == "finetune-whole" else measure(name, request)


def serve(name):
    say = lambda value: print(json.dumps(value), flush=True)
    try:
        module = __import__(name if name in (*DATA, *SINGLE, "jax") else "torch")
        if name not in (*DATA, *SINGLE):
            import safetensors, torch
    except ImportError as error:
        return say({"missing": str(error)})
    say({"version": f"{module.__name__} {getattr(module, '__version__', '')}".strip()})
    for line in sys.stdin:
        try:
            say(answer(name, json.loads(line)))
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}"})


# ---- the check -----------------------------------------------------------------------------------
def differences(name, case):
    """The largest difference of loss and gradients from a reference, relative to each one's largest value."""
    from safetensors import safe_open
    path = Path(__file__).resolve().parents[3] / f"fixtures/reference/{case}.safetensors"
    with safe_open(path, "pt") as file:
        # The language model has no labels, and no settings but those of its script.
        task = json.loads(file.metadata()["config"])["task"] if file.metadata() else "ei-reg"
        tensors = {n: file.get_tensor(n) for n in file.keys()}
    group = lambda prefix: {n.removeprefix(prefix): v for n, v in tensors.items() if n.startswith(prefix)}
    P, masks, wanted = group("param."), group("mask."), group("grad.")
    for n in wanted:
        P[n].requires_grad_()
    data = group("input.")
    Rows, _, gradients = kinds(name, threads=1)
    lengths = data["lengths"].long()
    rows = Rows(data["tokens"].t().long(), lengths, data.get("labels", lengths).long())
    candidates = (data["candidates"].long(), data["corrections"]) if "candidates" in data else ()
    for site, mask in masks.items():
        masks[site] = mask[:, rows.order] if site == "rec" else mask[rows.order]
    loss, ours = gradients(P, task, rows, masks, *([candidates] if candidates else []))
    yield "loss", float((loss - tensors["out.loss"]).abs())
    for n, theirs in wanted.items():
        yield n, float((ours[n] - theirs).abs().max() / max(theirs.abs().max(), 1e-6))


def check():
    failed = False
    for name in ("eager", "manual", "jax") if find_spec("jax") else ("eager", "manual"):
        for case in ("dlnc", "masks", "finetune", "separate-cell", "language-model"):
            if (name, case) == ("jax", "language-model"):
                continue
            worst, tensor = max((d, n) for n, d in differences(name, case))
            failed |= not worst < 1e-9
            print(f"{name:8s} {case:14s} largest relative difference {worst:.1e}, of {tensor}")
    sys.exit(failed)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    check() if sys.argv[1] == "--check" else serve(sys.argv[1])
