import Support

extension Manifest {
  /// The manifest with `{setting}` replaced in every value, by the value given on the command line
  /// or else by that of the file; `{{` and `}}` become single braces. Then the options are replaced
  /// that the command line gives as `STAGE.OPTION`. An unknown setting, stage or option is added to
  /// the errors.
  func applying(_ overrides: [(key: String, value: String)]) -> Manifest {
    var result = self
    let names = settings.map(\.name.text)
    var values = Dictionary(settings.map { ($0.name.text, $0.value) }) { first, _ in first }
    var options: [(key: String, values: [String])] = []
    for key in overrides.map(\.key).unique {
      let given = overrides.filter { $0.key == key }.map(\.value)
      if values[key] == nil {
        options.append((key, given))
      } else if given.count > 1 {
        result.errors.append(
          UserError(
            .usage, at: "--set \(key)=\(given[1])",
            problem: "“\(key)” is given twice, as \(given[0]) and \(given[1])", hint: "give it once"
          ))
      } else {
        values[key] = given[0]
      }
    }
    func fill(_ scalar: inout Scalar) {
      do {
        scalar.located.text = try scalar.text.replacingSettings(values)
        if scalar.text != scalar.rawText { scalar.boolValue = Scalar.boolValue(of: scalar.text) }
      } catch {
        switch error {
        case .unknown(let key):
          result.errors.append(
            source.error(
              at: scalar.position, "no setting “\(key)”",
              hint: suggestion(for: key, among: names, noun: "setting")))
        case .unclosed:
          result.errors.append(
            source.error(
              at: scalar.position, "an unclosed {", hint: "write {{ for a literal brace"))
        }
      }
    }
    func fill(_ assignments: inout [Assignment]) {
      for index in assignments.indices {
        for value in assignments[index].values.indices { fill(&assignments[index].values[value]) }
      }
    }
    result.stages = stages.map { stage in
      var stage = stage
      fill(&stage.inputs)
      fill(&stage.options)
      fill(&stage.matrix)
      for index in stage.tune.indices { fill(&stage.tune[index].options) }
      for index in stage.resources.indices { fill(&stage.resources[index].value) }
      return stage
    }
    for (key, values) in options { result.override(key, values) }
    return result
  }

  /// Replaces or adds an option of a stage; several values become a list.
  private mutating func override(_ key: String, _ values: [String]) {
    let argument = "--set \(key)=\(values[0])"
    let parts = key.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let position = SourcePosition(line: 0, column: 0, argument: argument)
    guard parts.count == 2, let index = stages.firstIndex(where: { $0.name.text == parts[0] })
    else { return errors.append(unknownKey(key, argument, isOption: parts.count == 2)) }
    let flag = Located(text: String(parts[1]), position: position)
    let scalars = values.map { value in
      Scalar(Located(text: value, position: position), boolValue: Scalar.boolValue(of: value))
    }
    for group in [\StageEntry.matrix, \.inputs, \.options] {
      guard
        let known = stages[index][keyPath: group].firstIndex(where: { $0.flag.text == flag.text })
      else { continue }
      stages[index][keyPath: group][known].flag = flag
      stages[index][keyPath: group][known].values = scalars
      stages[index][keyPath: group][known].isList = scalars.count > 1
      return
    }
    stages[index].options.append(Assignment(flag: flag, values: scalars, isList: scalars.count > 1))
  }

  /// The error for a `--set` that names no setting, or no stage before the dot.
  private func unknownKey(_ key: String, _ argument: String, isOption: Bool) -> UserError {
    let noun = isOption ? "stage" : "setting"
    let word = isOption ? String(key.prefix { $0 != "." }) : key
    let owner = stages.first { stage in
      (stage.inputs + stage.options + stage.matrix).contains { $0.flag.text == key }
    }
    return UserError(
      .usage, at: argument, problem: "no \(noun) “\(word)” in \(source.path)",
      hint: owner.map { "for the option of a stage write \($0.name.text).\(key)" }
        ?? suggestion(
          for: word, among: isOption ? stages.map(\.name.text) : settings.map(\.name.text),
          noun: noun))
  }

  /// The settings used in `text`, which is written as in the manifest.
  func settings(in text: String) -> [String] {
    settings.map(\.name.text).filter { text.contains("{\($0)}") }
  }
}

private enum PlaceholderError: Error {
  case unknown(String)
  case unclosed
}

extension String {
  fileprivate func replacingSettings(
    _ values: [String: String]
  ) throws(PlaceholderError) -> String {
    var result = ""
    var rest = self[...]
    while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      result += rest[..<brace]
      let character = rest[brace]
      rest = rest[rest.index(after: brace)...]
      if rest.first == character || character == "}" {
        result.append(character)
        if rest.first == character { rest = rest.dropFirst() }
      } else {
        guard let end = rest.firstIndex(of: "}") else { throw .unclosed }
        guard let value = values[String(rest[..<end])] else { throw .unknown(String(rest[..<end])) }
        result += value
        rest = rest[rest.index(after: end)...]
      }
    }
    return result + rest
  }
}
