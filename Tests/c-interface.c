// Classifies the lines of standard input: the label, the fraction of known tokens, the probabilities.
//   client MODEL TASK
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlnc.h"

// As few digits as are needed to read a number back exactly.
static void print_float(float value) {
  for (int digits = 1; digits < 10; digits++) {
    char text[32];
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtof(text, NULL) == value) {
      fputs(text, stdout);
      return;
    }
  }
}

static void check_errors(dlnc_classifier *classifier) {
  char *error = NULL;
  assert(dlnc_open("nothing/here", &error) == NULL && strstr(error, "no such file"));
  dlnc_free(error);
  assert(dlnc_open(NULL, NULL) == NULL);
  const char *invalid = "\xff";
  assert(dlnc_predict(classifier, 0, &invalid, 1, 1, NULL, NULL, NULL, &error) == 65);
  assert(strstr(error, "text 0"));
  dlnc_free(error);
  assert(dlnc_predict(classifier, 99, &invalid, 1, 1, NULL, NULL, NULL, NULL) == 64);
  assert(dlnc_predict(classifier, 0, NULL, 1, 1, NULL, NULL, NULL, NULL) == 64);
  assert(dlnc_predict(classifier, 0, NULL, 0, 1, NULL, NULL, NULL, NULL) == 0);
  assert(dlnc_task_name(classifier, -1) == NULL && dlnc_class_name(classifier, 0, 99) == NULL);
  assert(dlnc_class_count(classifier, 99) == -1 && dlnc_task_count(NULL) == -1);
  dlnc_close(NULL);
  dlnc_free(NULL);
}

int main(int count, char **arguments) {
  assert(count == 3);
  char *error = NULL;
  dlnc_classifier *classifier = dlnc_open(arguments[1], &error);
  if (!classifier) {
    fprintf(stderr, "%s\n", error);
    dlnc_free(error);
    return 1;
  }
  check_errors(classifier);
  int32_t task = 0;
  while (task < dlnc_task_count(classifier) && strcmp(dlnc_task_name(classifier, task), arguments[2]))
    task++;
  int32_t classes = dlnc_class_count(classifier, task);
  assert(classes > 0 && dlnc_is_multi_label(classifier, task) == 0);
  assert(task == dlnc_default_task(classifier));
  float *probabilities = malloc(sizeof(float) * (size_t)classes);
  uint8_t *labels = malloc((size_t)classes);
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    const char *text = line;
    double known;
    int status =
      dlnc_predict(classifier, task, &text, 1, 1, probabilities, labels, &known, &error);
    assert(status == 0);
    for (int32_t k = 0; k < classes; k++)
      if (labels[k]) printf("%s\t%.3f", dlnc_class_name(classifier, task, k), known);
    for (int32_t k = 0; k < classes; k++) {
      putchar('\t');
      print_float(probabilities[k]);
    }
    putchar('\n');
  }
  free(probabilities);
  free(labels);
  dlnc_close(classifier);
}
