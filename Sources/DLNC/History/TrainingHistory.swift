import Safetensors

/// How a model shares its parameters among tasks.
public enum TaskSharing: String, Sendable {
  /// It was trained on one task, or has parameters for each task that no other task uses.
  case alone
  /// A network that was trained on several tasks at once.
  case joint
  /// A linear model that was fitted to the rows of several tasks with the same classes.
  case pooled
  /// A linear model in which tasks with the same classes share a part of their weights.
  case shared
}

/// How a model was trained, as far as its file says so without its tensors.
public struct TrainingHistory: Sendable {
  /// The kind of model.
  public let kind: ModelKind
  /// The tasks learned in the last stage.
  public let learnedTasks: [String]
  /// How the training that taught it these tasks shared parameters; nil if fine-tuning added them.
  public let sharing: TaskSharing?

  /// Reads the metadata of a model file, or of the model file in a folder.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(path: String) throws {
    let file = try modelFile(at: path)
    try file.refusePretrained()
    if let kind = file.metadata["kind"] {
      let tasks: LinearModel.ModelConfiguration = try decode("configuration", of: file)
      self.kind = .baseline(Baseline(rawValue: kind) ?? .majority)
      learnedTasks = tasks.tasks.map(\.name)
      sharing = TaskSharing(tasks.tasks)
    } else {
      let configuration: ModelConfiguration = try decode("configuration", of: file)
      let curves: [LearningCurve] = try decode("curves", of: file)
      kind = .network(configuration.variant)
      learnedTasks = curves.last?.tasks ?? []
      sharing = TaskSharing(curves)
    }
  }

  /// The history of a model.
  public init(_ model: any Classifier) {
    (kind, learnedTasks) = (model.kind, model.learnedTasks)
    sharing =
      (model as? Model).map { TaskSharing($0.curves) }
      ?? (model as? LinearModel).map { TaskSharing($0.tasks) }
  }
}

extension TaskSharing {
  fileprivate init(_ tasks: [TaskClassifier]) {
    self =
      tasks.contains { $0.pool != nil }
      ? .pooled : tasks.contains { $0.ownPenaltyRatio != nil } ? .shared : .alone
  }

  /// - Parameter curves: the learning curves of all stages. A task that is fine-tuned counts as the
  ///   stage shared it that first learned it.
  fileprivate init?(_ curves: [LearningCurve]) {
    guard let task = curves.last?.tasks.first,
      let first = curves.first(where: { $0.tasks.contains(task) }), first.stage == "train"
    else { return nil }
    self = first.tasks.count > 1 ? .joint : .alone
  }
}

extension LearningCurve {
  /// The tasks of the points, in their order.
  var tasks: [String] {
    var seen: Set<String> = []
    return points.map(\.task).filter { seen.insert($0).inserted }
  }
}
