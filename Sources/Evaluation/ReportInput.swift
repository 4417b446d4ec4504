import DLNC

/// The measurements that a report summarizes.
struct ReportInput {
  var predictions: [Predictions] = []
  var curves: [RunCurve] = []
  var datasets: [DatasetSummary] = []
  var crossValidations: [CrossValidation] = []
  var models: [ModelFile] = []
  var validationScores: [ValidationScore] = []
  /// The words of the classes; several of a task are candidates.
  var words: [ClassWords] = []
  /// The rows whose labels look wrong, by task.
  var labelChecks: [LabelCheck] = []
  /// How further labelled rows would help, by task.
  var sizeCurves: [SizeCurve] = []
  var sources: [SourceFile] = []
  /// Remarks for the reader.
  var notes: [String] = []
  /// Signs that results are useless or not those that were asked for.
  var warnings: [String] = []
  var provenance: [Provenance] = []
  /// One digest for all settings and inputs; nil if they are unknown.
  var configurationDigest: String?
}

/// A model file that results come from.
struct ModelFile {
  let variant: ModelVariant
  let seed: Int
  /// The tasks that it was evaluated on. None for a model that learned from all rows.
  let tasks: [EvaluationTask]
  let size: ModelSize
  let origin: ModelOrigin
}

/// The accuracy of a model, in a multi-label task its micro-F1, on validation rows that its training held
/// out.
struct ValidationScore {
  let variant: ModelVariant
  let task: EvaluationTask
  let accuracy: Double
}
