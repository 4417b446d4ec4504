import DLNC
import StageKit
import Safetensors
import Support

/// The README.md of a model's folder: a card as model hubs read it, YAML about the model in front of
/// text for people. It says what the model is, what it was measured to reach, and how to use it.
struct ModelCard {
  private let model: any Classifier
  private let settings: [Setting]
  private let scores: [Score]

  /// - Parameter settings: those of the stage that made the model.
  init(_ model: any Classifier, settings: [Setting]) {
    (self.model, self.settings) = (model, settings)
    scores = model.learnedTasks.map { Score($0, model) }
  }

  /// The whole card.
  var text: String {
    (["---\n\(front)---\n"] + [heading, tasks, use, limits, how]).joined(separator: "\n")
  }

  private var learned: String { model.learnedTasks.joined(separator: ", ") }

  private var heading: String {
    let what =
      switch model.kind {
      case .network(.lstmLinear): "An LSTM and a linear layer"
      case .network: "An LSTM shared by all tasks, with layer norms for each task,"
      case .baseline(.majority): "The commonest class of each task"
      case .baseline(.bagOfWords): "A linear classifier on words and pairs of words for each task"
      }
    return """
      # \(Markdown.escaped("\(model.name): \(learned)"))

      \(what) that sorts text into classes; made by the stage `\(model.stage)` of \
      domain-layer-norm, seed \(model.seed).

      """
  }

  private var tasks: String {
    let head = [
      ("task", false), ("classes", false), ("training rows", true), ("validation accuracy", true),
      ("validation loss", true),
    ]
    let rows = scores.map { score in
      [
        Markdown.escaped(score.task),
        (model.classNames(of: score.task) ?? []).map(Markdown.escaped).joined(separator: ", "),
        score.rows.map(NumberFormat.grouped) ?? NumberFormat.none, percent(score.accuracy),
        NumberFormat.fixed(score.loss, 4),
      ]
    }
    let older = model.knownTasks.filter { !model.learnedTasks.contains($0) }
    let more =
      older.isEmpty
      ? "" : "\nIt knows from before: \(Markdown.escaped(older.joined(separator: ", "))).\n"
    return Markdown.table(head: head, rows: rows) + more + """

      Settings and the parameters that were kept were chosen on the validation rows, so held-out \
      test rows may give less.

      """
  }

  private var use: String {
    let task = Markdown.escaped(model.learnedTasks.last ?? "")
    return """
      ## Use

      `predict --checkpoint FOLDER` judges text for the task \(task); `--task` names another, and \
      `inspect FOLDER` says what the file holds. `model.safetensors` opens with every reader of \
      safetensors; the words and how text is cut into them are in it.

      """
  }

  private var limits: String {
    """
    ## Limits

    It knows \(NumberFormat.grouped(model.words.count)) words and takes all others for one. Every text \
    gets one of the classes, also one that fits none. It was measured on texts like those that it \
    learned from, and takes over what is lopsided in them.

    """
  }

  private var how: String {
    let rows = settings.filter { !$0.value.isEmpty }.map { setting in
      ["`\(setting.label)`", Markdown.escaped(setting.value)]
    }
    return "## How it was made\n\n"
      + Markdown.table(head: [("setting", false), ("value", false)], rows: rows)
  }

  // MARK: For programs

  /// The metadata of the card. Names come from data, so they stand as JSON strings, which YAML reads.
  private var front: String {
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
            + measured.map(\.front).joined())
  }
}

/// What a model reaches on a task.
private struct Score {
  var task: String
  var rows: Int?
  /// On the validation rows, with the parameters that were kept.
  var accuracy: Double?
  var loss: Double?

  init(_ task: String, _ model: any Classifier) {
    self.task = task
    rows = model.trainingData(of: task)?.rows
    if let curve = model.curve {
      let point = curve.points.first { $0.epoch == curve.bestEpoch && $0.task == task }
      (accuracy, loss) = (point?.validationAccuracy, point?.validationLoss)
    } else if let fit = (model as? LinearModel)?.tasks.first(where: { $0.name == task }),
      fit.trials.indices.contains(fit.kept)
    {
      let trial = fit.trials[fit.kept]
      (accuracy, loss) = (trial.validationAccuracy, trial.validationLoss)
    }
  }

  /// The accuracy as an entry of a model index.
  var front: String {
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
