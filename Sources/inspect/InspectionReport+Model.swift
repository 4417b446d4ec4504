import Foundation
import DLNC
import Safetensors
import Support

extension InspectionReport {
  /// A trained model of any kind.
  mutating func describeModel(_ file: SafetensorsFile) throws {
    let model = try trainedModel(at: path)
    kind = "a model, \(model.name)"
    add(
      "facts",
      facts: [
        ("kind", .text(model.kind.rawValue)), ("last stage", .text(model.stage)),
        ("seed", .integer(model.seed)),
        ("learned there", .text(model.learnedTasks.joined(separator: ", "))),
        ("words", .integer(model.words.count)),
        ("tokenizer", .text(Self.tokenizer(model.words.metadata))),
      ])
    add(
      "tasks", head: ["task", "classes"],
      rows: model.knownTasks.map { task in
        [.text(task), .text((model.classNames(of: task) ?? []).joined(separator: ", "))]
      })
    if let network = model as? Model { describe(network) }
    if let linear = model as? LinearModel { describe(linear) }
  }

  private mutating func describe(_ model: Model) {
    let (inside, all) = model.parameterCounts
    add(
      "parameters",
      facts: [
        ("parameters", .integer(inside)), ("with the word vectors", .integer(all)),
      ])
    add("configuration", "configuration", facts: Self.members(of: model.configuration))
    for curve in model.curves {
      if let settings = model.settings[curve.stage] {
        add(
          "settings of \(curve.stage)", "settings of \(curve.stage)",
          facts: Self.members(of: settings))
      }
      addCurve(curve)
    }
  }

  private mutating func addCurve(_ curve: LearningCurve) {
    add(
      "curve of \(curve.stage)", "how \(curve.stage) went; epoch \(curve.bestEpoch) was kept",
      head: [
        "epoch", "task", "train loss", "train accuracy", "validation loss", "validation accuracy",
      ],
      rows: curve.points.map { point in
        [
          .integer(point.epoch), .text(point.task), .number(point.trainLoss, 4),
          .share(point.trainAccuracy), .number(point.validationLoss ?? .nan, 4),
          .share(point.validationAccuracy ?? .nan),
        ]
      })
  }

  private mutating func describe(_ model: LinearModel) {
    add(
      "fits", head: ["task", "features", "penalty", "train accuracy", "validation accuracy"],
      rows: zip(model.tasks, model.features).map { task, features in
        let fit = task.trials.indices.contains(task.kept) ? task.trials[task.kept] : nil
        return [
          .text(task.name), .integer(features), .number(fit?.penalty ?? .nan, 3),
          .share(fit?.trainAccuracy ?? .nan), .share(fit?.validationAccuracy ?? .nan),
        ]
      })
  }

  /// The properties of a value, in the order in which they are declared, with those of its parts,
  /// but without lists and what is not set.
  private static func members(of value: Any) -> [Fact] {
    Mirror(reflecting: value).children.flatMap { child -> [Fact] in
      guard let name = child.label, let value = inside(child.value) else { return [] }
      // A property with a wrapper is stored under a name with a line before it.
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

  /// What an optional or a wrapped value holds, if anything.
  private static func inside(_ value: Any) -> Any? {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      return mirror.children.first.flatMap { inside($0.value) }
    }
    let only = mirror.children.count == 1 ? mirror.children.first : nil
    return only?.label == "wrappedValue" ? only?.value : value
  }

  /// `taskEmbedding` as `task embedding`.
  private static func words(_ name: String) -> String {
    name.map { $0.isUppercase ? " \($0.lowercased())" : String($0) }.joined()
  }
}

/// What a model's file says of how text becomes words.
/// - Throws: ``UserError`` of kind `data`.
func tokenizerMetadata(of file: SafetensorsFile) throws -> [String: String] {
  let text = file.metadata["vocabulary"] ?? ""
  guard let metadata = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
  else {
    throw UserError(
      .data, at: "\(file.path): metadata “vocabulary”", problem: "what this version cannot read",
      expected: "how text becomes words")
  }
  return metadata
}
