import ArgumentParser
import Foundation
import StageKit
import PipelineKit

extension Pipeline {
  /// Runs what is not up to date.
  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs the stages that are not up to date.",
      discussion: """
        Each stage is run with the command line that is printed; pasted into a shell, it does the \
        same. After a failure or an interruption the same command goes on where it stopped.
        """)

    @OptionGroup var options: ManifestOptions

    @Option(
      parsing: .upToNextOption,
      help: ArgumentHelp(
        "Run these stages, or rows of them, only; what they read must be up to date.",
        valueName: "stage"))
    var only: [String] = []
    @Option(
      parsing: .upToNextOption,
      help: ArgumentHelp("Run these stages and all that depends on them.", valueName: "stage"))
    var from: [String] = []
    @Option(
      parsing: .upToNextOption,
      help: ArgumentHelp("Run these stages and all that they depend on.", valueName: "stage"))
    var until: [String] = []
    @Flag(help: "Run the selected stages even if they are up to date.")
    var force = false
    @Flag(help: "Say what would be run and why, and stop.")
    var dryRun = false
    @Option(
      help: "How many stages, with Slurm rows of an array, may run side by side (default: 1; all).")
    var jobs: Int?
    @Flag(help: "Read every input again, also those that look unchanged.")
    var verify = false
    @Flag(help: "Print the outcome as JSON.")
    var json = false
    @Flag(name: .shortAndLong, help: "Report nothing but warnings and failures while working.")
    var quiet = false
    @Flag(help: "Report also what each output depends on.")
    var verbose = false
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func validate() throws {
      if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1.") }
    }

    func run() async throws { try await reportingErrors(of: "pipeline") { try await runPlan() } }

    private func runPlan() async throws {
      let children = try ChildProcesses()
      let signals = forwardSignals(to: children)
      defer { signals.forEach { $0.cancel() } }
      let (manifest, plan) = try await options.plan()
      // Before the inspection: see SlurmExecutor.
      let slurm = try await SlurmState(of: plan.folder)
      let inspector = FreshnessChecker(plan: plan, verify: verify)
      let inspections = try await inspector.inspect()
      if let signal = children.signal { throw ExitCode(128 + signal) }
      let selected = try manifest.choose(
        Selection(only: only, from: from, until: until), of: plan, inspections)
      if dryRun {
        let due = selected.filter { force || !inspections[$0].isFresh }
        return print(
          json
            ? try JSONEncoder.pretty.text(of: due.sorted().map { plan.statuses(inspections)[$0] })
            : plan.dryRun(inspections, due: due, force: force))
      }
      let narrator = EventPrinter(isQuiet: quiet)
      let executor: any Executor
      switch cluster.executor {
      case .local:
        try slurm.refuseLive(plan.rows.filter { selected.contains($0.index) })
        executor = Runner(
          inspector: inspector, children: children, jobs: jobs ?? 1, force: force,
          verbosity: quiet ? .quiet : verbose ? .verbose : .normal, report: narrator.tell)
      case .slurm:
        executor = SlurmExecutor(
          inspector: inspector, record: slurm, resources: try cluster.resources(), jobs: jobs,
          force: force, requeue: cluster.requeue,
          follower: cluster.wait
            ? SlurmMonitor(
              folder: plan.folder, isOver: { children.signal != nil }, report: narrator.tell)
            : nil, report: narrator.tell)
      }
      let outcomes = try await executor.run(inspections, selected: selected)
      print(
        json
          ? try JSONEncoder.pretty.text(of: plan.records(outcomes)) : plan.conclusion(outcomes))
      try leave(outcomes, children.signal)
    }

    private func leave(_ outcomes: [JobResult], _ signal: Int32?) throws {
      if let signal { throw ExitCode(128 + signal) }
      for case .failed(let status) in outcomes { throw ExitCode(status) }
    }
  }
}

/// Passes the signals that ask for an end on to the stages, instead of dying before them.
private func forwardSignals(to children: ChildProcesses) -> [any DispatchSourceSignal] {
  [SIGINT, SIGTERM, SIGHUP].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler { children.interrupt(number) }
    source.activate()
    return source
  }
}
