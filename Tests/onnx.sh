#!/bin/sh
# Compares the package in Python of `export --format onnx` with this program on 10,000 texts of the
# publishers' data: the words of each text by each tokenizer, the logits of a network and of a bag of words on
# validation rows, and their answers to all texts.
#   sh Tests/onnx.sh DATA     a folder with Yelp-JSON.zip, SemEval2018-Task1-all-data.zip, aclImdb_v1.tar.gz
# The first interpreter in DLNC_PYTHON, or python3, needs numpy and onnxruntime.
set -eu
data=$(cd "${1:?a folder with the data}" && pwd)
cd "$(dirname "$0")/.."
python=${DLNC_PYTHON:-python3}
python=${python%%:*}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
swift build --build-tests
program=.build/debug

"$program/ingest" -q --archive "$data/Yelp-JSON.zip" --train 4500 --validation 500 --test 0 \
  --output "$work/yelp" >/dev/null
"$program/ingest" -q --archive "$data/SemEval2018-Task1-all-data.zip" --threshold 0 --split random \
  --output "$work/tweets" >/dev/null
"$program/ingest" -q --archive "$data/aclImdb_v1.tar.gz" --train 1000 --validation 200 \
  --test 1000 --output "$work/imdb" >/dev/null
"$python" - "$work" >"$work/texts" <<'PYTHON'
import json, pathlib, struct, sys
texts = []
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.safetensors")):
    content = path.read_bytes()
    start = 8 + struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:start])
    def tensor(name):
        first, end = header[name]["data_offsets"]
        return content[start + first:start + end]
    text, offsets = tensor("text"), [value for value, in struct.iter_unpack("<q", tensor("offset"))]
    texts += [text[a:b] for a, b in zip(offsets, offsets[1:])]
sys.stdout.buffer.write(b"".join(text.replace(b"\n", b" ") + b"\n" for text in texts))
PYTHON
[ "$(wc -l <"$work/texts")" -ge 10000 ]
echo "$(wc -l <"$work/texts") texts"

DLNC_TEXTS=$work/texts swift test --skip-build --filter PythonTokenizerTests

"$program/vocab" -q --examples "$work/yelp" --examples "$work/tweets" --vectors none \
  --output "$work/vocab" >/dev/null
for model in dlnc bag-of-words; do
  size=
  [ $model = bag-of-words ] || size="--hidden 64 --epochs 1"
  # shellcheck disable=SC2086
  "$program/train" -q --vocab "$work/vocab" --model $model --recipe best $size \
    --output "$work/$model" >/dev/null
  "$program/export" --checkpoint "$work/$model" --task yelp --format onnx --output "$work/$model-onnx" \
    --check "$work/vocab" --python "$python"
  "$program/predict" -q --checkpoint "$work/$model" --task yelp --json "$work/texts" >"$work/ours"
  (cd "$work/$model-onnx" && "$python" -B -m text_classifier "$work/texts") >"$work/theirs"
  "$python" - "$work/ours" "$work/theirs" <<'PYTHON'
import json, sys
ours, theirs = ([json.loads(line) for line in open(path)] for path in sys.argv[1:])
assert len(ours) == len(theirs)
difference = max(abs(a["probabilities"][name] - b["probabilities"][name])
                 for a, b in zip(ours, theirs) for name in a["probabilities"])
assert difference < 1e-5, difference
assert all(a["known"] == b["known"] and a["label"] == b["label"] for a, b in zip(ours, theirs))
print(f"{len(ours)} answers are the same; probabilities differ by at most {difference:.1e}")
PYTHON
done
