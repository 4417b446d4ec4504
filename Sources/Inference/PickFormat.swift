import Support

/// A format that a labelling tool imports. The predicted class is given as a label, that of a
/// multi-label task as labels, that a person confirms or corrects.
public enum PickFormat: String, CaseIterable, Sendable {
  /// A line for each text, for a project of text classification of doccano:
  /// `{"text": …, "label": ["good"], "line": 3, "probability": 0.51}`.
  case doccano
  /// An array of tasks with predictions. The names of the control and of the text in the labelling
  /// configuration are `label` and `text`.
  case labelStudio = "label-studio"
  /// A line for each text, a task of Prodigy's interface `choice` in which the class is selected.
  case prodigy
}

extension PickFormat {
  /// The content of a file of texts.
  /// - Parameters:
  ///   - format: which further values each text has.
  ///   - model: the name of the model.
  func text(
    _ picked: [Prediction], _ classNames: [String], _ format: OutputFormat, model: String
  ) -> String {
    let records = picked.map { prediction in
      let others = others(of: prediction, format)
      let text = quotedAsJSON(String(decoding: prediction.text, as: UTF8.self))
      let labels = prediction.labels(nil).map { quotedAsJSON(classNames[$0]) }
        .joined(separator: ",")
      let probability = "\(prediction.confidence)"
      switch self {
      case .doccano:
        return object(
          [("text", text), ("label", "[\(labels)]")] + others + [("probability", probability)])
      case .labelStudio:
        let result = object([
          ("from_name", "\"label\""), ("to_name", "\"text\""), ("type", "\"choices\""),
          ("value", object([("choices", "[\(labels)]")])),
        ])
        let guess = object([
          ("model_version", quotedAsJSON(model)), ("score", probability), ("result", "[\(result)]"),
        ])
        return object([
          ("data", object([("text", text)] + others)), ("predictions", "[\(guess)]"),
        ])
      case .prodigy:
        let options = classNames.map(quotedAsJSON).map { object([("id", $0), ("text", $0)]) }
        return object([
          ("text", text), ("options", "[\(options.joined(separator: ","))]"),
          ("accept", "[\(labels)]"),
          ("meta", object(others + [("probability", probability)])),
        ])
      }
    }
    guard self != .labelStudio else { return "[\(records.joined(separator: ",\n"))]\n" }
    return records.map { $0 + "\n" }.joined()
  }

  /// The location of a text and its copied values, as members of an object.
  private func others(of prediction: Prediction, _ format: OutputFormat) -> [(String, String)] {
    let own: [String] =
      switch self {
      // doccano has columns with these names in its exports.
      case .doccano: ["id", "text", "label", "Comments", "file", "line", "probability"]
      // So does Label Studio: these would replace the copied values.
      case .labelStudio:
        ["annotation_id", "annotator", "created_at", "file", "id", "label", "lead_time", "line"]
          + ["text", "updated_at"]
      case .prodigy: ["file", "line", "probability"]
      }
    return (format.includesFile ? [("file", quotedAsJSON(prediction.file))] : [])
      + [("line", "\(prediction.line)")]
      + zip(namesOfKept(format.kept, avoiding: own), prediction.kept.map(\.json))
  }

  private func object(_ members: [(String, String)]) -> String {
    "{\(members.map { "\(quotedAsJSON($0)):\($1)" }.joined(separator: ","))}"
  }
}
