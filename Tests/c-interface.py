"""Classifies the lines of standard input by the shared library: label, known tokens, probabilities.

    python3 c-interface.py LIBRARY MODEL TASK
"""

import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
library.dlnc_open.restype = ctypes.c_void_p
library.dlnc_open.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)]
for name, result, arguments in [
    ("task_count", ctypes.c_int32, []),
    ("task_name", ctypes.c_char_p, [ctypes.c_int32]),
    ("class_count", ctypes.c_int32, [ctypes.c_int32]),
    ("class_name", ctypes.c_char_p, [ctypes.c_int32, ctypes.c_int32]),
    ("close", None, []),
]:
    function = getattr(library, f"dlnc_{name}")
    function.restype, function.argtypes = result, [ctypes.c_void_p, *arguments]
library.dlnc_predict.restype = ctypes.c_int32
library.dlnc_predict.argtypes = [
    ctypes.c_void_p, ctypes.c_int32, ctypes.POINTER(ctypes.c_char_p), ctypes.c_size_t, ctypes.c_int32,
    ctypes.POINTER(ctypes.c_float), ctypes.POINTER(ctypes.c_uint8), ctypes.POINTER(ctypes.c_double),
    ctypes.POINTER(ctypes.c_void_p)]
library.dlnc_free.argtypes = [ctypes.c_void_p]


def shortest(value):
    """As few digits as are needed to read a number back exactly in single precision."""
    texts = (f"{value:.{digits}g}" for digits in range(1, 10))
    return next(text for text in texts if ctypes.c_float(float(text)).value == value)


error = ctypes.c_void_p()
assert library.dlnc_open(b"nothing/here", error) is None
assert b"no such file" in ctypes.cast(error, ctypes.c_char_p).value
library.dlnc_free(error)

classifier = library.dlnc_open(sys.argv[2].encode(), error)
tasks = [library.dlnc_task_name(classifier, n).decode() for n in range(library.dlnc_task_count(classifier))]
task = tasks.index(sys.argv[3])
classes = library.dlnc_class_count(classifier, task)
texts = [line.encode() for line in sys.stdin.read().splitlines()]
count = len(texts)
probabilities = (ctypes.c_float * (count * classes))()
labels, known = (ctypes.c_uint8 * (count * classes))(), (ctypes.c_double * count)()
status = library.dlnc_predict(
    classifier, task, (ctypes.c_char_p * count)(*texts), count, 2, probabilities, labels, known, error)
assert status == 0
for row in range(count):
    given = [k for k in range(classes) if labels[row * classes + k]]
    name = library.dlnc_class_name(classifier, task, given[0]).decode()
    print(name, f"{known[row]:.3f}", *(shortest(probabilities[row * classes + k]) for k in range(classes)),
          sep="\t")
library.dlnc_close(classifier)
