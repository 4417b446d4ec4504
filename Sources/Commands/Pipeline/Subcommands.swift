import ArgumentParser
import Foundation
import PipelineKit
import StageKit
import Support

extension GraphFormat: ExpressibleByArgument {}
extension ExportFormat: ExpressibleByArgument {}

extension Pipeline {
  /// Prints which stages are up to date.
  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints which stages are up to date, and why others are not.",
      discussion: """
        fresh        the output is what the command would write
        stale        the options, inputs, program or output have changed
        waiting      an input is stale, so it may have to be made again
        never run    there is no output yet
        interrupted  a training has saved its state, from which it will resume
        refused      the options are invalid, or an input file is missing
        running      a run is writing the output now
        queued       Slurm has not started it yet
        failed       its last Slurm job failed; the end of its log follows the table
        """)

    @OptionGroup var options: ManifestOptions
    @Flag(help: "Print the status as JSON.")
    var json = false

    func run() async throws {
      try await reportingErrors(of: "pipeline") {
        let (_, plan) = try await options.plan(isReading: true)
        let slurm = try await SlurmState(of: plan.folder)
        let freshness = try await FreshnessChecker(plan: plan).check()
        let records = plan.records(before: freshness, slurm: slurm)
        print(json ? try JSONEncoder.pretty.text(of: records) : records.statusTable)
      }
    }
  }

  /// Prints the stages and their inputs.
  struct Graph: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the stages and their inputs.")

    @OptionGroup var options: ManifestOptions
    @Option(help: "The notation.")
    var format = GraphFormat.text

    func run() async throws {
      try await reportingErrors(of: "pipeline") {
        print(try await options.plan(isReading: true).1.graph(format))
      }
    }
  }

  /// Cancels the Slurm jobs of a manifest.
  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cancels the Slurm jobs of a manifest, and no others.",
      discussion: """
        Finished outputs are kept. A training that has saved its state resumes when it is run again.
        """)

    @OptionGroup var options: ManifestOptions

    func run() async throws {
      try await reportingErrors(of: "pipeline") {
        let jobs = try await SlurmState(of: try options.folder()).cancel()
        print(
          jobs.isEmpty
            ? "Nothing to cancel: Slurm has no job of this manifest."
            : jobs.map { "\($0): cancelled" }.joined(separator: "\n"))
      }
    }
  }

  /// Exports the plan for another build tool.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Exports the plan for Snakemake, DVC or make.",
      discussion: """
        The file has a rule for each job, with the command line that pipeline run prints. Stages \
        stamp their outputs as usual, so pipeline status shows what is up to date whichever tool ran \
        them. Paths are relative to the current folder.
        """)

    @OptionGroup var options: ManifestOptions
    @Option(help: "The tool.")
    var format: ExportFormat
    @Option(
      help: ArgumentHelp(
        "The file to write (default: Snakefile, dvc.yaml or Makefile).", valueName: "file"))
    var output: String?

    func run() async throws {
      try await reportingErrors(of: "pipeline") {
        let (manifest, plan) = try await options.plan()
        try manifest.requireFiles(of: plan)
        let file = WrittenFile(path: output ?? format.fileName, marker: ExportFormat.marker)
        try file.requireReplaceable()
        let text = try plan.exported(as: format)
        // The other tool will write these outputs.
        try manifest.claim(plan.folder)
        try file.write(text)
        print("wrote \(file.path); to run it: \(format.command)")
      }
    }
  }
}

/// A file that a subcommand writes, and replaces only if a subcommand has written it.
struct WrittenFile {
  let path: String
  /// The first words of such a file.
  let marker: String

  /// Checks that there is no other file.
  /// - Throws: ``UserError`` with exit status `cannotCreate`.
  func requireReplaceable() throws {
    guard let data = FileManager.default.contents(atPath: path),
      !data.starts(with: Data(marker.utf8))
    else { return }
    throw UserError(
      .cannotCreate, at: path, problem: "a file that was not written by this command",
      expected: "no file, or one that it has written, which is replaced",
      hint: "choose another --output, or move the file")
  }

  /// Writes the file.
  /// - Throws: ``UserError`` with exit status `cannotCreate`.
  func write(_ text: String) throws {
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw UserError(
        .cannotCreate, at: path, problem: "cannot be written: \(systemMessage(error))",
        hint: "choose another --output or change its permissions")
    }
  }
}
