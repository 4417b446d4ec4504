import Foundation
import DLNC
import Safetensors
import Support
import Training

extension InspectionReport {
  /// Describes a trained model of any kind.
  /// - Throws: ``UserError`` with exit status `data`.
  mutating func describeModel(_ file: SafetensorsFile) throws {
    if file.metadata["kind"] == PretrainedEncoder.kind {
      return describe(try PretrainedEncoder(path: path))
    }
    let model = try trainedModel(at: path)
    kind = "a model, \(model.name)"
    add(
      "facts",
      fields: [
        ("kind", .text(model.kind.rawValue)), ("last stage", .text(model.stage)),
        ("seed", .integer(model.seed)),
        ("learned there", .text(model.learnedTasks.joined(separator: ", "))),
        ("weights", .text(file.metadata["weights"] ?? WeightType.float32.rawValue)),
        ("words", .integer(model.vocabulary.count)),
        ("tokenizer", .text(model.vocabulary.tokenizer.description)),
      ])
    add(
      "tasks", header: ["task", "classes"],
      rows: model.knownTasks.map { task in
        [.text(task), .text((model.classNames(of: task) ?? []).joined(separator: ", "))]
      })
    add(
      "thresholds",
      title:
        "probabilities from which on a row gets a label; accuracies of these tasks are micro-F1 with ½",
      header: ["task", "label", "threshold", "rows"],
      rows: model.knownTasks.flatMap { task -> [[Value]] in
        guard let thresholds = model.labelThresholds(of: task) else { return [] }
        return zip(model.classNames(of: task) ?? [], thresholds.values).map { name, threshold in
          [
            .text(task), .text(name), .number(threshold, decimals: 3), .integer(thresholds.rows),
          ]
        }
      })
    let calibrated = model.knownTasks.compactMap { task in
      model.calibration(of: task).map { (task, $0) }
    }
    if !calibrated.isEmpty {
      add(
        "calibration", title: "how probabilities are calibrated on validation rows",
        header: ["task", "temperature", "rows", "loss before", "loss"],
        rows: calibrated.map { task, scaling in
          [
            .text(task), .number(scaling.temperature, decimals: 3), .integer(scaling.rows),
            .number(scaling.lossBefore, decimals: 4), .number(scaling.loss, decimals: 4),
          ]
        })
    }
    if let network = model as? Model { describe(network) }
    if let linear = model as? LinearModel { describe(linear) }
  }

  private mutating func describe(_ encoder: PretrainedEncoder) {
    kind = "a pretrained encoder"
    let (network, all) = encoder.parameterCounts
    add(
      "facts",
      fields: [
        ("words", .integer(encoder.vocabulary.count)),
        ("tokenizer", .text(encoder.vocabulary.tokenizer.description)),
        ("parameters", .integer(network)), ("with the word vectors", .integer(all)),
      ])
    add(
      "domains", header: ["domain", "perplexity"],
      rows: encoder.perplexities().map { [.text($0.domain), .number($0.perplexity, decimals: 1)] })
    add("configuration", title: "configuration", fields: Self.members(of: encoder.configuration))
    add("settings", title: "settings", fields: Self.members(of: encoder.settings))
    addCurve(encoder.curve)
  }

  private mutating func describe(_ model: Model) {
    let (network, all) = model.parameterCounts
    add(
      "parameters",
      fields: [
        ("parameters", .integer(network)), ("with the word vectors", .integer(all)),
      ])
    add("configuration", title: "configuration", fields: Self.members(of: model.configuration))
    for curve in model.curves {
      if let settings = model.settings[curve.stage] {
        add(
          "settings of \(curve.stage)", title: "settings of \(curve.stage)",
          fields: Self.members(of: settings))
      }
      addCurve(curve)
    }
  }

  private mutating func addCurve(_ curve: LearningCurve) {
    add(
      "curve of \(curve.stage)",
      title: "how \(curve.stage) went; epoch \(curve.bestEpoch) was kept",
      header: [
        "epoch", "task", "train loss", "train accuracy", "validation loss", "validation accuracy",
      ],
      rows: curve.points.map { point in
        [
          .integer(point.epoch), .text(point.task), .number(point.trainLoss, decimals: 4),
          .fraction(point.trainAccuracy), .number(point.validationLoss ?? .nan, decimals: 4),
          .fraction(point.validationAccuracy ?? .nan),
        ]
      })
  }

  private mutating func describe(_ model: LinearModel) {
    add(
      "fits",
      header: [
        "task", "features", "characters", "penalty", "train accuracy", "validation accuracy",
        "validation rows fitted",
      ],
      rows: zip(model.tasks, model.features).map { task, features in
        let fit = task.trials.indices.contains(task.kept) ? task.trials[task.kept] : nil
        return [
          .text(task.name), .integer(features),
          .text(task.characters?.description ?? "none"), .number(fit?.penalty ?? .nan, decimals: 3),
          .fraction(fit?.trainAccuracy ?? .nan), .fraction(fit?.validationAccuracy ?? .nan),
          .integer(task.trainingData?.validationRows ?? 0),
        ]
      })
  }

  /// The stored properties of a value in declaration order, including those of nested values.
  /// Collections and nil values are left out.
  private static func members(of value: Any) -> [Field] {
    Mirror(reflecting: value).children.flatMap { child -> [Field] in
      guard let name = child.label, let value = unwrapped(child.value) else { return [] }
      // The storage of a wrapped property has an underscore before its name.
      let label = words(name.hasPrefix("_") ? String(name.dropFirst()) : name)
      switch value {
      case let number as Int: return [(label, .integer(number))]
      case let number as Double: return [(label, .exact(number))]
      case let text as any RawRepresentable: return [(label, .text("\(text.rawValue)"))]
      case is any Collection: return []
      default:
        let parts = members(of: value).map { (label: "\(label) \($0.label)", value: $0.value) }
        return parts.isEmpty ? [(label, .text("\(value)"))] : parts
      }
    }
  }

  /// The value of an optional or of a property wrapper, or nil.
  private static func unwrapped(_ value: Any) -> Any? {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      return mirror.children.first.flatMap { unwrapped($0.value) }
    }
    let only = mirror.children.count == 1 ? mirror.children.first : nil
    return only?.label == "wrappedValue" ? only?.value : value
  }

  /// `taskEmbedding` as `task embedding`.
  private static func words(_ name: String) -> String {
    name.map { $0.isUppercase ? " \($0.lowercased())" : String($0) }.joined()
  }
}
