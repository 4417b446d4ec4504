import ArgumentParser
import DLNC
import Evaluation
import Shards
import StageKit
import Support

/// The stage `evaluate`: reads models and token shards, writes one report.
struct Evaluate: StageCommand {
  static let version = 10
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluates models and writes the report.",
    discussion: """
      Evaluates each model on the tasks that its last stage learned, on rows that were held out \
      from its training; with --rows, also on new rows of tasks that it knows. Of several models of \
      one kind and seed that learned a task from the same rows, only the first is evaluated on it; \
      the report lists those left out. Writes report.json, \
      report.md, report.html and its figures, predictions/TASK.csv with each test row and, with \
      --check-labels, suspects.csv with the rows whose labels look wrong.

      EXAMPLES
        evaluate --models runs/paper/train --vocab runs/paper/vocab --output report
        evaluate --models runs/mine/train --rows runs/mine/new --output report
        evaluate --splits validation …               reads no test rows
        evaluate --check-labels …                    lists labels that look wrong
        evaluate --size-curve …                      tells if more rows would help
      """,
    version: versionText("evaluate", version))

  @Option(
    help: ArgumentHelp(
      "A model, the output of train, finetune or export; can be repeated.",
      valueName: "folder or file"))
  var models: [InputPath]

  @Option(
    help: ArgumentHelp(
      "An output of vocab with the rows to evaluate on; can be repeated.", valueName: "folder"))
  var vocab: [InputPath] = []

  @Option(
    help: ArgumentHelp(
      "An output of ingest with new rows of a task that the models know; can be repeated.",
      discussion: "Give also the --vocab of their training to count the texts that repeat.",
      valueName: "folder"))
  var rows: [InputPath] = []

  @Option(
    help: ArgumentHelp(
      "The splits to evaluate on, separated by commas. No others are read.", valueName: "splits"))
  var splits = SplitList(splits: Split.labelled)

  @Flag(
    inversion: .prefixedNo,
    help: """
      Whether the predictions of each model for each row of the last split are written, with ID and \
      text.
      """)
  var predictions = true

  @Flag(
    help: ArgumentHelp(
      "Lists training and validation rows whose labels look wrong, in the report and suspects.csv.",
      discussion:
        "Fits ten bags of words to each task, each to nine tenths of its rows, which takes "
        + "about ten times as long as train --model bag-of-words --ngram-weights ensemble."))
  var checkLabels = false

  @Flag(
    help: "Estimates how much further labelled rows would help: a learning curve over their number."
  )
  var sizeCurve = false

  @Option(help: "The title of the report. (default: the names of the tasks)")
  var title: String?

  @Option(help: "The kind of model that the others are compared with.")
  var reference: ModelKind = .network(.dlnc)

  @Option(
    help: """
      The precision of the matrix products of networks: float32, or bf16 or int8, which take less time.
      """)
  var precision = ProductPrecision.float32

  @Option(
    help: "The number of threads, by default one for each processor; does not change the output.")
  var threads: Int = processorCount

  @OptionGroup(title: "Every stage") var shared: StageOptions

  func validate() throws {
    guard !(vocab + rows).isEmpty else {
      throw ValidationError("Missing rows to evaluate on: give --vocab, --rows or both.")
    }
    for (flag, paths) in [("models", models), ("vocab", vocab), ("rows", rows)]
    where Set(paths.map { realPath($0.path) }).count < paths.count {
      throw ValidationError("--\(flag) names one folder twice.")
    }
    for (flag, isGiven) in [("check-labels", checkLabels), ("size-curve", sizeCurve)]
    where isGiven && (vocab.isEmpty || !splits.splits.contains(.train)) {
      throw ValidationError(
        "--\(flag) needs training rows: give --vocab, and train among --splits.")
    }
    try validate(ranges: ["threads": .integers(1...1024)])
  }

  func run(output: AtomicDirectory, log: Log) throws -> EvaluationSummary {
    var evaluator = try Evaluator(
      vocab: vocab.map(\.path), rows: rows.map(\.path), splits: splits.splits,
      precision: precision, threads: threads,
      tables: predictions ? PredictionTables(in: output) : nil)
    evaluator.compareSharing(ofModelsAt: models.map(\.path))
    for (index, path) in models.map(\.path).enumerated() {
      log.status("model \(index + 1) of \(models.count), \(path)")
      try evaluator.evaluate(modelAt: path, origin: try ModelOrigin(modelAt: path)) {
        log.info($0)
      }
    }
    if checkLabels { try evaluator.checkLabels(in: output) { log.notice($0) } }
    if sizeCurve { try evaluator.measureSizes { log.notice($0) } }
    let stages = StageOutput.upstream(of: (models + vocab + rows).map(\.path))
    let report = try evaluator.report(
      title: title, reference: reference.rawValue, provenance: stages.map(\.provenance),
      sources: try stages.flatMap { try $0.sources },
      configurationDigest: try stages.configurationDigest())
    try report.write(to: output)
    log.notice("open \(output.destination)/report.html in a browser")
    return EvaluationSummary(report)
  }
}

extension EvaluationSummary: StageSummary {}

/// Distinct splits in ascending order, given as in `train,validation,test`.
struct SplitList: ExpressibleByArgument, CustomStringConvertible {
  let splits: [Split]

  init(splits: [Split]) { self.splits = splits }

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    let splits = names.compactMap { Split(rawValue: String($0)) }
    guard splits.count == names.count, Set(splits).count == splits.count,
      !splits.contains(.unlabelled)
    else { return nil }
    self.splits = splits.sorted()
  }

  var description: String { splits.map(\.rawValue).joined(separator: ",") }
  var defaultValueDescription: String { description }
}
