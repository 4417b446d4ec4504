import StageKit

extension Planner {
  /// The resources of a stage; invalid ones are reported.
  mutating func resources(of stage: StageEntry) -> Resources {
    var resources = Resources()
    for (key, value) in stage.resources {
      guard let resource = Resources.Key(rawValue: key.text),
        let expected = resources.set(resource, to: value.text)
      else { continue }
      report(value.position, "“\(value.text)” for “\(key.text)”", expected: expected)
    }
    return resources
  }

  /// Checks everything that can be checked without reading files.
  mutating func check(_ stage: StageEntry, against schema: CommandLineSchema) {
    let executable = stage.executable?.text ?? stage.name.text
    var given: Set<String> = []
    for assignment in stage.inputs + stage.options + stage.matrix {
      let flag = assignment.flag
      if !given.insert(flag.text).inserted {
        report(
          flag.position, "--\(flag.text) is given twice", hint: "keep it in one of the groups")
      } else if CommandLineSchema.reserved.contains(flag.text) {
        report(flag.position, "--\(flag.text) is set by pipeline", hint: "leave it out")
      } else if let option = schema.option(flag.text) {
        check(assignment, of: stage, option)
      } else {
        report(
          flag.position, "\(executable) has no option --\(flag.text)",
          hint: suggestion(for: flag.text, among: schema.names, noun: "option"))
      }
    }
    for option in schema.options
    where option.isRequired && !stage.hasErrors && given.isDisjoint(with: option.names) {
      report(
        stage.name.position, "\(executable) needs --\(option.names[0])",
        hint: "add it under inputs: if it names a stage or a file, else under with:")
    }
    checkMatrix(of: stage)
  }

  private mutating func check(
    _ assignment: Assignment, of stage: StageEntry, _ option: CommandLineSchema.Option
  ) {
    let flag = assignment.flag
    let isAxis = stage.matrix.contains { $0.flag == flag }
    if assignment.isList, !isAxis, !option.isRepeating, flag.position.argument != nil {
      let values = assignment.values.map(\.text)
      report(
        flag.position, "it is set \(values.count) times, to \(values.listed)", hint: "set it once")
    } else if assignment.isList, !isAxis, !option.isRepeating {
      report(
        flag.position,
        "--\(flag.text) takes \(option.isFlag ? "no" : "one") value, this is a list",
        hint: option.isFlag
          ? "write true or false"
          : option.isInput
            ? "give one"
            : "give one\(option.isNumber ? "" : ", in quotes if it has commas"), or make it an axis: "
              + "matrix: { \(flag.text): […] }")
    }
    checkGroup(of: assignment, of: stage, option)
    if option.isFlag, assignment.isList { return }
    for value in assignment.values {
      if option.isFlag, value.boolValue == nil {
        report(value.position, "--\(flag.text) is a flag", hint: "write true or false")
      } else if let values = option.values, !option.isFlag, !values.contains(value.text) {
        report(
          value.position, "--\(flag.text) does not take “\(value.text)”",
          hint: suggestion(for: value.text, among: values, noun: "value"))
      }
    }
  }

  /// Checks that the inputs of a stage, and only these, are under `inputs`.
  private mutating func checkGroup(
    of assignment: Assignment, of stage: StageEntry, _ option: CommandLineSchema.Option
  ) {
    let flag = assignment.flag
    guard !stage.inputs.contains(where: { $0.flag == flag }) else {
      if option.isInput { return }
      return report(flag.position, "--\(flag.text) reads no files", hint: "write it under with:")
    }
    for value in assignment.values where option.isInput && manifest.stage(value.text) != nil {
      report(
        value.position, "“\(value.text)” is a stage, and --\(flag.text) is not under inputs:",
        hint: "write it there to read the output of the stage, or ./\(value.text) to read a file")
    }
  }

  /// The stage without values of an axis that equal earlier ones, such as `1` and `1.0` of an option
  /// that takes numbers; a warning names them.
  mutating func removingEqualValues(of stage: StageEntry, _ schema: CommandLineSchema) -> StageEntry
  {
    var stage = stage
    for index in stage.matrix.indices {
      let axis = stage.matrix[index]
      let isNumber = schema.option(axis.flag.text)?.isNumber == true
      var first: [String: String] = [:]
      var equal: [String] = []
      stage.matrix[index].values.removeAll { value in
        let key = isNumber ? value.text.asNumber : value.text
        guard let other = first[key] else {
          first[key] = value.text
          return false
        }
        equal.append("\(value.text) equals \(other)")
        return true
      }
      guard !equal.isEmpty else { continue }
      plan.warnings.append(
        "\(manifest.source.location(of: axis.flag.position)): equal values on the axis "
          + "“\(axis.flag.text)” are run once: \(equal.unique.listed)")
    }
    return stage
  }

  /// Checks the axes of the matrix and the stage named under `each`.
  private mutating func checkMatrix(of stage: StageEntry) {
    let each = stage.each?.text ?? ""
    if let each = stage.each, manifest.stage(each.text) == nil {
      let names = manifest.stages.map(\.name.text)
      report(
        each.position, "no stage “\(each.text)”",
        hint: suggestion(for: each.text, among: names, noun: "stage"))
    }
    let points = plan.jobs.filter { $0.stage == each }.map(\.point)
    for axis in stage.matrix {
      let shared = Set(points.compactMap { $0[axis.flag.text] })
      for value in axis.values {
        if !shared.isEmpty, !shared.contains(value.text) {
          report(
            value.position, "no job of “\(each)” has \(axis.flag.text)=\(value.text)",
            hint: "add it to the matrix of “\(each)”, or leave it out here")
        }
        if !value.text.isAxisValue {
          report(
            value.position, "“\(value.text)” cannot be part of a folder's name",
            hint: "use letters, digits and - _ + . in the values of an axis")
        }
      }
    }
  }
}

extension String {
  /// The number that it is, as text, so that equal numbers are equal texts; other text as it is.
  fileprivate var asNumber: String {
    // Large integers are not exact as floating-point numbers.
    if let integer = Int(self) { return "\(integer)" }
    guard let number = Double(self) else { return self }
    return Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }

  /// Whether it can be part of a job's folder, and does not end like a file beside an output.
  var isAxisValue: Bool {
    !isEmpty && utf8.count <= 64
      && ![".lock", ".partial", ".old"].contains(where: hasSuffix)
      && unicodeScalars.allSatisfy { $0.isASCIIAlphanumeric || "-_+.".unicodeScalars.contains($0) }
  }
}
