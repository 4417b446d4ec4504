import ArgumentParser
import Foundation
import DLNC
import Evaluation
import StageKit
import Shards
import Support

/// The stage `evaluate`: models and token shards in, one report out.
@main
struct Evaluate: StageCommand {
  static let version = 3
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Tests models and writes the report.",
    discussion: """
      Each model is tested on the tasks that its last stage learned, on rows held out from those \
      that it learned them from. Of several models of one kind and seed that learned a task from \
      the same rows only the first given is tested on it; the report says which were left out. \
      Writes report.json, report.md, report.html and the page's figures.

      EXAMPLES
        evaluate --models runs/paper/train --vocab runs/paper/vocab --output runs/report
        evaluate --splits validation …               reads no test row
      """,
    version: versionText("evaluate", version))

  @Option(
    help: ArgumentHelp(
      "A model: the output of train or finetune; may be given several times.",
      valueName: "folder or file"))
  var models: [InputPath]

  @Option(
    help: ArgumentHelp(
      "The output of vocab, with the rows to test on; may be given several times.",
      valueName: "folder"))
  var vocab: [InputPath]

  @Option(
    help: ArgumentHelp(
      "Which rows to look at, separated by commas. No others are read.", valueName: "splits"))
  var splits = SplitList.all

  @Option(help: "The heading of the report.")
  var title = "Domain layer normalisation: results"

  @Option(help: "The kind of model that the others are compared with.")
  var reference: ModelKind = .network(.dlnc)

  @Option(help: "How many threads to use; changes no byte. By default one a processor.")
  var threads: Int = processorCount

  @OptionGroup(title: "Every stage") var shared: StageOptions

  func validate() throws {
    guard Set(models).count == models.count, Set(vocab).count == vocab.count else {
      throw ValidationError("--models or --vocab names one folder twice.")
    }
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads is \(threads); it must be from 1 to 1024.")
    }
  }

  func run(output: AtomicDirectory, log: Log) throws -> EvaluationSummary {
    let (modelPaths, vocabPaths) = (models.map(\.path), vocab.map(\.path))
    var examination = Evaluator(
      rows: try TestSets(paths: vocabPaths), splits: splits.splits, threads: threads)
    for path in modelPaths {
      try examination.examine(try trainedModel(at: path), from: path) { log.info($0) }
    }
    let lineage = ProvenanceCollector(folders: modelPaths + vocabPaths)
    let report = try Report(
      title: title, predictions: examination.predictions, curves: examination.curves,
      data: examination.data, provenance: lineage.provenance, costs: lineage.costs,
      recipe: try lineage.recipe(), models: examination.tested, notes: examination.remarks,
      reference: reference.rawValue)
    try output.write(report.json() + "\n", to: "report.json")
    try output.write(report.markdown(), to: "report.md")
    try output.write(report.html(), to: "report.html")
    for figure in report.figures() {
      try output.write(figure.svg(), to: "figures/\(figure.name).svg")
    }
    log.info("open \(output.destination)/report.html in a browser")
    return EvaluationSummary(report)
  }
}

extension ModelKind: ExpressibleByArgument {}
