import Safetensors
import Support

extension Manifest {
  /// The manifest with `{setting}` replaced in every value by the setting's own value or by that
  /// given on the command line. `{{` and `}}` stand for the braces themselves. An unknown setting,
  /// in `overrides` or in the text, is added to the mistakes.
  func applying(_ overrides: [(key: String, value: String)]) -> Manifest {
    var mistakes = mistakes
    let names = settings.map(\.name.text)
    var values = Dictionary(settings.map { ($0.name.text, $0.value) }) { first, _ in first }
    for (key, value) in overrides {
      if values.updateValue(value, forKey: key) == nil {
        mistakes.append(
          UserError(
            .usage, at: "--set \(key)=\(value)", problem: "no setting “\(key)” in \(source.path)",
            hint: suggestion(for: key, among: names, called: "setting")))
      }
    }
    func filled(_ scalar: Scalar) -> Scalar {
      var filled = scalar
      do { filled.located.text = try scalar.text.filled(from: values) } catch {
        let hint =
          error.key.map { suggestion(for: $0, among: names, called: "setting") }
          ?? "write {{ for a brace that names no setting"
        let problem = error.key.map { "no setting “\($0)”" } ?? "a { without its }"
        mistakes.append(source.refusal(at: scalar.place, problem, hint: hint))
      }
      return filled
    }
    func filled(_ arguments: [Assignment]) -> [Assignment] {
      arguments.map {
        Assignment(flag: $0.flag, values: $0.values.map(filled), isList: $0.isList)
      }
    }
    var result = self
    result.stages = stages.map { stage in
      var stage = stage
      stage.inputs = filled(stage.inputs)
      stage.with = filled(stage.with)
      stage.matrix = filled(stage.matrix)
      stage.resources = stage.resources.map { ($0.key, filled($0.value)) }
      return stage
    }
    result.mistakes = mistakes
    return result
  }

  /// The settings that `text`, as written in the manifest, rests on.
  func settings(in text: String) -> [String] {
    settings.map(\.name.text).filter { text.contains("{\($0)}") }
  }
}

/// A brace that names no setting: the name, or none if the brace is never closed.
private struct UnknownSetting: Error {
  var key: String?
}

extension String {
  fileprivate func filled(from values: [String: String]) throws(UnknownSetting) -> String {
    var result = ""
    var rest = self[...]
    while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      result += rest[..<brace]
      let character = rest[brace]
      rest = rest[rest.index(after: brace)...]
      if rest.first == character {
        result.append(character)
        rest = rest.dropFirst()
      } else if character == "}" {
        result.append(character)
      } else {
        guard let end = rest.firstIndex(of: "}") else { throw UnknownSetting(key: nil) }
        let key = String(rest[..<end])
        guard let value = values[key] else { throw UnknownSetting(key: key) }
        result += value
        rest = rest[rest.index(after: end)...]
      }
    }
    return result + rest
  }
}
