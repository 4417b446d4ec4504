import ArgumentParser
import PipelineKit
import StageKit
import Support

/// The programs of this package: the stages of a pipeline and the tools around them.
public enum Program: String, CaseIterable, Sendable {
  case ingest, vocab, pretrain, train, finetune, evaluate, export, predict, inspect, pipeline

  fileprivate var command: any ParsableCommand.Type {
    switch self {
    case .ingest: Ingest.self
    case .vocab: Vocab.self
    case .pretrain: Pretrain.self
    case .train: Train.self
    case .finetune: FineTune.self
    case .evaluate: Evaluate.self
    case .export: Export.self
    case .predict: Predict.self
    case .inspect: Inspect.self
    case .pipeline: Pipeline.self
    }
  }

  /// Runs the program. If it fails, it ends the process with its exit status.
  @MainActor
  public func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async {
    switch command {
    case let stage as any StageCommand.Type: stage.runStage(arguments)
    case let tool as any AsyncParsableCommand.Type: await tool.main(tool.checked(arguments))
    case let tool: tool.main(tool.checked(arguments))
    }
  }
}

/// All programs in one, as in a release. The name under which it is started, or else its first argument,
/// chooses the program.
public struct CombinedProgram: AsyncParsableCommand {
  /// The help, from which manual pages and completions are made.
  public static let configuration = CommandConfiguration(
    commandName: "dlnc",
    abstract: "Trains and uses small text classifiers.",
    discussion: """
      Started by a link with the name of a command, it is that command: train is the same as dlnc train.

      EXAMPLES
        dlnc pipeline init tickets.csv --run     from a file to a report
        dlnc predict --checkpoint runs/tickets/train tickets.txt
        dlnc help train
      """,
    version: Program.allCases.map { $0.command.configuration.version }.joined(separator: "\n"),
    subcommands: Program.allCases.map { $0.command })

  /// Required by ArgumentParser.
  public init() {}

  /// Runs the chosen program. If it fails, it ends the process with its exit status.
  @MainActor
  public static func run() async {
    let words = CommandLine.arguments
    let name = words.first?.lastPathName ?? ""
    let first = words.dropFirst().first ?? "help"
    if let program = Program(rawValue: name) {
      await program.run()
    } else if let program = Program(rawValue: first) {
      await program.run(Array(words.dropFirst(2)))
    } else if first.hasPrefix("-") || first == "help" {
      await main()
    } else {
      let near = nearest(to: first, in: Program.allCases.map(\.rawValue))
      let advice = near.map { " Did you mean “\($0)”?" } ?? ""
      exit(
        withError: ValidationError(
          "There is no command “\(escapingControlCharacters(first))”.\(advice)"))
    }
  }
}
