import Foundation
import StageKit
import Support

extension Manifest {
  /// Expands the manifest into jobs, and checks every option against those that the executables
  /// accept.
  /// - Parameters:
  ///   - overrides: settings given on the command line.
  ///   - outputRoot: the folder that holds the outputs of all manifests.
  /// - Throws: ``Diagnostics`` with every mistake, ``UserError`` if an executable cannot be run.
  public func plan(
    settings overrides: [(key: String, value: String)] = [], outputRoot: String,
    executables: StageExecutables
  ) async throws -> Plan {
    try await applying(overrides).expanded(outputRoot: outputRoot, executables: executables)
  }

  /// The plan of a manifest whose settings are filled in.
  func expanded(outputRoot: String, executables: StageExecutables) async throws -> Plan {
    let schemas = try await executables.schemas(
      of: stages.compactMap(\.executable?.text), cache: SchemaCache(in: outputRoot))
    var planner = Planner(manifest: self, outputRoot: outputRoot)
    var missing: Set<String> = []
    for stage in stagesByDependency(&planner.errors) {
      guard let executable = stage.executable else { continue }
      if let schema = schemas[executable.text] {
        planner.add(stage, executables.path(of: executable.text), schema)
      } else if missing.insert(executable.text).inserted {
        let (problem, hint) = executables.notFoundMessage(for: executable.text)
        var error = source.error(at: executable.position, problem, hint: hint)
        error.exitStatus = .unavailable
        planner.errors.append(error)
      }
    }
    guard planner.errors.isEmpty else {
      throw Diagnostics(errors: planner.errors.sortedByPosition)
    }
    return planner.plan
  }

  /// The stages, each after those that it reads, otherwise in the order of the file. A dependency
  /// cycle is added to `errors`.
  private func stagesByDependency(_ errors: inout [UserError]) -> [StageEntry] {
    var remaining = stages
    var sorted: [StageEntry] = []
    while !remaining.isEmpty {
      let names = Set(remaining.map(\.name.text))
      let ready = remaining.firstIndex { stage in
        references(of: stage).allSatisfy { !names.contains($0.text) }
      }
      guard let ready else {
        errors.append(dependencyCycle(among: remaining))
        return sorted + remaining
      }
      sorted.append(remaining.remove(at: ready))
    }
    return sorted
  }

  /// The places where a stage names another stage.
  func references(of stage: StageEntry) -> [Located] {
    let inputs = stage.inputs.flatMap(\.values).map(\.located)
    return (inputs + [stage.each].compactMap { $0 }).filter { self.stage($0.text) != nil }
  }

  /// The error for `stages`, each of which reads another of them.
  private func dependencyCycle(among stages: [StageEntry]) -> UserError {
    var path = [stages[0].name]
    while let stage = stage(path[path.count - 1].text),
      let next = references(of: stage).first(where: { name in
        stages.contains { $0.name.text == name.text }
      })
    {
      let start = path.firstIndex { $0.text == next.text }
      path.append(next)
      guard let start else { continue }
      let names = path[start...].map(\.text).joined(separator: " reads ")
      let isFile = FileManager.default.fileExists(atPath: next.text)
      return source.error(
        at: next.position, "a dependency cycle: \(names)",
        hint: isFile
          ? "for the file of this name write ./\(next.text)"
          : "a stage can only read earlier results")
    }
    return source.error(at: path[0].position, "a dependency cycle")
  }
}

/// Adds stages to a plan and collects the mistakes.
struct Planner {
  /// The largest number of jobs in a plan.
  static let maxJobCount = 10_000

  let manifest: Manifest
  var plan: Plan
  var errors: [UserError]

  init(manifest: Manifest, outputRoot: String) {
    self.manifest = manifest
    errors = manifest.errors
    plan = Plan(name: manifest.name, folder: "\(outputRoot)/\(manifest.name)")
    plan.warnings = manifest.warnings.unique
  }

  mutating func report(
    _ position: SourcePosition, _ problem: String, expected: String? = nil, hint: String? = nil
  ) {
    errors.append(manifest.source.error(at: position, problem, expected: expected, hint: hint))
  }

  /// Adds the jobs of a stage whose inputs have been added.
  mutating func add(_ stage: StageEntry, _ executable: String, _ schema: CommandLineSchema) {
    let errorCount = errors.count
    let stage = addingFolds(to: removingEqualValues(of: stage, schema), schema)
    check(stage, against: schema)
    let resources = resources(of: stage)
    guard errors.count == errorCount, !stage.hasErrors else { return }
    for (point, arguments) in points(of: stage) {
      guard plan.jobs.count < Self.maxJobCount else {
        return report(stage.name.position, "more than \(Self.maxJobCount) jobs")
      }
      let folder = "\(plan.folder)/\(stage.name.text)"
      var job = Job(
        index: plan.jobs.count, stage: stage.name.text, point: point,
        command: Command(executable: executable, arguments: []),
        output: point.isEmpty ? folder : "\(folder)/\(point.folder)", resources: resources,
        position: stage.name.position)
      for input in stage.inputs { add(input, of: stage, to: &job, schema) }
      for option in stage.options {
        for value in option.values { job.command.append(option.flag.text, value, schema) }
      }
      for (axis, value) in arguments { job.command.append(axis, value, schema) }
      job.command.arguments += ["--output", job.output]
      plan.jobs.append(job)
    }
  }

  /// The points of a stage's jobs, each with the arguments from the stage's own axes. If the jobs of
  /// `each` share an axis, only points with equal values remain.
  private func points(
    of stage: StageEntry
  ) -> [(point: MatrixPoint, arguments: [(axis: String, value: Scalar)])] {
    var points: [(point: MatrixPoint, arguments: [(axis: String, value: Scalar)])] = [
      (stage.label, [])
    ]
    if let each = stage.each {
      points = plan.jobs.filter { $0.stage == each.text }.map {
        (MatrixPoint(values: stage.label.values + $0.point.values), [])
      }
    }
    for axis in stage.matrix {
      let name = axis.flag.text
      points = points.flatMap { point, arguments in
        axis.values.prefix(Self.maxJobCount).compactMap { value in
          var point = point
          if let given = point[name] {
            guard given == value.text else { return nil }
          } else {
            point.values.append((name, value.text))
          }
          return (point, arguments + [(name, value)])
        }
      }
      guard points.count <= Self.maxJobCount else { break }
    }
    return points
  }

  /// Adds the paths that an input names: the outputs of a stage's jobs, or a file.
  private mutating func add(
    _ input: Assignment, of stage: StageEntry, to job: inout Job, _ schema: CommandLineSchema
  ) {
    var paths: [Scalar] = []
    for value in input.values {
      guard manifest.stage(value.text) != nil else {
        let source = value.matchingFile
        job.sources.append(source)
        paths.append(source)
        continue
      }
      let all = plan.jobs.filter { $0.stage == value.text }
      let matching = all.filter { $0.point.isCompatible(with: job.point) }
      // A stage with mistakes has no jobs; its own error is enough.
      if matching.isEmpty, !all.isEmpty {
        report(
          value.position, "no job of “\(value.text)” matches \(job.id)",
          hint: "give the axes that both have the same values")
      }
      if reportMixedFolds(of: value, matching, by: job, stage.executable?.text ?? "") { return }
      job.upstream += matching.map(\.index)
      paths += matching.map { Scalar(Located(text: $0.output, position: value.position)) }
    }
    let flag = input.flag.text
    if paths.count > 1, schema.option(flag)?.isRepeating == false, let value = input.values.first {
      report(
        value.position, "--\(flag) takes one path, this names \(paths.count)",
        hint: "for one job each, give the stage each: \(value.text)")
    }
    for path in paths { job.command.append(flag, path, schema) }
  }
}

extension Command {
  /// Appends `--flag value`, or for a flag without a value the form that `true` or `false` means.
  fileprivate mutating func append(_ flag: String, _ value: Scalar, _ schema: CommandLineSchema) {
    guard let option = schema.option(flag), option.isFlag else {
      // After `=`, a value that begins with a dash is not taken for a flag.
      arguments +=
        value.text.hasPrefix("-") ? ["--\(flag)=\(value.text)"] : ["--\(flag)", value.text]
      return
    }
    if value.boolValue == true {
      arguments.append("--\(flag)")
    } else {
      let inversion = flag.hasPrefix("no-") ? String(flag.dropFirst(3)) : "no-\(flag)"
      if schema.option(inversion) != nil { arguments.append("--\(inversion)") }
    }
  }
}
