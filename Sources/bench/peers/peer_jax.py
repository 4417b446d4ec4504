"""DLNC in JAX: the network of peer_networks.py in the form that XLA compiles best.

Batches are padded, since all steps of a scan have the same shape; a finished row keeps its state. XLA
runs a step of the scan on one thread, so each thread is a device with a slice of the rows. Each shape of
batches is compiled on first use, before anything is timed.
"""
import os
from functools import partial

import jax
import torch
from jax import lax, numpy as jnp
from jax.extend.backend import clear_backends
from jax.sharding import AxisType, PartitionSpec

import peer_networks
from peer_networks import EPSILON, RATES

EACH, ROWS, COLUMNS = PartitionSpec(), PartitionSpec("slice"), PartitionSpec(None, "slice")
SLICED = {"words": EACH, "own": ROWS, "word": COLUMNS, "live": COLUMNS, "labels": ROWS}
EMBEDDING = "embedding.weight"


def use(threads):
    """XLA reads the numbers of threads and devices when it starts, so another number needs a restart."""
    if jax.config.jax_num_cpu_devices != threads:
        os.environ["NPROC"] = str(threads)
        clear_backends()
        jax.config.update("jax_platforms", "cpu")
        jax.config.update("jax_num_cpu_devices", threads)
        jax.set_mesh(jax.make_mesh((threads,), ("slice",), (AxisType.Auto,)))


def array(tensor):
    if tensor.dtype == torch.bfloat16:  # which NumPy lacks
        return jnp.asarray(tensor.detach().view(torch.int16).numpy()).view(jnp.bfloat16)
    return jnp.asarray(tensor.detach().numpy())


def arrays(tensors):
    return {n: array(v) for n, v in tensors.items()}


class Rows(peer_networks.Rows):
    """A batch: its unique `words`, the indices of each slice's `own` words among them, the index of each
    `word` [T,B] among those, whether it is `live` [T,B,1], and the `labels` [B]."""

    def __init__(self, tokens, lengths, labels):
        super().__init__(tokens, lengths, labels)
        word = torch.zeros_like(self.padded)
        word[self.live] = self.word
        own, word = zip(*(part.unique(return_inverse=True) for part in word.chunk(jax.device_count(), 1)))
        batch = arrays({
            "words": self.words, "own": torch.nn.utils.rnn.pad_sequence(own, batch_first=True),
            "word": torch.cat(word, 1), "live": self.live[..., None], "labels": self.labels})
        self.batch = {n: jax.device_put(v, SLICED[n]) for n, v in batch.items()}


# ---- the network ---------------------------------------------------------------------------------
def norm(v):
    """LN without gain and shift, and the reciprocal standard deviation."""
    v = v - v.mean(-1, keepdims=True)
    scale = lax.rsqrt((v * v).mean(-1, keepdims=True) + EPSILON)
    return v * scale, scale


def norm_backward(d, normed, scale):
    along = jnp.einsum("bi,bi->b", d, normed)[:, None] / d.shape[1]  # faster than a mean of d * normed
    return scale * (d - d.mean(-1, keepdims=True) - normed * along)


def drop(v, mask):
    return v if mask is None else v * mask


def cell(z, c, gain, shift):
    """h and c, and the values that backward needs."""
    H = c.shape[1]
    gates, g = jax.nn.sigmoid(z[:, :3 * H]), jnp.tanh(z[:, 3 * H:])
    f, i, o = jnp.split(gates, 3, 1)
    c = f * c + i * g
    normed, scale = norm(c)
    return o * (normed * gain + shift), c, (gates, g, normed, scale)


def scan(z_x, word, live, masks, w_h, gain_h, shift_h, gain_c, shift_c):
    # The barrier makes XLA transpose it once; otherwise the product of each step reads it column by column.
    w_t = lax.optimization_barrier(w_h.T)

    def step(state, row):
        (h, c), (word, runs, mask) = state, row
        before = drop(h, mask)
        product, scale = norm(before @ w_t)
        after, c_after, saved = cell(z_x[word] + product * gain_h + shift_h, c, gain_c, shift_c)
        return (jnp.where(runs, after, h), jnp.where(runs, c_after, c)), (before, c, product, scale, *saved)

    start = jnp.zeros((word.shape[1], w_h.shape[1]), w_h.dtype)
    return lax.scan(step, (start, start), (word, live, masks))


@jax.custom_vjp
def encode(*operands):
    """h and c of each row at its last token. The automatic gradient would add to that of W_h at each
    step; the manual one computes it as one product over all steps."""
    return scan(*operands)[0]


def encode_forward(*operands):
    states, saved = scan(*operands)
    return states, (saved, operands)


def encode_backward(kept, d_states):
    (before, c, product, scale_h, gates, g, normed, scale_c), operands = kept
    z_x, word, live, masks, w_h, gain_h, _, gain_c, shift_c = operands

    def step(d_state, row):
        runs, mask, c, product, scale_h, gates, g, normed, scale_c = row
        f, i, o = jnp.split(gates, 3, 1)
        d_h, d_c = (jnp.where(runs, d, 0) for d in d_state)
        d_normed = d_h * o
        d_c += norm_backward(d_normed * gain_c, normed, scale_c)
        d_o = d_h * (normed * gain_c + shift_c)
        d_z = jnp.concatenate(
            [d_c * c * f * (1 - f), d_c * g * i * (1 - i), d_o * o * (1 - o), d_c * i * (1 - g * g)], 1)
        d_product = norm_backward(d_z * gain_h, product, scale_h)
        d_before = drop(d_product @ w_h, mask)
        d_state = jnp.where(runs, d_before, d_state[0]), jnp.where(runs, d_c * f, d_state[1])
        return d_state, (d_z, d_product, d_normed)

    _, (d_z, d_product, d_normed) = lax.scan(
        step, d_states, (live, masks, c, product, scale_h, gates, g, normed, scale_c), reverse=True)
    flat = lambda v: v.reshape(-1, v.shape[2])
    d_w = lax.optimization_barrier(flat(d_product).T) @ flat(before)  # also faster when transposed first
    total = lambda v: v.sum((0, 1))
    return (jnp.zeros_like(z_x).at[word].add(d_z), None, None, None, d_w,
            total(d_z * product), total(d_z), total(d_normed * normed), total(d_normed))


encode.defvjp(encode_forward, encode_backward)


def logits(P, rows, masks, task):
    """`P` contains only the rows of the slice's own words, of the word vectors or of their table."""
    own = f"classifier.{task}"
    own = own if f"{own}.w_h" in P else "classifier"
    pair = lambda cell, name: [P[f"{cell}.ln.{task}.{name}.{part}"] for part in ("gain", "shift")]
    def scaled(normed, cell, name):
        gain, shift = pair(cell, name)
        return normed * gain + shift

    z_x = P["table"] if "table" in P else norm(P[EMBEDDING] @ P["encoder.w_x"].T)[0]
    h, c = encode(scaled(z_x, "encoder", "x"), rows["word"], rows["live"], masks.get("rec"),
                  P["encoder.w_h"], *pair("encoder", "h"), *pair("encoder", "c"))
    z = scaled(norm(drop(h, masks.get("cls_rec")) @ P[f"{own}.w_h"].T)[0], own, "h")
    z += scaled(norm(P[f"{own}.w_x"] @ P[f"task_embedding.{task}"])[0], own, "x")
    h, _, _ = cell(z, c, *pair(own, "c"))
    out = drop(h, masks.get("head")) @ P[f"head.{task}.weight"].T + P[f"head.{task}.bias"]
    return drop(out, masks.get("logits"))


def loss(live, frozen, rows, masks, task):
    likely = jax.nn.log_softmax(logits(frozen | live, rows, masks, task))
    return -jnp.take_along_axis(likely, rows["labels"][:, None], 1).mean()


def split(P):
    """The trained and the frozen parameters, the latter with normalised W_x x of all words if frozen."""
    live, frozen = (arrays({n: v for n, v in P.items() if v.requires_grad is is_live}) for is_live in (True, False))
    if live and "encoder.w_x" in frozen:
        frozen["table"] = norm(frozen[EMBEDDING] @ frozen["encoder.w_x"].T)[0]
    return live, frozen


def of(words, P):
    """The parameters with the rows of these words only."""
    return {n: v[words] if n in (EMBEDDING, "table") else v for n, v in P.items()}


# ---- the work ------------------------------------------------------------------------------------
def dropout_masks(key, rows, H, classes, dtype):
    T, B = rows["word"].shape
    shapes = {"rec": (T, B, H), "cls_rec": (B, H), "head": (B, H), "logits": (B, classes)}
    return {site: jax.random.bernoulli(key, 1 - RATES[site], shape).astype(dtype) / (1 - RATES[site])
            for key, (site, shape) in zip(jax.random.split(key, len(shapes)), shapes.items())}


def on_slices(run, *inputs, result):
    """Runs a function on each device with its slice of the batch, the last input."""
    specs = (*[EACH] * (len(inputs) - 1), SLICED)
    # Created for each compilation, since it keeps the devices of its first call.
    return jax.shard_map(run, in_specs=specs, out_specs=result, check_vma=False)(*inputs)


def descend(live, frozen, time, rows):
    """The gradients; those of word vectors only for the words of the batch."""
    words = rows["words"][rows["own"][0]]
    key = jax.random.fold_in(jax.random.key(time), lax.axis_index("slice"))
    P = live | frozen
    w_h = P["encoder.w_h"]
    masks = dropout_masks(key, rows, w_h.shape[1], len(P["head.task.bias"]), w_h.dtype)
    d = jax.grad(loss)(of(words, live), of(words, frozen), rows, masks, "task")
    if EMBEDDING in d:
        own = d[EMBEDDING]
        d[EMBEDDING] = jnp.zeros((len(rows["words"]), own.shape[1]), own.dtype).at[rows["own"][0]].add(own)
    return lax.pmean(d, "slice")


@partial(jax.jit, donate_argnums=0)
def learn(state, frozen, rows):
    """A step of Adam, which updates only the word vectors of the batch."""
    *trees, time = state
    time += 1
    now = [of(rows["words"], tree) for tree in trees]
    for n, d in on_slices(descend, trees[0], frozen, time, rows, result=EACH).items():
        value, first, second = (tree[n] for tree in now)
        first = 0.9 * first + 0.1 * d
        second = 0.999 * second + 0.001 * d * d
        step = 1e-3 / (1 - 0.9**time) * first / (jnp.sqrt(second / (1 - 0.999**time)) + 1e-8)
        value -= step.astype(value.dtype)
        for tree, v in zip(trees, (value, first, second)):
            tree[n] = tree[n].at[rows["words"]].set(v) if n == EMBEDDING else v
    return *trees, time


@jax.jit
def infer(P, rows):
    predict = lambda P, rows: jax.nn.softmax(logits(of(rows["words"][rows["own"][0]], P), rows, {}, "task"))
    return on_slices(predict, P, rows, result=ROWS)


class Learner:
    """Parameters, and steps that update those that require gradients."""

    def __init__(self, P):
        live, frozen = split(P)
        zeros = lambda: {n: jnp.zeros_like(v) for n, v in live.items()}
        self.state, self.frozen = jax.device_put(((live, zeros(), zeros(), jnp.int32(0)), frozen), EACH)
        self.learns = bool(live)

    def step(self, rows):
        if not self.learns:
            return infer(self.frozen, rows.batch).block_until_ready()
        self.state = jax.block_until_ready(learn(self.state, self.frozen, rows.batch))


def gradients(P, task, rows, masks):
    """Loss and gradients for given dropout masks, in double precision."""
    jax.config.update("jax_enable_x64", True)
    live, frozen = split(P)
    batch, words = rows.batch, rows.batch["words"]
    run = lambda live: loss(of(words, live), of(words, frozen), batch, arrays(masks), task)
    value, d = jax.jit(jax.value_and_grad(run))(live)
    tensor = lambda v: torch.from_numpy(jax.device_get(v).copy())
    return tensor(value), {n: tensor(v) for n, v in d.items()}
