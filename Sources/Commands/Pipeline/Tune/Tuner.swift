import ArgumentParser
import DLNC
import Evaluation
import Foundation
import PipelineKit
import StageKit
import Support
import Tokenization

/// Trains the settings of a tuning round by round, and compares them.
struct Tuner {
  let tuning: Tuning
  let schedule: TuningSchedule
  let measure: SelectionCriterion
  /// The processor time after which nothing more is trained; nil for no limit.
  let seconds: Double?
  let folders: FolderOptions
  let options: PipelineKit.RunOptions
  let children: ChildProcesses
  let isQuiet: Bool
  private var settings: [TunedSetting]
  /// The processor time of each setting's trainings, in seconds.
  private var spent: [Double]
  private var rounds: [(settings: Int, seeds: Int)] = []
  private var notes: [String] = []

  init(
    tuning: Tuning, schedule: TuningSchedule, measure: SelectionCriterion, seconds: Double?,
    folders: FolderOptions, options: PipelineKit.RunOptions, children: ChildProcesses, isQuiet: Bool
  ) {
    (self.tuning, self.schedule, self.measure, self.seconds) = (tuning, schedule, measure, seconds)
    (self.folders, self.options, self.children) = (folders, options, children)
    self.isQuiet = isQuiet
    settings = tuning.settings.enumerated().map { index, setting in
      TunedSetting(
        name: setting.name, flags: setting.flags, isDeterministic: tuning.isDeterministic(index))
    }
    spent = settings.map { _ in 0 }
  }

  /// The total processor time.
  private var spentSeconds: Double { spent.reduce(0, +) }
  private var isOutOfTime: Bool { seconds.map { spentSeconds >= $0 } ?? false }

  /// Runs all rounds.
  /// - Throws: ``UserError`` if there is nothing to compare by, `ExitCode` after a signal or if an input
  ///   cannot be made.
  mutating func run() async throws {
    try await makeInputs()
    for (number, round) in schedule.rounds.enumerated() {
      let active =
        number == 0
        ? Array(0..<round.settings)
        : Array(settings.ranking(by: measure).prefix(round.settings))
      guard number == 0 || active.count > 1, try await run(round, of: active, number) else { break }
    }
    let untried = settings.indices.filter {
      settings[$0].trainings.isEmpty && settings[$0].failure == nil
    }
    if !untried.isEmpty {
      notes.append(
        "Not tried, because the budget is too small: "
          + untried.map { settings[$0].name }.joined(separator: ", ") + ".")
    }
  }

  /// Trains the settings of a round.
  /// - Returns: whether there is time for another round.
  private mutating func run(
    _ round: TuningSchedule.Round, of active: [Int], _ number: Int
  ) async throws -> Bool {
    let trials = active.compactMap { setting -> (setting: Int, seeds: [Int])? in
      let known = Set(settings[setting].trainings.map(\.seed))
      let seeds = settings[setting].isDeterministic ? [1] : Array(1...round.seeds)
      let missing = seeds.filter { !known.contains($0) }
      return missing.isEmpty ? nil : (setting, missing)
    }
    let expected = trials.reduce(0.0) { total, trial in
      let known = max(settings[trial.setting].trainings.count, 1)
      return total + spent[trial.setting] * Double(trial.seeds.count) / Double(known)
    }
    if let seconds, number > 0, spentSeconds + expected > seconds {
      notes.append(
        "Ended before round \(number + 1), which would take more than the "
          + "\(NumberFormat.fixed(seconds / 60, 1)) minutes.")
      return false
    }
    log(
      "round \(number + 1) of \(schedule.rounds.count): "
        + "\(NumberFormat.count(active.count, "setting")), "
        + "\(NumberFormat.count(round.seeds, "seed")) each")
    // With a limit on time, it is checked between the settings.
    let size = seconds == nil ? max(trials.count, 1) : options.maxConcurrentJobs ?? 1
    for start in stride(from: 0, to: trials.count, by: size) {
      if start > 0, isOutOfTime { break }
      try await train(Array(trials[start..<min(start + size, trials.count)]))
    }
    let tried = active.filter { !settings[$0].trainings.isEmpty || settings[$0].failure != nil }
    rounds.append((tried.count, round.seeds))
    for index in active { settings[index].rounds = number + 1 }
    return !isOutOfTime
  }

  /// Trains settings with seeds, and reads their predictions.
  private mutating func train(_ trials: [(setting: Int, seeds: [Int])]) async throws {
    let (plan, states, refusals) = try await run(trials)
    for trial in tuning.trials(of: plan) {
      let name = settings[trial.setting].name
      spent[trial.setting] += trial.jobs.reduce(0.0) { total, job in
        let stamp = Stamp(of: job.outputFolder)
        return total + (stamp?.processorSeconds ?? stamp?.seconds ?? 0)
      }
      if let job = trial.jobs.first(where: { !states[$0.index].hasResult }) {
        let reason = refusals[job.index] ?? states[job.index].phrase
        settings[trial.setting].failure =
          reason.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        log("\(name) failed and is left out")
        continue
      }
      let predictions = try ValidationPredictions(
        models: trial.jobs.map(\.outputFolder),
        vocab: trial.jobs.flatMap { $0.values(of: "vocab") }.unique, threads: processorCount)
      settings[trial.setting].trainings.append((trial.seed, predictions))
    }
  }

  /// Makes the inputs of the stage, and checks that they have validation rows.
  private mutating func makeInputs() async throws {
    let states = try await run([]).states
    for case .failed(let status) in states { throw ExitCode(status) }
    guard states.allSatisfy(\.hasResult) else { throw ExitCode(UserError.ExitStatus.data.rawValue) }
    let probe = try await tuning.plan(
      [(0, [1])], outputRoot: folders.outputRoot, executables: folders.executables)
    let jobs = tuning.trials(of: probe).flatMap(\.jobs)
    let tasks = jobs.first?.values(of: "task") ?? []
    for path in jobs.flatMap({ $0.values(of: "vocab") }).unique {
      let dataset = try TokenizedDataset(path: path)
      let trained = tasks.isEmpty ? dataset.tasks : tasks
      let missing = try dataset.withoutValidation(trained)
      if missing.count == trained.count {
        throw UserError(
          .noInput, at: path, problem: "no validation rows, by which settings are compared",
          expected: "validation rows of \(trained.joined(separator: ", "))",
          hint: "set some aside with the option validation of ingest, or use folds")
      }
      let note =
        "Without validation rows and left out of the score: \(missing.joined(separator: ", "))."
      if !missing.isEmpty, !notes.contains(note) { notes.append(note) }
    }
  }

  /// Runs jobs that are not up to date.
  private func run(
    _ trials: [(setting: Int, seeds: [Int])]
  ) async throws -> (plan: Plan, states: [JobState], refusals: [String?]) {
    let plan = try await tuning.plan(
      trials, outputRoot: folders.outputRoot, executables: folders.executables)
    // Before freshness is checked: see FreshnessChecker.run.
    let slurm = try await SlurmState(of: plan.folder)
    let checker = FreshnessChecker(plan: plan)
    let freshness = try await checker.check()
    if let signal = children.signal { throw ExitCode(128 + signal) }
    let isVerbose = options.verbosity == .details
    let states = try await checker.run(
      freshness, selected: Set(plan.jobs.indices), slurm: slurm, options: options,
      children: children,
      report: EventPrinter(plan: plan, isQuiet: isQuiet, isVerbose: isVerbose).handle)
    if let signal = children.signal { throw ExitCode(128 + signal) }
    return (plan, states, freshness.map(\.refusal))
  }

  private func log(_ text: String) {
    if !isQuiet { writeToStandardError("pipeline: \(text)") }
  }

  /// The outcome.
  /// - Throws: ``UserError`` with exit status `data` if every setting failed.
  func report(title: String) throws -> TuningReport {
    let trainings = settings.reduce(0) { $0 + $1.trainings.count } * schedule.folds
    let report = TuningReport(
      title: title, by: measure, settings: settings, rounds: rounds, folds: schedule.folds,
      notes: ["\(NumberFormat.count(trainings, "training"))."] + notes)
    guard let report else {
      throw UserError(
        .data, at: tuning.stage, problem: "every setting failed",
        hint: "correct the first error above; pipeline run shows it, too")
    }
    return report
  }
}
