import ArgumentParser
import Foundation
import PipelineKit
import StageKit
import Support

extension Pipeline {
  /// Runs the stages that are not up to date.
  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs the stages that are not up to date.",
      discussion: """
        Prints the result of each stage and why it runs. After a failure or an interruption, the same \
        command resumes the work. --verbose and --dry-run print the command line of each stage; \
        pasted into a shell, it does the same.
        """)

    @OptionGroup var manifestOptions: ManifestOptions

    @Option(
      parsing: .upToNextOption,
      help: ArgumentHelp(
        "Run only these stages or jobs; their inputs must be up to date.", valueName: "stage"))
    var only: [String] = []
    @Option(
      parsing: .upToNextOption,
      help: ArgumentHelp("Run these stages and all that depend on them.", valueName: "stage"))
    var from: [String] = []
    @Option(
      parsing: .upToNextOption,
      help: ArgumentHelp("Run these stages and all on which they depend.", valueName: "stage"))
    var until: [String] = []
    @Flag(help: "Run the selected stages even if they are up to date.")
    var force = false
    @Flag(help: "Print what would run, and why, without running it.")
    var dryRun = false
    @OptionGroup var concurrency: ConcurrencyOptions
    @Flag(help: "Read every input again, even if it looks unchanged.")
    var verify = false
    @Flag(help: "Print the outcome as JSON.")
    var json = false
    @Flag(name: .shortAndLong, help: "Print only warnings and failures while running.")
    var quiet = false
    @Flag(
      help: """
        Also print the command line of each stage, its progress and all it has to say, and the options \
        and inputs on which its output depends.
        """)
    var verbose = false
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run() async throws { try await reportingErrors(of: "pipeline") { try await runPlan() } }

    private func runPlan() async throws {
      let children = try ChildProcesses()
      let signals = forwardSignals(to: children)
      defer { signals.forEach { $0.cancel() } }
      let (manifest, plan) = try await manifestOptions.plan()
      // Before freshness is checked: see FreshnessChecker.run.
      let slurm = try await SlurmState(of: plan.folder)
      let checker = FreshnessChecker(plan: plan, verify: verify)
      let freshness = try await checker.check()
      if let signal = children.signal { throw ExitCode(128 + signal) }
      let selected = try manifest.select(
        Selection(only: only, from: from, until: until), of: plan, freshness)
      if dryRun {
        let due = selected.filter { force || !freshness[$0].isFresh }
        let records = plan.records(before: freshness)
        return print(
          json
            ? try JSONEncoder.pretty.text(of: due.sorted().map { records[$0] })
            : plan.dryRun(freshness, due: due, force: force))
      }
      try manifest.claim(plan.folder)
      let states = try await checker.run(
        freshness, selected: selected, slurm: slurm, options: try runOptions(),
        children: children,
        report: EventPrinter(plan: plan, isQuiet: quiet, isVerbose: verbose).handle)
      print(
        json
          ? try JSONEncoder.pretty.text(of: plan.records(after: states))
          : plan.summary(after: states))
      if let signal = children.signal { throw ExitCode(128 + signal) }
      for case .failed(let status) in states { throw ExitCode(status) }
    }

    private func runOptions() throws -> RunOptions {
      var options = RunOptions()
      options.executor = cluster.executor
      options.maxConcurrentJobs = concurrency.jobs
      options.force = force
      options.verbosity = quiet ? .warnings : verbose ? .details : .normal
      options.resources = try cluster.resources()
      options.requeue = cluster.requeue
      options.waits = cluster.wait
      return options
    }
  }
}

/// Passes signals that ask this process to stop on to the stages, and waits for these to end.
func forwardSignals(to children: ChildProcesses) -> [any DispatchSourceSignal] {
  [SIGINT, SIGTERM, SIGHUP].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler { children.interrupt(number) }
    source.activate()
    return source
  }
}

extension ExecutorKind: ExpressibleByArgument {}

/// How many jobs run at the same time.
struct ConcurrencyOptions: ParsableArguments {
  @Option(
    help: """
      The number of jobs that run at the same time; with Slurm, the number of running tasks of an \
      array (default: 1; with Slurm all).
      """)
  var jobs: Int?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1.") }
  }
}

/// The options for a cluster.
struct ClusterOptions: ParsableArguments {
  @Option(help: "Where the stages run: on this machine, or as Slurm jobs.")
  var executor = ExecutorKind.local
  @Flag(help: "With Slurm: wait for the end of the jobs instead of returning once all are queued.")
  var wait = false
  @Flag(help: "With Slurm: queue a training again that ran out of time and saved its state.")
  var requeue = false
  @Option(help: "With Slurm: the partition of all stages; replaces that of the manifest.")
  var partition: String?
  @Option(help: "The same for the time limit: 90 (minutes), 2:00:00, 1-12 (days and hours).")
  var time: String?
  @Option(help: "The same for memory: 4G, 500M.")
  var memory: String?
  @Option(help: "The same for the number of processors.")
  var cpus: String?
  @Option(help: "The same for the account.")
  var account: String?

  private var values: [String?] { [partition, time, memory, cpus, account] }

  /// The resources given on the command line.
  /// - Throws: `ValidationError` for an invalid value.
  func resources() throws -> Resources {
    var resources = Resources()
    for (key, text) in zip(Resources.Key.allCases, values) {
      guard let text, let expected = resources.set(key, to: text) else { continue }
      throw ValidationError("--\(key.rawValue) is “\(text)”; it must be \(expected).")
    }
    return resources
  }

  func validate() throws {
    _ = try resources()
    if executor == .local, wait || requeue || values.contains(where: { $0 != nil }) {
      throw ValidationError(
        "--wait, --requeue, --partition, --time, --memory, --cpus and --account require "
          + "--executor slurm.")
    }
  }
}

/// Prints the events of a run on standard error.
struct EventPrinter: Sendable {
  let plan: Plan
  /// Whether only the output of stages and failures are printed.
  let isQuiet: Bool
  /// Whether the command lines are printed, too.
  let isVerbose: Bool

  @Sendable func handle(_ event: Event) {
    switch event {
    case .started where isQuiet, .ended(_, .made) where isQuiet: break
    case .started(let job, let command, let reasons):
      writeToStandardError("pipeline: \(plan.progress(of: job)): \(phrase(reasons))")
      if isVerbose { writeToStandardError("  \(command.line)", wraps: false) }
    case .submitted(let job, let command, let reasons, let slurmJob):
      writeToStandardError(
        "pipeline: \(plan.progress(of: job)): \(phrase(reasons)); Slurm job \(slurmJob)")
      if isVerbose { writeToStandardError("  \(command.line)", wraps: false) }
    case .printed(let job, let line): writeToStandardError("\(job.id) | \(line)", wraps: false)
    case .ended(let job, .made) where job.isFold && !isVerbose: break
    case .endedFolds(let stage, let count, let seconds) where !isQuiet && !isVerbose:
      writeToStandardError(
        "pipeline: \(stage): \(count) folds done in \(NumberFormat.duration(seconds))")
    case .ended(let job, .made(_, let seconds)):
      writeToStandardError("pipeline: \(job.id): done in \(NumberFormat.duration(seconds))")
    case .ended(let job, .failed(let status)):
      writeToStandardError("pipeline: \(job.id): failed with exit status \(status)")
    // The summary at the end shows the other states.
    case .ended, .endedFolds: break
    }
  }

  private func phrase(_ reasons: [String]) -> String {
    reasons.map(escapingControlCharacters).joined(separator: "; ")
  }
}
