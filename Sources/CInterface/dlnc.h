// Trained text classifiers of domain-layer-norm in C, C++ and every language that calls C.
//
//   char *error = NULL;
//   dlnc_classifier *classifier = dlnc_open("runs/quickstart/finetune", &error);
//   if (!classifier) { fprintf(stderr, "%s\n", error); dlnc_free(error); return 1; }
//   const char *text = "A wonderful film.";
//   float probabilities[8];
//   int status = dlnc_predict(classifier, 0, &text, 1, 1, probabilities, NULL, NULL, &error);
//   dlnc_close(classifier);
//
// A classifier never changes: several threads can use one at the same time. Texts are plain UTF-8.
// Pointers to names stay valid until the classifier is closed. Numbers of tasks and classes count from
// 0; a name or number that does not exist gives NULL or -1.

#ifndef DLNC_H
#define DLNC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dlnc_classifier dlnc_classifier;

// Reads the output folder of `train` or `finetune`, or the model.safetensors in it. Returns NULL if that
// fails and, unless `error` is NULL, sets it to a message, which dlnc_free releases.
dlnc_classifier *dlnc_open(const char *path, char **error);

// Releases a classifier, which no thread may use any more; NULL is allowed.
void dlnc_close(dlnc_classifier *classifier);

// Releases a message; NULL is allowed.
void dlnc_free(char *message);

// The number of tasks.
int32_t dlnc_task_count(const dlnc_classifier *classifier);

// The name of a task.
const char *dlnc_task_name(const dlnc_classifier *classifier, int32_t task);

// The task that the model was trained on last.
int32_t dlnc_default_task(const dlnc_classifier *classifier);

// The number of classes of a task.
int32_t dlnc_class_count(const dlnc_classifier *classifier, int32_t task);

// The name of a class of a task.
const char *dlnc_class_name(const dlnc_classifier *classifier, int32_t task, int32_t class_number);

// 1 if a text can have any number of classes of a task, 0 if it has one.
int32_t dlnc_is_multi_label(const dlnc_classifier *classifier, int32_t task);

// Classifies texts. Row-major results, each of which can be NULL:
//   probabilities  [count, classes]  the probability of each class
//   labels         [count, classes]  1 for each class that the text gets, otherwise 0
//   known          [count]           the fraction of the tokens that the model knows
// The number of threads changes no result. Returns 0, or an exit status of sysexits.h: 64 for a task that
// does not exist or a text that is NULL, 65 for a text that is not UTF-8 or a model whose results are not
// numbers. Then it writes no results and, unless `error` is NULL, sets it to a message.
int32_t dlnc_predict(
  const dlnc_classifier *classifier, int32_t task, const char *const *texts, size_t count,
  int32_t threads, float *probabilities, uint8_t *labels, double *known, char **error);

#ifdef __cplusplus
}
#endif

#endif
