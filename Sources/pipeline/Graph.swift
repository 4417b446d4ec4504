import ArgumentParser
import PipelineKit
import StageKit

extension GraphFormat: ExpressibleByArgument {}

extension Pipeline {
  /// Draws the stages and what they read.
  struct Graph: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Draws the stages and what they read.")

    @OptionGroup var options: ManifestOptions
    @Option(help: "How it is drawn.")
    var format = GraphFormat.text

    func run() async throws {
      try await reportingErrors(of: "pipeline") { print(try await options.plan().1.graph(format)) }
    }
  }
}
