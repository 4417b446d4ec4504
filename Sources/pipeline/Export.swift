import ArgumentParser
import Foundation
import Support
import PipelineKit
import StageKit

extension ExportFormat: ExpressibleByArgument {}

extension Pipeline {
  /// Writes the plan for another tool.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the plan for Snakemake, DVC or make.",
      discussion: """
        The file runs the command lines that pipeline run prints, a rule for each row of a matrix, \
        and the outputs are stamped as usual: whichever ran them, pipeline status knows what is up \
        to date. Its paths count from this folder.
        """)

    @OptionGroup var options: ManifestOptions
    @Option(help: "The tool that it is for.")
    var format: ExportFormat
    @Option(
      help: ArgumentHelp(
        "The file to write (default: Snakefile, dvc.yaml or Makefile).", valueName: "file"))
    var output: String?

    func run() async throws {
      try await reportingErrors(of: "pipeline") {
        let (manifest, plan) = try await options.plan()
        try manifest.requireSources(of: plan)
        let path = output ?? format.fileName
        try refuseForeignFile(path)
        try write(try plan.exported(as: format), to: path)
        print("wrote \(path); to run it: \(format.command)")
      }
    }

    /// A file that was not exported is somebody's work.
    private func refuseForeignFile(_ path: String) throws {
      guard let data = FileManager.default.contents(atPath: path),
        !data.starts(with: Data(ExportFormat.mark.utf8))
      else { return }
      throw UserError(
        .cannotCreate, at: path, problem: "a file that was not exported",
        expected: "nothing yet, or an earlier export, which is replaced",
        hint: "choose another --output, or move what is there")
    }

    private func write(_ text: String, to path: String) throws {
      do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
        throw UserError(
          .cannotCreate, at: path, problem: "cannot be written: \(systemMessage(error))",
          hint: "choose another --output or change its permissions")
      }
    }
  }
}
