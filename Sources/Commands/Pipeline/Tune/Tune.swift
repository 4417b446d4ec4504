import ArgumentParser
import DLNC
import Evaluation
import Foundation
import PipelineKit
import StageKit
import Support

extension TuningAxis: ExpressibleByArgument {}

extension Pipeline {
  /// Finds the best settings of a training on validation rows.
  struct Tune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Finds the best settings of a training, on validation rows only.",
      discussion: """
        Trains a stage of the manifest with several settings: those of --try, those under “tune” in the \
        stage, or else recipes, models, rates, sizes and dropouts that are often good. Successive \
        halving: all settings with one seed, then in each round the better half with twice as many \
        seeds. Test rows are not read. If the manifest has folds, each setting is trained on all.

        Writes the manifest with the best setting as NAME-tuned.yaml, and report.md, report.html and \
        report.json with the ranking to runs/NAME/tune-STAGE. The same budget gives the same bytes. \
        Finished trainings are kept: after an interruption the same command continues, and a larger \
        budget trains only what is new.

        EXAMPLES
          pipeline tune mine.yaml
          pipeline tune mine.yaml --budget 40 --by macro-f1 --jobs 2
          pipeline tune mine.yaml --stage train --try learning-rate=0.002,0.004
          pipeline tune mine.yaml --minutes 30
          pipeline tune mine.yaml --dry-run
        """)

    @OptionGroup var manifestOptions: ManifestOptions

    @Option(help: "The stage, which runs train or finetune. (default: the first that runs train)")
    var stage: String?
    @Option(
      help: ArgumentHelp(
        "The greatest number of trainings. (default: what all settings take)",
        discussion: "If it is small, the first settings are tried; if large, more seeds.",
        valueName: "trainings"))
    var budget: Int?
    @Option(
      help: ArgumentHelp(
        "No more trainings after this much processor time; then results depend on the machine.",
        valueName: "minutes"))
    var minutes: Double?
    @Option(help: "The measure on validation rows; of several tasks, its mean.")
    var by = SelectionCriterion.accuracy
    @Option(
      name: .customLong("try"),
      help: ArgumentHelp(
        "Values to try for a flag of the stage; with several flags, all combinations.",
        valueName: "flag=value,value"))
    var axes: [TuningAxis] = []
    @Option(
      help: ArgumentHelp(
        "The manifest to write. (default: NAME-tuned.yaml in the current folder)",
        valueName: "file"))
    var output: String?
    @Flag(help: "Print the settings and rounds without training.")
    var dryRun = false
    @OptionGroup var concurrency: ConcurrencyOptions
    @Flag(help: "Print the report as JSON.")
    var json = false
    @Flag(name: .shortAndLong, help: "Print only warnings and failures while training.")
    var quiet = false
    @Flag(help: "Also print the command line of each training and all it has to say.")
    var verbose = false
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func validate() throws {
      if let budget, budget < 2 {
        throw ValidationError(
          "--budget is \(budget); it must be at least 2 trainings, to compare two settings.")
      }
      if let minutes, !(minutes > 0 && minutes.isFinite) {
        throw ValidationError("--minutes is \(minutes); it must be above 0.")
      }
      let flags = axes.map(\.flag)
      if let flag = flags.first(where: { name in flags.count { $0 == name } > 1 }) {
        throw ValidationError("--try names \(flag) twice; give all its values at once.")
      }
    }

    func run() async throws { try await reportingErrors(of: "pipeline") { try await tune() } }

    private func tune() async throws {
      let children = try ChildProcesses()
      let signals = forwardSignals(to: children)
      defer { signals.forEach { $0.cancel() } }
      let manifest = try Manifest(path: manifestOptions.manifest)
      let overrides = manifestOptions.settings.map { ($0.key, $0.value) }
      let tuning = try manifest.tuning(
        stage: stage, settings: overrides, axes: axes, favoursRareClasses: by == .macroF1)
      let folders = manifestOptions.folders
      // One training of each setting, so that mistakes in any are reported before the first.
      let plan = try await tuning.plan(
        tuning.settings.indices.map { ($0, [1]) }, outputRoot: folders.outputRoot,
        executables: folders.executables)
      let log = Log(level: .warnings, stage: "pipeline")
      for text in plan.warnings { log.warning(text) }
      if let error = manifest.foreignOwner(of: plan.folder) { throw error }
      let folds = tuning.trials(of: plan)[0].jobs.count
      guard
        let schedule = TuningSchedule(
          settings: tuning.settings.count, folds: folds, trainings: budget)
      else { throw tooSmall(folds: folds) }
      if dryRun { return print(description(of: schedule, tuning)) }
      let file = WrittenFile(
        path: output ?? "\(manifest.name)-tuned.yaml", marker: Tuning.marker)
      try file.requireReplaceable()
      try manifest.requireFiles(of: plan)
      try manifest.claim(plan.folder)

      var options = RunOptions()
      options.executor = cluster.executor
      options.maxConcurrentJobs = concurrency.jobs
      options.verbosity = verbose ? .details : .warnings
      options.resources = try cluster.resources()
      options.requeue = cluster.requeue
      options.waits = true
      var tuner = Tuner(
        tuning: tuning, schedule: schedule, measure: by, seconds: minutes.map { $0 * 60 },
        folders: folders, options: options, children: children, isQuiet: quiet)
      try await tuner.run()
      let report = try tuner.report(title: "Tuning of \(tuning.stage) in \(manifest.name)")
      let folder = "\(plan.folder)/\(tuning.folder)"
      for (name, text) in [
        ("md", report.markdown), ("html", report.html), ("json", report.json),
      ] {
        try WrittenFile(path: "\(folder)/report.\(name)", marker: "").write(text)
      }
      let duplicates = try await tuning.duplicates(
        with: report.best, outputRoot: folders.outputRoot, executables: folders.executables)
      let left =
        duplicates.isEmpty
        ? "" : " Left out, being the same: \(duplicates.joined(separator: ", "))."
      try file.write(
        try tuning.manifest(
          with: report.best, without: duplicates, settings: overrides,
          remark: report.findings.joined(separator: " ") + left))
      if json { return print(report.json, terminator: "") }
      print(report.text)
      print("The ranking is in \(folder)/report.html")
      let command = folders.executables.commandLine(
        "pipeline", ["run", file.path] + folders.arguments)
      print("Wrote \(file.path). To train with it:\n  \(command)")
    }

    private func tooSmall(folds: Int) -> UserError {
      let needed = TuningSchedule(settings: 2, folds: folds, trainings: nil)?.trainings ?? 2
      return UserError(
        .usage, at: "--budget \(budget ?? 0)",
        problem: "too small to compare two settings"
          + (folds > 1 ? ", each of which is trained on \(folds) folds" : ""),
        expected: "at least \(needed) trainings")
    }

    private func description(of schedule: TuningSchedule, _ tuning: Tuning) -> String {
      let tried = schedule.rounds[0].settings
      let rows = tuning.settings.enumerated().map { index, setting in
        [
          setting.name,
          setting.flags.map { "--\($0.flag) \($0.value)" }.joined(separator: " "),
          index < tried ? "" : "not tried within the budget",
        ]
      }
      let rounds = schedule.rounds.enumerated().map { index, round in
        "round \(index + 1): \(NumberFormat.count(round.settings, "setting")), "
          + "\(NumberFormat.count(round.seeds, "seed")) each"
      }
      let folds = schedule.folds > 1 ? ", \(schedule.folds) for each seed" : ""
      return
        ([TextTable.text(rows)] + rounds
        + ["at most \(NumberFormat.count(schedule.trainings, "training"))\(folds)"])
        .joined(separator: "\n")
    }
  }
}
