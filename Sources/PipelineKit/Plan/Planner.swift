import Foundation
import Support

extension Manifest {
  /// Works the manifest out into rows and command lines, and checks every option against what the
  /// executables say they accept.
  /// - Parameters:
  ///   - settings: replacements of settings, from the command line.
  ///   - outputRoot: the folder under which the outputs of all manifests lie.
  /// - Throws: ``Diagnostics`` with every mistake, ``UserError`` if an executable is missing.
  public func plan(
    settings overrides: [(key: String, value: String)] = [], outputRoot: String,
    tools: StageExecutables
  ) async throws -> Plan {
    let manifest = applying(overrides)
    let interfaces = try await tools.interfaces(
      of: stages.compactMap(\.run?.text), memory: SchemaCache(in: outputRoot))
    var planner = Planner(manifest: manifest, outputRoot: outputRoot)
    var absent: Set<String> = []
    for stage in manifest.ordered(&planner.mistakes) {
      guard let run = stage.run else { continue }
      if let interface = interfaces[run.text] {
        planner.add(stage, tools.path(of: run.text), interface)
      } else if absent.insert(run.text).inserted {
        let (problem, hint) = tools.complaint(about: run.text)
        var refusal = source.refusal(at: run.place, problem, hint: hint)
        refusal.exitStatus = .unavailable
        planner.mistakes.append(refusal)
      }
    }
    guard planner.mistakes.isEmpty else { throw Diagnostics(all: planner.mistakes.inOrder) }
    return planner.plan
  }

  /// The stages, each after those that it reads, otherwise in the order of the file; a circle of
  /// stages is added to the mistakes.
  private func ordered(_ mistakes: inout [UserError]) -> [StageEntry] {
    var rest = stages
    var ordered: [StageEntry] = []
    while !rest.isEmpty {
      let waiting = Set(rest.map(\.name.text))
      let ready = rest.firstIndex { stage in
        references(of: stage).allSatisfy { !waiting.contains($0.text) }
      }
      guard let ready else {
        mistakes.append(circle(among: rest))
        return ordered + rest
      }
      ordered.append(rest.remove(at: ready))
    }
    return ordered
  }

  /// The places where a stage names another stage.
  private func references(of stage: StageEntry) -> [Located] {
    let inputs = stage.inputs.flatMap(\.values).map(\.located)
    return (inputs + [stage.each].compactMap { $0 }).filter { self.stage($0.text) != nil }
  }

  private func circle(among rest: [StageEntry]) -> UserError {
    // Every stage of `rest` reads another one of it, so walking back must come round.
    var path: [Located] = [rest[0].name]
    while let stage = stage(path[path.count - 1].text),
      let next = references(of: stage).first(where: { name in
        rest.contains { $0.name.text == name.text }
      })
    {
      let start = path.firstIndex { $0.text == next.text }
      path.append(next)
      if let start {
        let names = path[start...].map(\.text).joined(separator: " reads ")
        let isFile = FileManager.default.fileExists(atPath: next.text)
        return source.refusal(
          at: next.place, "a circle: \(names)",
          hint: isFile
            ? "for the file of this name write ./\(next.text)"
            : "a stage can only read earlier results")
      }
    }
    return source.refusal(at: path[0].place, "a circle of stages")
  }
}

/// Adds one stage after the other to a plan and collects the mistakes.
struct Planner {
  /// The most rows a manifest may have.
  static let mostRows = 10_000

  let manifest: Manifest
  let outputRoot: String
  var plan: Plan
  var mistakes: [UserError]

  init(manifest: Manifest, outputRoot: String) {
    self.manifest = manifest
    self.outputRoot = outputRoot
    mistakes = manifest.mistakes
    plan = Plan(name: manifest.name, folder: "\(outputRoot)/\(manifest.name)", rows: [])
  }

  mutating func add(_ stage: StageEntry, _ executable: String, _ interface: CommandLineSchema) {
    let before = mistakes.count
    check(stage, against: interface)
    let resources = resources(of: stage)
    guard mistakes.count == before, !stage.isMutilated else { return }
    for (coordinates, own) in points(of: stage) {
      guard plan.rows.count < Self.mostRows else {
        let problem = "more than \(Self.mostRows) rows"
        return mistakes.append(manifest.source.refusal(at: stage.name.place, problem))
      }
      let folder = "\(plan.folder)/\(stage.name.text)"
      var row = Job(
        index: plan.rows.count, stage: stage.name.text, coordinates: coordinates,
        command: Command(executable: executable, arguments: []),
        output: coordinates.isEmpty ? folder : "\(folder)/\(coordinates.folder)", upstream: [],
        sources: [], resources: resources, place: stage.name.place)
      for input in stage.inputs { add(input, to: &row, interface) }
      for argument in stage.with {
        for value in argument.values { row.give(argument.flag.text, value, interface) }
      }
      for (axis, value) in own { row.give(axis, value, interface) }
      row.command.arguments += ["--output", row.output]
      plan.rows.append(row)
    }
  }

  /// The coordinates of a stage's rows, and which of them it passes on as flags: those of its own
  /// axes. An axis that the rows of `each` have, too, keeps the rows that agree.
  private mutating func points(
    of stage: StageEntry
  ) -> [(coordinates: MatrixPoint, own: [(String, Scalar)])] {
    var points: [(coordinates: MatrixPoint, own: [(String, Scalar)])] = [(MatrixPoint(), [])]
    if let each = stage.each {
      points = plan.rows.filter { $0.stage == each.text }.map { ($0.coordinates, []) }
    }
    for axis in stage.matrix {
      points = points.flatMap { point in
        axis.values.prefix(Self.mostRows).compactMap { value in
          var point = point
          if let given = point.coordinates[axis.flag.text] {
            guard given == value.text else { return nil }
          } else {
            point.coordinates.values.append((axis.flag.text, value.text))
          }
          point.own.append((axis.flag.text, value))
          return point
        }
      }
      guard points.count <= Self.mostRows else { break }
    }
    return points
  }

  /// The rows or the file that an input names.
  private mutating func add(_ input: Assignment, to row: inout Job, _ interface: CommandLineSchema)
  {
    var paths: [Scalar] = []
    for value in input.values {
      guard manifest.stage(value.text) != nil else {
        let source = value.matchingFile
        row.sources.append(source)
        paths.append(source)
        continue
      }
      let rows = plan.rows.filter {
        $0.stage == value.text && $0.coordinates.agrees(with: row.coordinates)
      }
      // A stage that was refused has no rows; its own mistake is enough.
      if rows.isEmpty, plan.rows.contains(where: { $0.stage == value.text }) {
        mistakes.append(
          manifest.source.refusal(
            at: value.place, "no row of “\(value.text)” goes with \(row.id)",
            hint: "give the axes that both have the same values"))
      }
      row.upstream += rows.map(\.index)
      paths += rows.map { Scalar(Located(text: $0.output, place: value.place)) }
    }
    if paths.count > 1, interface.option(input.flag.text)?.isRepeating == false,
      let value = input.values.first
    {
      mistakes.append(
        manifest.source.refusal(
          at: value.place, "--\(input.flag.text) takes one path, this names \(paths.count)",
          hint: "for one row each, give the stage each: \(value.text)"))
    }
    for path in paths { row.give(input.flag.text, path, interface) }
  }
}

extension Job {
  /// Appends `--flag value`, or what a `true` or `false` means for this flag.
  fileprivate mutating func give(_ flag: String, _ value: Scalar, _ interface: CommandLineSchema) {
    guard let option = interface.option(flag), option.isFlag else {
      // Behind `=` a value that begins with a dash is not taken for a flag.
      command.arguments +=
        value.text.hasPrefix("-") ? ["--\(flag)=\(value.text)"] : ["--\(flag)", value.text]
      return
    }
    if value.truth == true {
      command.arguments.append("--\(flag)")
    } else if interface.option("no-\(flag)") != nil {
      command.arguments.append("--no-\(flag)")
    }
  }
}
