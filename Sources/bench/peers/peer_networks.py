"""DLNC in PyTorch: the networks that `bench` compares with ours.

B rows, T steps, N tokens in total, H hidden units, word vectors of size I. A batch is packed: rows are
sorted by descending length and stored step by step without padding, so step t is a block of the rows
that are still active. Parameters have the names and layouts of our model files.
"""
from functools import cached_property

import torch
from torch.nn import functional as F

EPSILON = 1e-5
RATES = {"rec": 0.3, "cls_rec": 0.3, "head": 0.2, "logits": 0.1}
LAYER_NORM = torch.ops.aten.native_layer_norm
LAYER_NORM_BACKWARD = torch.ops.aten.native_layer_norm_backward
INPUT, PARAMETERS = [True, False, False], [False, True, True]


class Rows:
    """A batch: `tokens` [T,B] padded with 0, `lengths` [B], `labels` [B]."""

    def __init__(self, tokens, lengths, labels):
        self.order = torch.argsort(lengths, descending=True, stable=True)
        self.padded, self.lengths = tokens[:, self.order], lengths[self.order]
        self.labels = labels[self.order]
        self.live = torch.arange(len(tokens))[:, None] < self.lengths
        self.active = self.live.sum(1).tolist()  # the number of active rows at each step
        self.starts = [0, *torch.tensor(self.active).cumsum(0).tolist()]
        self.tokens = self.padded[self.live]
        self.last = torch.tensor(self.starts)[self.lengths - 1] + torch.arange(len(lengths))
        self.words, self.word = self.tokens.unique(return_inverse=True)

    @cached_property
    def predictions(self):
        """The places of the words that have a next one, and these next words."""
        steps = zip(self.starts, self.active[1:])
        return torch.cat([torch.arange(start, start + n) for start, n in steps]), self.tokens[self.active[0]:]


class Loop:
    """The network as one would write it first: a loop over steps, with autograd."""

    def __init__(self, P, task="task", trains=True, dropout=True):
        self.P, self.task, self.trains, self.dropout = P, task, trains, dropout
        own = f"classifier.{task}"
        self.cell = own if f"{own}.w_h" in P else "classifier"

    def norm(self, v, name):
        name = f"{name}.{'%s'}"
        return F.layer_norm(v, v.shape[-1:], self.P[name % "gain"], self.P[name % "shift"], EPSILON)

    def drop(self, v, site, masks):
        if masks:
            return v * masks[site]
        return F.dropout(v, RATES[site], self.trains and self.dropout)

    def input(self, rows):
        """LN_x(W_x x) of every token, [N,4H]."""
        x = F.embedding(rows.tokens, self.P["embedding.weight"], sparse=True)
        return self.norm(F.linear(x, self.P["encoder.w_x"]), f"encoder.ln.{self.task}.x")

    def encoder(self):
        norm = f"encoder.ln.{self.task}"
        return [self.P["encoder.w_h"]] + [
            self.P[f"{norm}.{name}.{part}"] for name in "hc" for part in ("gain", "shift")]

    def steps(self, z_x, keep, rows):
        """h and c of the active rows after each step."""
        w_h, gain_h, shift_h, gain_c, shift_c = self.encoder()
        H = w_h.shape[1]
        h = c = z_x.new_zeros(rows.active[0], H)
        keeps = [None] * len(rows.active) if keep is None else keep.split(rows.active)
        for z, mask in zip(z_x.split(rows.active), keeps):
            h, c = h[:len(z)], c[:len(z)]
            product = F.linear(h if mask is None else h * mask, w_h)
            z = z + F.layer_norm(product, (4 * H,), gain_h, shift_h, EPSILON)
            f, i, o = z[:, :3 * H].sigmoid().chunk(3, 1)
            c = torch.addcmul(f * c, i, z[:, 3 * H:].tanh())
            h = o * F.layer_norm(c, (H,), gain_c, shift_c, EPSILON)
            yield h, c

    def encode(self, z_x, keep, rows):
        """h and c of each row at its last token."""
        ended, before = [], None
        for h, c in self.steps(z_x, keep, rows):
            if before and len(h) < len(before[0]):
                ended.append([part[len(h):] for part in before])
            before = h, c
        ended.append(before)
        return [torch.cat(part) for part in zip(*reversed(ended))]

    def states(self, z_x, keep, rows):
        """h of every token, [N,H]."""
        return torch.cat([h for h, _ in self.steps(z_x, keep, rows)])

    def logits(self, rows, masks=None):
        P, task, cell = self.P, self.task, self.cell
        z_x = self.input(rows)
        keep = masks["rec"] if masks else None
        if not masks and self.trains and self.dropout:
            rate = RATES["rec"]
            keep = z_x.new_empty(len(z_x), P["encoder.w_h"].shape[1]).bernoulli_(1 - rate).div_(1 - rate)
        h, c = self.encode(z_x, keep, rows)
        z = self.norm(F.linear(self.drop(h, "cls_rec", masks), P[f"{cell}.w_h"]), f"{cell}.ln.{task}.h")
        z = z + self.norm(F.linear(P[f"task_embedding.{task}"], P[f"{cell}.w_x"]), f"{cell}.ln.{task}.x")
        f, i, o, g = z.chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * self.norm(c, f"{cell}.ln.{task}.c")
        out = F.linear(self.drop(h, "head", masks), P[f"head.{task}.weight"], P[f"head.{task}.bias"])
        return self.drop(out, "logits", masks)

    def loss(self, rows, masks=None):
        return F.cross_entropy(self.logits(rows, masks), rows.labels)

    def language_loss(self, rows, candidates, corrections, keep):
        """The loss of a language model: each word from h before it, among itself and the candidates."""
        before, targets = rows.predictions
        h = self.states(self.input(rows), keep, rows)[before]
        vectors, bias = self.P["embedding.weight"], self.P["language_model.bias"]
        queries = F.linear(h, self.P["language_model.projection"])
        right = (F.embedding(targets, vectors, sparse=True) * queries).sum(1) + bias[targets]
        others = F.linear(queries, F.embedding(candidates, vectors, sparse=True), bias[candidates] + corrections)
        others = self.without_targets(others, targets, candidates)
        # The right word has number 0.
        return F.cross_entropy(torch.cat([right[:, None], others], 1), torch.zeros_like(targets))

    def without_targets(self, logits, targets, candidates):
        return logits.masked_fill(candidates == targets[:, None], float("-inf"))


class Manual(Loop):
    """The same network with our optimisations: the input projection once per unique token, from a
    table if it is frozen, and a manual backward pass that computes each weight gradient as one product."""

    table = None

    def input(self, rows):
        P, norm = self.P, f"encoder.ln.{self.task}.x"
        if P["encoder.w_x"].requires_grad or not self.trains:
            x = F.embedding(rows.words, P["embedding.weight"], sparse=True)
            z = self.norm(F.linear(x, P["encoder.w_x"]), norm)
        else:
            if self.table is None:
                z = F.linear(P["embedding.weight"], P["encoder.w_x"])
                self.table = F.layer_norm(z, z.shape[-1:], eps=EPSILON)
            z = self.table[rows.words] * P[f"{norm}.gain"] + P[f"{norm}.shift"]
        return F.embedding(rows.word, z)

    def encode(self, z_x, keep, rows):
        if not self.trains:
            return super().encode(z_x, keep, rows)
        return Encode.apply(z_x, keep, rows, False, *self.encoder())

    def states(self, z_x, keep, rows):
        return Encode.apply(z_x, keep, rows, True, *self.encoder())

    def without_targets(self, logits, targets, candidates):
        column = torch.full((len(self.P["embedding.weight"]),), -1)
        column[candidates] = torch.arange(len(candidates))
        column = column[targets]
        row = (column >= 0).nonzero()[:, 0]
        return logits.index_put((row, column[row]), logits.new_tensor(float("-inf")))


class Encode(torch.autograd.Function):
    """h and c of each row at its last token; if `every`, h of every token."""

    @staticmethod
    def forward(ctx, z_x, keep, rows, every, w_h, gain_h, shift_h, gain_c, shift_c):
        H, wide, N = w_h.shape[1], w_h.shape[:1], len(z_x)
        before, states, normed, out = (z_x.new_empty(N, H) for _ in range(4))
        product, gates = z_x.new_empty(N, 4 * H), z_x.new_empty(N, 4 * H)
        scales = [z_x.new_empty(N, 1) for _ in range(4)]  # mean and 1/deviation of LN_h, then of LN_c
        h = c = z_x.new_zeros(rows.active[0], H)
        for start, n in zip(rows.starts, rows.active):
            s = slice(start, start + n)
            d = torch.mul(h[:n], 1 if keep is None else keep[s], out=before[s])
            z, scales[0][s], scales[1][s] = LAYER_NORM(
                torch.mm(d, w_h.t(), out=product[s]), wide, gain_h, shift_h, EPSILON)
            z += z_x[s]
            gate = gates[s]
            torch.sigmoid(z[:, :3 * H], out=gate[:, :3 * H])
            torch.tanh(z[:, 3 * H:], out=gate[:, 3 * H:])
            f, i, o, g = gate.split(H, 1)
            c = torch.mul(f, c[:n], out=states[s]).addcmul_(i, g)
            y, scales[2][s], scales[3][s] = LAYER_NORM(c, (H,), gain_c, shift_c, EPSILON)
            normed[s] = y
            h = torch.mul(o, y, out=out[s])
        ctx.rows, ctx.keep = rows, keep
        ctx.save_for_backward(
            w_h, gain_h, shift_h, gain_c, shift_c, before, states, normed, product, gates, *scales)
        return out if every else (out[rows.last], states[rows.last])

    @staticmethod
    def backward(ctx, d_h, d_c=None):
        (w_h, gain_h, shift_h, gain_c, shift_c, before, states, normed, product, gates, *scales) = ctx.saved_tensors
        rows, keep, learns = ctx.rows, ctx.keep, ctx.needs_input_grad[4]
        H, wide = w_h.shape[1], w_h.shape[:1]
        every = d_h if d_c is None else None
        if every is None:
            d_h, d_c = d_h.clone(), d_c.clone()
        else:
            d_h, d_c = (every.new_zeros(rows.active[0], H) for _ in range(2))
        d_z, d_normed = torch.empty_like(gates), torch.empty_like(states)
        d_product = torch.zeros_like(gates) if learns else None
        zeros = torch.zeros_like(d_c)
        for t in range(len(rows.active) - 1, -1, -1):
            n = rows.active[t]
            s = slice(rows.starts[t], rows.starts[t] + n)
            f, i, o, g = gates[s].split(H, 1)
            d_f, d_i, d_o, d_g = d_z[s].split(H, 1)
            h, c = d_h[:n], d_c[:n]  # the gradients of this step's h and c
            if every is not None:
                h += every[s]
            torch.mul(h, normed[s], out=d_o)
            y = torch.mul(h, o, out=d_normed[s])
            c += LAYER_NORM_BACKWARD(y, states[s], (H,), scales[2][s], scales[3][s], gain_c, shift_c, INPUT)[0]
            torch.mul(c, states[rows.starts[t - 1]:][:n] if t else zeros[:n], out=d_f)
            torch.mul(c, g, out=d_i)
            torch.mul(c, i, out=d_g)
            c *= f
            three = d_z[s][:, :3 * H]
            torch.ops.aten.sigmoid_backward.grad_input(three, gates[s][:, :3 * H], grad_input=three)
            torch.ops.aten.tanh_backward.grad_input(d_g, g, grad_input=d_g)
            if t:
                d = LAYER_NORM_BACKWARD(d_z[s], product[s], wide, scales[0][s], scales[1][s], gain_h, shift_h, INPUT)[0]
                if learns:
                    d_product[s] = d
                torch.mm(d, w_h, out=h)
                if keep is not None:
                    h *= keep[s]
        d_w = d_product.t() @ before if learns else None
        norm_h = LAYER_NORM_BACKWARD(d_z, product, wide, scales[0], scales[1], gain_h, shift_h, PARAMETERS)
        norm_c = LAYER_NORM_BACKWARD(d_normed, states, (H,), scales[2], scales[3], gain_c, shift_c, PARAMETERS)
        return d_z, None, None, None, d_w, *norm_h[1:], *norm_c[1:]


class Plain(Loop):
    """PyTorch's LSTM on the padded batch, without norms and without a classification cell."""

    def __init__(self, P, task="task", trains=True, dropout=True):
        super().__init__(P, task, trains, dropout)
        wide, size = P["encoder.w_x"].shape
        self.lstm = torch.nn.LSTM(size, wide // 4).to(P["encoder.w_x"].dtype).requires_grad_(trains)

    def logits(self, rows, masks=None):
        h, _ = self.lstm(F.embedding(rows.padded, self.P["embedding.weight"], sparse=True))
        h = h[rows.lengths - 1, torch.arange(len(rows.lengths))]
        out = F.linear(self.drop(h, "head", masks), *(self.P[f"head.{self.task}.{n}"] for n in ("weight", "bias")))
        return self.drop(out, "logits", masks)


NETWORKS = {"eager": Loop, "manual": Manual, "nn-lstm": Plain}
