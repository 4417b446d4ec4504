import ArgumentParser
import Foundation
import StageKit
import Support
import PipelineKit

/// The tool that runs manifests.
@main
struct Pipeline: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline",
    abstract: "Runs the stages of a manifest that are not up to date.",
    discussion: """
      A manifest names stages, their options and what they read. A stage is run when its options, \
      its inputs' content or its program have changed since its output was made.

      EXAMPLES
        pipeline run                     the quickstart, on the fixtures
        pipeline run pipelines/paper.yaml --set data=FOLDER
        pipeline run --dry-run           what would run, and why
        pipeline status                  what is up to date
        pipeline graph --format mermaid
        pipeline export --format make    for those who have make
      """,
    version: "pipeline, version 1",
    subcommands: [Run.self, Status.self, Graph.self, Export.self, Cancel.self],
    defaultSubcommand: Run.self)
}

extension Pipeline {
  static func main() async {
    await main(joiningNegativeNumbers(CommandLine.arguments.dropFirst()))
  }
}

/// What all verbs need to work out a manifest.
struct ManifestOptions: ParsableArguments {
  @Argument(help: "The manifest.", completion: .file(extensions: ["yaml", "yml"]))
  var manifest = "pipelines/quickstart.yaml"

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Replace a setting of the manifest.", valueName: "setting=value"))
  var settings: [SettingOverride] = []

  @Option(help: ArgumentHelp("The folder for the outputs of all manifests.", valueName: "folder"))
  var outputRoot = "runs"

  @Option(
    help: ArgumentHelp(
      "The folder of the stages' executables (default: that of pipeline).", valueName: "folder"))
  var tools: String?

  /// A verb that is misspelt looks like a manifest.
  func validate() throws {
    let verbs = Pipeline.configuration.subcommands.map { "\($0)".lowercased() }
    guard !FileManager.default.fileExists(atPath: manifest),
      let verb = nearest(to: manifest, in: verbs)
    else { return }
    throw ValidationError("There is no verb and no manifest “\(manifest)”. Did you mean “\(verb)”?")
  }

  /// The folder of the manifest's outputs.
  func folder() throws -> String { "\(outputRoot)/\(try Manifest(path: manifest).name)" }

  /// The manifest, and the plan that it comes to.
  func plan() async throws -> (Manifest, Plan) {
    let manifest = try Manifest(path: manifest)
    let plan = try await manifest.plan(
      settings: settings.map { ($0.key, $0.value) }, outputRoot: outputRoot,
      tools: tools.map(StageExecutables.init(folder:)) ?? .besideThis)
    return (manifest, plan)
  }
}

/// A `key=value` of the command line.
struct SettingOverride: ExpressibleByArgument {
  var key: String
  var value: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
      return nil
    }
    key = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }
}

/// One line on standard error.
func say(_ text: String) { writeToStandardError(text) }
