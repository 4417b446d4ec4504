import Safetensors

extension Planner {
  private mutating func mistake(
    _ place: SourcePosition, _ problem: String, expected: String? = nil, _ hint: String? = nil
  ) {
    mistakes.append(manifest.source.refusal(at: place, problem, expected: expected, hint: hint))
  }

  /// What a stage asks of a cluster; what is nothing of the kind is added to the mistakes.
  mutating func resources(of stage: StageEntry) -> Resources {
    var resources = Resources()
    for (key, value) in stage.resources {
      guard let expected = resources.set(key.text, to: value.text) else { continue }
      mistake(value.place, "“\(value.text)” for “\(key.text)”", expected: expected)
    }
    return resources
  }

  /// Checks what can be checked without looking at any file.
  mutating func check(_ stage: StageEntry, against interface: CommandLineSchema) {
    let tool = stage.run?.text ?? stage.name.text
    let arguments = stage.inputs + stage.with + stage.matrix
    var given: Set<String> = []
    for argument in arguments {
      let flag = argument.flag
      if !given.insert(flag.text).inserted {
        mistake(flag.place, "--\(flag.text) is given twice", "keep it in one of the groups")
      } else if CommandLineSchema.reserved.contains(flag.text) {
        mistake(flag.place, "--\(flag.text) is given by pipeline itself", "leave it out")
      } else if let option = interface.option(flag.text) {
        check(argument, of: stage, option)
      } else {
        mistake(
          flag.place, "\(tool) has no option --\(flag.text)",
          suggestion(for: flag.text, among: interface.names, called: "option"))
      }
    }
    for option in interface.options
    where option.isRequired && !stage.isMutilated && given.isDisjoint(with: option.names) {
      mistake(
        stage.name.place, "\(tool) needs --\(option.names[0])",
        "add it under inputs: if it names a stage or a file, else under with:")
    }
    checkAxes(of: stage)
  }

  private mutating func check(
    _ argument: Assignment, of stage: StageEntry, _ option: CommandLineSchema.Option
  ) {
    let flag = argument.flag
    let isAxis = stage.matrix.contains { $0.flag == flag }
    if argument.isList, !isAxis, !option.isRepeating {
      mistake(
        flag.place, "--\(flag.text) takes \(option.isFlag ? "no" : "one") value, this is a list",
        option.isFlag
          ? "write true or false" : "give one, or make it an axis: matrix: { \(flag.text): […] }")
    }
    if option.isFlag, argument.isList { return }
    for value in argument.values {
      if option.isFlag, value.truth == nil {
        mistake(value.place, "--\(flag.text) is a flag", "write true or false")
      } else if let values = option.values, !option.isFlag, !values.contains(value.text) {
        mistake(
          value.place, "--\(flag.text) does not take “\(value.text)”",
          suggestion(for: value.text, among: values, called: "value"))
      }
    }
  }

  /// Checks the axes of the matrix and the stage named under `each`.
  private mutating func checkAxes(of stage: StageEntry) {
    let each = stage.each?.text ?? ""
    let rows = plan.rows.filter { $0.stage == each }
    if let each = stage.each, manifest.stage(each.text) == nil {
      let names = manifest.stages.map(\.name.text)
      mistake(
        each.place, "no stage “\(each.text)”",
        suggestion(for: each.text, among: names, called: "stage"))
    }
    for axis in stage.matrix {
      let taken = Set(rows.compactMap { $0.coordinates[axis.flag.text] })
      var values: Set<String> = []
      for value in axis.values {
        if !taken.isEmpty, !taken.contains(value.text) {
          mistake(
            value.place, "no row of “\(each)” has \(axis.flag.text)=\(value.text)",
            "add it to the matrix of “\(each)”, or leave it out here")
        }
        if !value.text.isAxisValue {
          mistake(
            value.place, "“\(value.text)” cannot be part of a folder's name",
            "use letters, digits and - _ + . in the values of an axis")
        } else if !values.insert(value.text).inserted {
          mistake(value.place, "“\(value.text)” stands twice on this axis", "keep one")
        }
      }
    }
  }
}

extension String {
  /// Whether it can be part of a row's folder, and is none of the names that lie beside outputs.
  fileprivate var isAxisValue: Bool {
    !isEmpty && utf8.count <= 64
      && ![".lock", ".partial", ".old"].contains(where: hasSuffix)
      && unicodeScalars.allSatisfy { $0.isASCIIAlphanumeric || "-_+.".unicodeScalars.contains($0) }
  }
}
