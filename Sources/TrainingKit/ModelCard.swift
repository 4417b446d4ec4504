import DLNC
import StageKit
import Support

/// The README.md of a model's directory: a model card as model hubs read it, with YAML front matter.
/// It describes the model, its validation accuracy, and how to use it.
struct ModelCard {
  private let model: any Classifier
  private let settings: [FingerprintEntry]
  private let isExported: Bool
  private let scores: [Score]

  /// - Parameters:
  ///   - settings: the options of the stage that made the model.
  ///   - isExported: whether it was made smaller after its training.
  init(_ model: any Classifier, settings: [FingerprintEntry], isExported: Bool = false) {
    (self.model, self.settings, self.isExported) = (model, settings, isExported)
    scores = model.learnedTasks.map { Score($0, model) }
  }

  /// The whole card.
  var text: String {
    (["---\n\(frontMatter)---\n"] + [heading, tasks, use, limits, settingsTable]).joined(
      separator: "\n")
  }

  /// Whether it was trained, but on no task with validation rows.
  private var lacksValidation: Bool {
    !scores.isEmpty && scores.allSatisfy { $0.accuracy == nil }
  }

  /// Whether it has features of unknown words.
  private var hasCharacters: Bool {
    (model as? LinearModel)?.tasks.contains { $0.characters != nil } == true
  }

  private var learnedTasks: String { model.learnedTasks.joined(separator: ", ") }

  private var heading: String {
    let description =
      switch model.kind {
      case .network(.lstmLinear): "An LSTM and a linear layer"
      case .network: "An LSTM shared by all tasks, with layer norms for each task,"
      case .baseline(.majority): "The most frequent class of each task, as a baseline"
      case .baseline(.bagOfWords):
        "A linear classifier on words\(hasCharacters ? ", pairs of words and parts of words" : " and pairs of words") for each task"
      }
    return """
      # \(Markdown.escaped("\(model.name): \(learnedTasks)"))

      \(description) that classifies text; made by the stage `\(model.stage)` of \
      domain-layer-norm, seed \(model.seed)\(isExported ? ", and then by `export`" : "").

      """
  }

  private var tasks: String {
    let head = [
      ("task", false), ("classes", false), ("training rows", true), ("validation accuracy", true),
      ("validation loss", true),
    ].prefix(lacksValidation ? 3 : 5)
    let rows = scores.map { score in
      [
        Markdown.escaped(score.task),
        abbreviated((model.classNames(of: score.task) ?? []).map(Markdown.escaped)),
        score.rows.map(NumberFormat.grouped) ?? NumberFormat.none, percent(score.accuracy),
        NumberFormat.fixed(score.loss, 4),
      ].prefix(head.count)
    }
    let earlierTasks = model.knownTasks.filter { !model.learnedTasks.contains($0) }
    let more =
      earlierTasks.isEmpty
      ? ""
      : "\nIt also knows these tasks from earlier training: \(Markdown.escaped(earlierTasks.joined(separator: ", "))).\n"
    let origin =
      lacksValidation
      ? "There were no validation rows: the parameters after the last step were kept, and their "
        + "accuracy on other texts is unknown."
      : model.fitsValidationRows
        ? "The validation accuracy is of a fit to the other rows. Then "
          + (model is Model ? "the n-gram layer" : "the model") + " was fitted again with the same "
          + "settings to all of these rows, so no validation rows are left to test it on."
        : "Settings and the parameters that were kept were chosen on the validation rows, so the "
          + "accuracy on held-out test rows may be lower."
    let export =
      isExported ? " All of these numbers are of the model before it was exported." : ""
    return Markdown.table(head: Array(head), rows: rows.map(Array.init)) + more
      + "\n\(origin)\(export)\n"
      + calibration + thresholds
  }

  /// The tasks whose texts have any number of labels.
  private var multiLabelTasks: [String] {
    model.learnedTasks.filter { model.labelThresholds(of: $0) != nil }
  }

  /// The thresholds of the labels of multi-label tasks.
  private var thresholds: String {
    multiLabelTasks.map { task in
      let thresholds = model.labelThresholds(of: task)?.values ?? []
      let rows = zip(model.classNames(of: task) ?? [], thresholds).map {
        [Markdown.escaped($0), NumberFormat.fixed($1, 3)]
      }
      return
        "\nThe accuracy of \(Markdown.escaped(task)), a multi-label task, is micro-F1. "
        + "A text gets each label whose probability is at least its threshold:\n\n"
        + Markdown.table(head: [("label", false), ("threshold", true)], rows: rows)
    }.joined()
  }

  /// The temperatures of the tasks that are calibrated, and why others are not.
  private var calibration: String {
    let temperatures = model.learnedTasks.compactMap { task in
      model.calibration(of: task).map {
        "\(NumberFormat.fixed($0.temperature, 3)) (\(Markdown.escaped(task)), "
          + "\(NumberFormat.grouped($0.rows)) rows)"
      }
    }
    let shifts = model.learnedTasks.compactMap { task in
      model.validationShift(of: task).map {
        "\nThe probabilities of \(Markdown.escaped(task)) are not calibrated, because \($0).\n"
      }
    }.joined()
    if temperatures.isEmpty {
      return shifts.isEmpty
        ? "\nIts probabilities are not calibrated: they may be above or below its accuracy.\n"
        : shifts
    }
    return
      "\nIts probabilities are calibrated on validation rows: logits are divided by the temperature "
      + "\(temperatures.joined(separator: ", ")). The metadata `configuration` has it.\n" + shifts
  }

  private var use: String {
    let task = Markdown.escaped(model.learnedTasks.last ?? "")
    return """
      ## Use

      `predict --checkpoint FOLDER` classifies text for the task \(task); `--task` selects another one, \
      and `inspect FOLDER/model.safetensors` describes the file. `model.safetensors` opens with every safetensors \
      reader; it also contains the vocabulary and the tokenizer settings.

      """
  }

  private var decision: String {
    multiLabelTasks.count == model.learnedTasks.count && !multiLabelTasks.isEmpty
      ? "It knows no other labels than these."
      : "Every text gets one of the classes, even if none fits."
  }

  private var limits: String {
    """
    ## Limits

    It knows \(NumberFormat.grouped(model.vocabulary.count)) words; \
    \(hasCharacters ? "of all others, it knows parts" : "all others count as one unknown word"). \
    \(decision) It was \
    \(lacksValidation ? "trained" : "validated") on texts like its training \
    texts, and it reproduces their biases.

    """
  }

  private var settingsTable: String {
    let rows = settings.compactMap { setting in
      setting.value.map { ["`\(setting.name)`", Markdown.escaped($0)] }
    }
    return "## How it was made\n\n"
      + Markdown.table(head: [("setting", false), ("value", false)], rows: rows)
  }

  /// The YAML front matter. Names come from data, so they are written as JSON strings, which are
  /// valid YAML.
  private var frontMatter: String {
    let tags = ["text-classification", "domain-layer-normalisation", model.kind.rawValue]
    let measured = scores.filter { $0.accuracy != nil }
    return """
      library_name: domain-layer-norm
      pipeline_tag: text-classification
      tags:
      \(tags.map { "- \($0)\n" }.joined())datasets:
      \(model.learnedTasks.map { "- \(quotedAsJSON($0))\n" }.joined())metrics:
      - accuracy

      """
        + (measured.isEmpty
          ? ""
          : "model-index:\n- name: \(quotedAsJSON(model.name))\n  results:\n"
            + measured.map(\.frontMatter).joined())
  }
}

/// The validation results of a model on a task.
private struct Score {
  var task: String
  var rows: Int?
  /// The validation accuracy of the parameters that were kept.
  var accuracy: Double?
  var loss: Double?

  init(_ task: String, _ model: any Classifier) {
    self.task = task
    rows = model.trainingData(of: task)?.rows
    let score = model.validationScore(of: task)
    (accuracy, loss) = (score?.accuracy, score?.loss)
  }

  /// The accuracy as an entry of the model index.
  var frontMatter: String {
    let name = quotedAsJSON(task)
    return """
        - task:
            type: text-classification
            name: \(name)
          dataset:
            name: \(name)
            type: \(name)
            split: validation
          metrics:
          - type: accuracy
            value: \(NumberFormat.fixed(accuracy, 4))

      """
  }
}

extension Classifier {
  /// Whether it also learned from validation rows in the end.
  var fitsValidationRows: Bool {
    learnedTasks.contains { trainingData(of: $0)?.validationRows != nil }
  }
}
