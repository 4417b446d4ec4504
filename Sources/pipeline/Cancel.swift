import ArgumentParser
import StageKit
import PipelineKit

extension Pipeline {
  /// Cancels the jobs of a manifest.
  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cancel the Slurm jobs of a manifest, and no others.",
      discussion: """
        What is done stays. A training that has kept its state goes on from there when it is run \
        again.
        """)

    @OptionGroup var options: ManifestOptions

    func run() async throws {
      try await reportingErrors(of: "pipeline") {
        let rows = try await SlurmState(of: try options.folder()).cancel()
        print(
          rows.isEmpty
            ? "Nothing to cancel: Slurm has no job of this manifest."
            : rows.map { "\($0): cancelled" }.joined(separator: "\n"))
      }
    }
  }
}
