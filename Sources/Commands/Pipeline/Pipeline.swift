import ArgumentParser
import Foundation
import PipelineKit
import StageKit
import Support

/// The command-line tool that runs manifests.
struct Pipeline: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline",
    abstract: "Runs the stages of a manifest that are not up to date.",
    discussion: """
      A manifest names stages, their options and inputs. A stage is run if its options, the content \
      of its inputs or its program have changed since its output was made.

      EXAMPLES
        pipeline init tickets.csv --run  your own labelled text, to a report
        pipeline run                     the quickstart, on the fixtures
        pipeline run pipelines/paper.yaml --set data=FOLDER
        pipeline run --dry-run           what would run, and why
        pipeline tune mine.yaml          better settings, in mine-tuned.yaml
        pipeline status                  what is up to date
        pipeline graph --format mermaid
        pipeline export --format make    a Makefile of the same stages
      """,
    version: "pipeline, version 1",
    subcommands: [
      Init.self, Run.self, Tune.self, Status.self, Graph.self, Export.self, Cancel.self,
    ],
    defaultSubcommand: Run.self)
}

/// The folders of all manifests.
struct FolderOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder for the outputs of all manifests.", valueName: "folder"))
  var outputRoot = "runs"

  @Option(
    help: ArgumentHelp(
      "The folder of the stages' executables (default: that of pipeline).", valueName: "folder"))
  var tools: String?

  /// The executables of the stages.
  var executables: StageExecutables {
    tools.map(StageExecutables.init(folder:)) ?? .besideCurrentProcess
  }

  /// The arguments that give these options again.
  var arguments: [String] {
    (outputRoot == "runs" ? [] : ["--output-root", outputRoot])
      + (tools.map { ["--tools", $0] } ?? [])
  }
}

/// The options of every subcommand, from which the plan is made.
struct ManifestOptions: ParsableArguments {
  @Argument(help: "The manifest.", completion: .file(extensions: ["yaml", "yml"]))
  var manifest = "pipelines/quickstart.yaml"

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Replace a setting of the manifest, or with STAGE.OPTION an option of a stage.",
      valueName: "setting=value"))
  var settings: [SettingOverride] = []

  @OptionGroup var folders: FolderOptions

  /// Rejects a misspelt subcommand, which is parsed as a manifest.
  func validate() throws {
    let subcommands = Pipeline.configuration.subcommands.map { "\($0)".lowercased() }
    guard !FileManager.default.fileExists(atPath: manifest),
      let subcommand = nearest(to: manifest, in: subcommands)
    else { return }
    throw ValidationError(
      "There is no subcommand or manifest “\(manifest)”. Did you mean “\(subcommand)”?")
  }

  /// The output folder of the manifest.
  /// - Throws: ``UserError`` if it belongs to another manifest.
  func folder() throws -> String {
    let manifest = try Manifest(path: manifest)
    let folder = "\(folders.outputRoot)/\(manifest.name)"
    if let error = manifest.foreignOwner(of: folder) { throw error }
    return folder
  }

  /// Reads the manifest and makes its plan.
  /// - Parameter isReading: whether outputs are only looked at, so that a warning is enough if they
  ///   belong to another manifest.
  func plan(isReading: Bool = false) async throws -> (Manifest, Plan) {
    let manifest = try Manifest(path: manifest)
    let plan = try await manifest.plan(
      settings: settings.map { ($0.key, $0.value) }, outputRoot: folders.outputRoot,
      executables: folders.executables)
    let log = Log(level: .warnings, stage: "pipeline")
    for text in plan.warnings { log.warning(text) }
    if let error = manifest.foreignOwner(of: plan.folder) {
      guard isReading else { throw error }
      log.warning("\(error.location): \(error.problem)")
    }
    return (manifest, plan)
  }
}

/// A `key=value` of the command line.
struct SettingOverride: ExpressibleByArgument {
  let key: String
  let value: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
      return nil
    }
    key = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }
}
