import DLNC
import Support

extension Report {
  /// Everything about one task: its classes, words and mistakes, the confidence and the learning
  /// curves of its models, and its data.
  func taskSection(_ task: EvaluationTask, _ figures: FigureSet) -> Section {
    Section("task-\(figures.name(task))", task.title) {
      classBlocks(task, figures)
      wordBlocks(task)
      mistakeBlocks(task)
      suspectBlocks(task)
      sizeBlocks(task, figures)
      confidenceBlocks(task, figures)
      curveBlocks(task, figures)
      dataBlocks(task, figures)
    }
  }

  private func isBest(_ variant: ModelVariant, _ task: EvaluationTask) -> Bool {
    headline(task)?.result.variant == variant
  }

  @BlockBuilder private func classBlocks(
    _ task: EvaluationTask, _ figures: FigureSet
  ) -> [Block] {
    let results = detailedResults(task)
    if let first = results.first {
      Block.heading(task.isMultiLabel ? "Labels" : "Classes and confusions")
      Block.explanation(
        "On the \(first.split.adjective) rows."
          + (task.isMultiLabel
            ? " A row gets the labels whose probabilities reach their thresholds." : "")
          + (!first.showsConfusion
            ? ""
            : " A cell of a confusion matrix shows the percentage of the true class and, below it, "
              + "the number of predictions.")
          + (results.contains { $0.seeds.count > 1 }
            ? " Scores of \(task.isMultiLabel ? "labels" : "classes") are means over seeds"
              + (task.isMultiLabel ? "." : "; confusions are counted over all seeds.")
            : ""))
      for result in results {
        Block.details(
          result.variant.title,
          "\(task.measure.rawValue) \(NumberFormat.percent(result.score?.mean)) %, macro-F1 "
            + NumberFormat.percent(result.macroF1?.mean),
          isOpen: isBest(result.variant, task)
        ) {
          if result.hasManyClasses { Block.explanation(result.manyClassesNote) }
          Block.grid(Self.classGrid(result, figures))
        }
      }
    }
  }

  @BlockBuilder private static func classGrid(
    _ result: EvaluationResult, _ figures: FigureSet
  ) -> [Block] {
    Block.table(
      result.classTable,
      caption: result.hasManyClasses
        ? "The classes with the lowest F1, in %."
        : "\(result.task.isMultiLabel ? "Labels" : "Classes"), in %.")
    if result.showsConfusion {
      Block.figure(figures.confusion(result))
      Block.onlyInMarkdown(.table(result.confusionTable, caption: "Confusion matrix."))
    }
    let pairs = result.confusedPairs
    if !pairs.rows.isEmpty { Block.table(pairs, caption: "The most frequent confusions.") }
  }

  @BlockBuilder private func wordBlocks(_ task: EvaluationTask) -> [Block] {
    if let words = words.first(where: { $0.task == task }) {
      let names = detailedResults(task).first { isBest($0.variant, task) }?.listedClassNames
      let listed =
        names.map { names in
          names.compactMap { words.classNames.firstIndex(of: $0) }
        } ?? Array(words.classNames.indices.prefix(EvaluationResult.listedClasses))
      Block.heading("Words that speak for each class")
      Block.table(words.table(listed), caption: words.explanation)
    }
  }

  @BlockBuilder private func confidenceBlocks(
    _ task: EvaluationTask, _ figures: FigureSet
  ) -> [Block] {
    let results = detailedResults(task)
    if !results.isEmpty {
      Block.heading("Can the \(task.isMultiLabel ? "probabilities" : "confidence") be trusted?")
      Block.explanation(
        task.isMultiLabel
          ? "A model is calibrated if a label is right as often as its probability says: then the line is "
            + "on the diagonal. All labels of all rows count, predicted or not. Points are ranges "
            + "of probability with at least \(Calibration.minimumRows) of them."
          : "A model is calibrated if it is right as often as its confidence says: then the line is on "
            + "the diagonal. Points are ranges of confidence with at least "
            + "\(Calibration.minimumRows) predictions. A model that answers only the rows of which it "
            + "is confident enough is right more often: predict --threshold or --precision.")
      for result in results {
        Block.details(
          result.variant.title,
          result.confidenceSummary,
          isOpen: isBest(result.variant, task)
        ) {
          if result.calibration.legibleBins.isEmpty {
            Block.explanation("There are too few predictions to tell.")
          } else {
            Block.grid([
              .figure(figures.reliability(result)),
              .table(
                result.calibration.table,
                caption: task.isMultiLabel ? "Labels by probability." : "Accuracy by confidence."),
            ])
            if let coverage = figures.coverage(result) {
              Block.grid([
                .figure(coverage),
                .table(
                  result.coverage.table,
                  caption: "The most rows that can be answered with an accuracy, on these rows."),
              ])
            }
          }
        }
      }
    }
  }

  @BlockBuilder private func curveBlocks(
    _ task: EvaluationTask, _ figures: FigureSet
  ) -> [Block] {
    let groups = curveGroups.filter { $0.task == task && !$0.curves.flatMap(\.points).isEmpty }
    if let runs = groups.first.map({ "\($0.runs)s" }) {
      Block.heading("Learning curves")
      Block.explanation(
        "Loss and \(task.measure.rawValue) during training"
          + (groups.contains { $0.curves.count > 1 }
            ? "; lines are means over \(runs), bands show the range of the \(runs)" : "")
          + ". Training values are averages over the batches of the epoch, with dropout; validation "
          + "values are measured after the epoch, without dropout."
          + (task.isMultiLabel ? " Here all labels have the threshold ½." : ""))
      for (index, group) in groups.enumerated() {
        Block.details(
          group.variant.title,
          isOpen: isBest(group.variant, task)
            || index == 0 && !groups.contains { isBest($0.variant, task) }
        ) {
          Block.figures(figures.curves(group))
          Block.details("Values", style: "numbers") {
            Block.table(
              group.table,
              caption: "\(group.title): means over "
                + "\(NumberFormat.count(group.curves.count, group.runs)).")
          }
        }
      }
    }
  }

  @BlockBuilder private func dataBlocks(_ task: EvaluationTask, _ figures: FigureSet) -> [Block] {
    let files = sources.filter { $0.task == task.name }
    if !files.isEmpty || datasets.contains(where: { $0.task == task }) {
      Block.heading("Data")
      if !files.isEmpty {
        Block.paragraph("Read from \(files.map(\.title).joined(separator: ", ")).")
      }
      if datasets.contains(where: { $0.task == task }) {
        Block.table(datasetTable(task), caption: "The rows of each split.", isStacked: true)
        Block.figures(figures.data(task))
      }
    }
  }
}

extension EvaluationResult {
  /// How far confidence and accuracy are apart, and how many rows can be answered well.
  fileprivate var confidenceSummary: String {
    let before = errorBefore.map { " (\(NumberFormat.percent($0)) before calibration)" } ?? ""
    return "expected calibration error \(NumberFormat.percent(calibration.expectedError)) points"
      + before + (coverage.summary.map { "; \($0)" } ?? "")
  }

  /// The names of the classes in ``classTable``.
  fileprivate var listedClassNames: [String] {
    hasManyClasses
      ? worstClasses.prefix(Self.listedClasses).map(\.className) : classNames
  }
}
