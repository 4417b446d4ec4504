"""Runs an exported model on the rows of a file, JSON lines with `tokens` and `words`, and writes
the logits as JSON. Arguments: the folder of the model, the file."""

import importlib.util
import json
import sys


def answer(folder, path):
    for module in ("numpy", "onnxruntime"):
        if importlib.util.find_spec(module) is None:
            return {"missing": module}
    import onnxruntime
    sys.path.insert(0, folder)
    from text_classifier import TextClassifier

    model = f"{folder}/model.onnx"
    result = {"runtime": onnxruntime.__version__}
    if importlib.util.find_spec("onnx") is not None:
        import onnx
        onnx.checker.check_model(model, full_check=True)
        result["checker"] = onnx.__version__
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    logits = TextClassifier(model).run(
        "logits", [row["tokens"] for row in rows], [row["words"] for row in rows])
    return result | {"logits": logits.ravel().tolist()}


json.dump(answer(*sys.argv[1:]), sys.stdout)
