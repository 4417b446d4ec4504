import Support

/// The settings of a stage that tuning compares, and the trainings that this takes.
///
/// They are jobs like those of a manifest, in the folder `tune-STAGE`, with the same inputs as the
/// stage, so that finished ones are not repeated.
public struct Tuning: Sendable {
  /// The stage.
  public let stage: String
  /// The settings, the first of which is the manifest's.
  public let settings: [TuningSetting]
  /// The manifest, with the settings of the command line.
  let manifest: Manifest
  let entry: StageEntry

  private static let settingAxis = "setting", seedAxis = "seed"
  /// The executables whose options can be tuned.
  fileprivate static let executables = ["train", "finetune"]

  /// The folder of the trainings, in that of the manifest.
  public var folder: String { "tune-\(stage)" }
}

extension Manifest {
  /// Prepares the tuning of a stage.
  /// - Parameters:
  ///   - stage: its name; nil for the first that runs `train`.
  ///   - axes: values to combine; without any, the settings are those under `tune`, or else the
  ///     default ones.
  ///   - favoursRareClasses: whether the default settings have weights of classes.
  /// - Throws: ``UserError`` or ``Diagnostics``: an unknown stage, one that trains nothing or has axes,
  ///   or fewer than two settings.
  public func tuning(
    stage name: String?, settings overrides: [(key: String, value: String)] = [],
    axes: [TuningAxis] = [], favoursRareClasses: Bool = false
  ) throws -> Tuning {
    let manifest = applying(overrides)
    guard manifest.errors.isEmpty else {
      throw Diagnostics(errors: manifest.errors.sortedByPosition)
    }
    let entry = try manifest.tunedEntry(name)
    if let axis = entry.matrix.first(where: { $0.flag.text != "seed" }) {
      throw source.error(
        at: axis.flag.position, "the stage “\(entry.name.text)” has the axis “\(axis.flag.text)”",
        expected: "a stage of one setting",
        hint: "give it one value, or tune with --try \(axis.flag.text)="
          + axis.values.map(\.text).joined(separator: ","))
    }
    let folder = "tune-\(entry.name.text)"
    if let other = manifest.stage(folder) {
      throw source.error(
        at: other.name.position, "the stage “\(folder)” has the folder of the tuning",
        hint: "choose another name")
    }
    if let setting = entry.tune.first(where: { $0.name.text == TuningSetting.unchanged.name }) {
      throw source.error(
        at: setting.name.position, "“\(setting.name.text)” is the setting without a change",
        hint: "choose another name")
    }
    let executable = entry.executable?.text ?? ""
    var settings = [TuningSetting.unchanged]
    if !axes.isEmpty {
      settings += try [TuningSetting](combining: axes)
    } else if !entry.tune.isEmpty {
      settings += entry.tune.map { TuningSetting(name: $0.name.text, options: $0.options) }
    } else {
      settings += [TuningSetting].defaults(
        for: executable, favoursRareClasses: favoursRareClasses)
    }
    var seen: Set<[String: [String]]> = []
    settings = settings.filter { seen.insert(entry.options(with: $0).values).inserted }
    guard settings.count > 1 else {
      throw UserError(
        .usage, at: axes.first?.argument ?? source.location(of: entry.name.position),
        problem: "one setting, that of the manifest, and so nothing to choose",
        hint: "name others with --try FLAG=VALUE,VALUE, or under tune: in the stage")
    }
    return Tuning(
      stage: entry.name.text, settings: settings, manifest: manifest, entry: entry)
  }

  /// The stage to tune.
  private func tunedEntry(_ name: String?) throws -> StageEntry {
    let candidates = stages.filter {
      Tuning.executables.contains($0.executable?.text ?? "")
    }
    guard let name else {
      if let first = candidates.first { return first }
      throw UserError(
        .configuration, at: source.path, problem: "no stage that runs train or finetune",
        hint: "name another manifest")
    }
    if let entry = candidates.first(where: { $0.name.text == name }) { return entry }
    throw UserError(
      .usage, at: "--stage \(name)",
      problem: stage(name) == nil
        ? "no stage “\(name)” in \(source.path)"
        : "a stage that trains no classifier, so that it cannot be tuned",
      hint: suggestion(for: name, among: candidates.map(\.name.text), noun: "trained stage"))
  }
}

extension StageEntry {
  /// The options of the stage with those of a setting, and their values by flag.
  func options(
    with setting: TuningSetting
  ) -> (all: [Assignment], values: [String: [String]]) {
    let changed = Set(setting.options.map(\.flag.text))
    let all = options.filter { !changed.contains($0.flag.text) } + setting.options
    // Without a recipe, the stages take that of the paper.
    var values = ["recipe": ["paper"]]
    for option in all { values[option.flag.text] = option.values.map(\.text) }
    return (all, values)
  }
}

// MARK: - Trainings

extension Tuning {
  /// A training of a setting with one seed; of cross-validation, all of its folds.
  public struct Trial: Sendable {
    /// The index of the setting.
    public let setting: Int
    /// The seed.
    public let seed: Int
    /// Its jobs.
    public let jobs: [Job]
  }

  /// Whether a setting trains a model that does not depend on the seed.
  public func isDeterministic(_ setting: Int) -> Bool {
    let model = entry.options(with: settings[setting]).values["model"]?.first
    return ["bag-of-words", "majority"].contains(model ?? "")
  }

  /// The jobs of some trainings and of all that they read. Of a cross-validation, the job of all rows
  /// is left out.
  /// - Parameter trials: settings and their seeds.
  /// - Throws: like ``Manifest/plan(settings:outputRoot:executables:)``.
  public func plan(
    _ trials: [(setting: Int, seeds: [Int])], outputRoot: String, executables: StageExecutables
  ) async throws -> Plan {
    var needed: Set<String> = []
    var pending = manifest.references(of: entry).map(\.text)
    while let name = pending.popLast() {
      guard needed.insert(name).inserted, let stage = manifest.stage(name) else { continue }
      pending += manifest.references(of: stage).map(\.text)
    }
    var manifest = manifest
    manifest.stages = manifest.stages.filter { needed.contains($0.name.text) }.map(\.withFolds)
    manifest.stages += trials.map { trial(settings[$0.setting], seeds: $0.seeds) }
    let plan = try await manifest.expanded(outputRoot: outputRoot, executables: executables)
    let known = [Self.settingAxis, Self.seedAxis, MatrixPoint.fold]
    if let job = plan.jobs.first(where: { $0.stage == folder }),
      let axis = job.point.values.first(where: { !known.contains($0.axis) })?.axis
    {
      throw manifest.source.error(
        at: entry.each?.position ?? entry.name.position,
        "the stage “\(stage)” has a job for each \(axis)", expected: "a stage of one setting",
        hint: "tune a stage that reads one job")
    }
    return plan
  }

  /// The stage of a setting's trainings.
  private func trial(_ setting: TuningSetting, seeds: [Int]) -> StageEntry {
    let position = entry.name.position
    func scalar(_ text: String, _ boolValue: Bool? = nil) -> Scalar {
      Scalar(Located(text: text, position: position), boolValue: boolValue)
    }
    var trial = entry
    trial.name.text = folder
    trial.label = MatrixPoint(values: [(Self.settingAxis, setting.name)])
    trial.options = entry.options(with: setting).all.filter { $0.flag.text != Self.seedAxis }
    // A model that learned from the validation rows could not be judged by them.
    trial.options.removeAll { $0.flag.text == "fit-validation-rows" }
    trial.options.append(
      Assignment(
        flag: Located(text: "fit-validation-rows", position: position),
        values: [scalar("false", false)], isList: false))
    trial.matrix = [
      Assignment(
        flag: Located(text: Self.seedAxis, position: position),
        values: seeds.map { scalar("\($0)") }, isList: true)
    ]
    return trial
  }

  /// The trainings of a plan.
  public func trials(of plan: Plan) -> [Trial] {
    let jobs = plan.jobs.filter { $0.stage == folder }
    let keys = jobs.map { [$0.point[Self.settingAxis] ?? "", $0.point[Self.seedAxis] ?? ""] }
    return keys.unique.compactMap { key in
      guard let setting = settings.firstIndex(where: { $0.name == key[0] }),
        let seed = Int(key[1])
      else { return nil }
      return Trial(
        setting: setting, seed: seed, jobs: zip(jobs, keys).filter { $0.1 == key }.map(\.0))
    }
  }
}

extension StageEntry {
  /// The stage with a job for each of its folds, and none for all rows.
  fileprivate var withFolds: StageEntry {
    guard let folds = options.first(where: { $0.flag.text == "folds" }),
      !(options + matrix).contains(where: { $0.flag.text == MatrixPoint.fold }),
      folds.values.count == 1, let count = Int(folds.values[0].text),
      Planner.foldCounts.contains(count)
    else { return self }
    let position = folds.flag.position
    var stage = self
    stage.matrix.append(
      Assignment(
        flag: Located(text: MatrixPoint.fold, position: position),
        values: (1...count).map { Scalar(Located(text: "\($0)", position: position)) }, isList: true
      ))
    return stage
  }
}

extension Job {
  /// The values that its command line gives to a flag.
  public func values(of flag: String) -> [String] {
    zip(command.arguments, command.arguments.dropFirst()).filter { $0.0 == "--\(flag)" }.map(\.1)
  }

  /// The folder of the output.
  public var outputFolder: String { output }
}
