import ArgumentParser
import Foundation
import StageKit
import Support
import PipelineKit

extension Pipeline {
  /// Says what is up to date.
  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says which stages are up to date, and why others are not.",
      discussion: """
        fresh      its output is what its command would write
        stale      its options, its inputs, its program or its output have changed
        waiting    what it reads is stale, so it may have to be made again
        never run  there is no output yet
        refused    its options are refused, or a file that it reads is missing
        running    a run is writing the output at this moment
        queued     Slurm has it and has not started it
        failed     its last Slurm job ended badly; the end of its log follows the table
        """)

    @OptionGroup var options: ManifestOptions
    @Flag(help: "Print the status as JSON.")
    var json = false

    func run() async throws {
      try await reportingErrors(of: "pipeline") {
        let (_, plan) = try await options.plan()
        let slurm = try await SlurmState(of: plan.folder)
        let statuses = plan.statuses(try await FreshnessChecker(plan: plan).inspect(), slurm: slurm)
        print(json ? try JSONEncoder.pretty.text(of: statuses) : statuses.table)
      }
    }
  }
}
