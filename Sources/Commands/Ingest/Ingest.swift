import ArgumentParser
import Datasets
import Foundation
import Shards
import StageKit
import Support

/// Reads a publisher's archive or the user's own labelled text and writes text shards.
struct Ingest: StageCommand {
  static let version = 3
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Reads labelled text and writes train, validation and test examples.",
    discussion: """
      Publishers' archives are recognised by their content; for your own labelled text give a \
      --name. Archives are streamed, never unpacked to disk; plain files, unpacked folders and pipes \
      work, too. Without arguments the fixtures are ingested.

      EXAMPLES
        ingest                              the fixtures, as the quickstart does
        ingest --archive data/Yelp-JSON.zip --output runs/mine/yelp
        ingest --archive data/SemEval2018-Task1-all-data.zip --split official
        ingest --archive data/aclImdb_v1.tar.gz --train 2000 --output runs/mine/imdb
        ingest --archive a.csv b.csv --name reviews       both as one table
        ingest --archive a.csv --name reviews --folds 5   for cross-validation
        ingest --archive a.csv --name reviews --unlabelled more.txt
        ingest --archive data/aclImdb_v1.tar.gz --unlabelled data/aclImdb_v1.tar.gz
        ingest --archive reviews.csv --name reviews --text-column body \\
          --label-column stars --labels 1=bad,2=bad,4=good,5=good
      """,
    version: versionText("ingest", version, libraries: libraries))

  @Option(
    parsing: .upToNextOption,
    help: "The archives, files and folders to read as one; - for standard input.")
  var archive: [InputPath] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Texts without labels to pretrain on: text files, tables or JSON with the column of the text, or \
      folders and archives of them. Of a folder or archive with files or folders named unlabelled, \
      unlabel or unsup, only these are read. Without --archive, the task has no other rows.
      """, valueName: "file"))
  var unlabelled: [InputPath] = []

  @Option(
    help: """
      What is a text in text files without labels: lines, files, or auto (lines of a file that is named \
      itself, as an input or unlabelled; otherwise files).
      """)
  var unlabelledFormat = UnlabelledFormat.auto

  @Argument(help: ArgumentHelp("Rejected: inputs are named with --archive.", visibility: .hidden))
  var unexpected: [String] = []

  @Option(help: "The data set (default: recognised from the content).")
  var dataset: Dataset?

  @Option(
    help: "ei-reg: the lowest intensity that is kept, from 0 to 1 (default: 0.5).",
    transform: { try number($0, { Double(share: $0) }, "a decimal from 0 to 1, such as 0.5") })
  var threshold: Double?

  @Option(
    help: """
      ei-reg, labelled: how rows are divided (default: random); for labelled text official means \
      by a column, or by files or folders named train, validation or test, which is the default if \
      they are named so.
      """)
  var split: SplitScheme?

  @Option(
    help: """
      Training rows: a number or, labelled, a share of all rows such as 0.7 or 70% (default: yelp \
      8000, imdb 2000, labelled all remaining rows); labelled: 0 to test a trained model on all rows.
      """, transform: size)
  var train: SplitSize?

  @Option(
    help: """
      Validation rows, likewise; 0 for none (default: 1000, labelled 0.1); ei-reg, with the random \
      splits: training rows held out instead of the official dev set.
      """, transform: size)
  var validation: SplitSize?

  @Option(
    help: """
      Test rows, likewise; 0 for none (default: yelp 2000, imdb all of test/, labelled 0.2).
      """, transform: size)
  var test: SplitSize?

  @Flag(
    help: """
      ei-reg, labelled: a row can have any number of labels, also none: JSON arrays, --label-separator, \
      --label-columns, several __label__, or all labels of an annotation; of ei-reg, a row is a tweet with \
      all of its emotions.
      """)
  var multiLabel = false

  @Option(help: "yelp: sample classes as they occur or each equally often (default: natural).")
  var draw: SamplingOptions.ClassBalance?

  @Option(help: "The seed of samples and splits. (default: 1)", transform: wholeNumber)
  var seed: UInt64 = 1

  @OptionGroup(title: "Your own labelled text") var table: TableDatasetOptions

  @OptionGroup(title: "Every stage") var shared: StageOptions

  static var libraries: [FingerprintEntry] {
    LibraryVersion.all.map { FingerprintEntry($0.name, $0.version) }
  }

  /// The flags of tables do not affect other data sets.
  func uses(_ flag: String) -> Bool {
    dataset == .labelled || !table.options.given.isEmpty
      || !CommandFlag.all(of: table).contains { $0.name == flag }
  }

  var defaultOutput: String? { "runs/ingest" }

  /// The names of inputs that are part of the IDs of rows.
  var otherOptions: [FingerprintEntry] {
    [archive, unlabelled].flatMap { paths in
      let inputs = paths.map { ArchiveInput($0.contentPath, name: $0.name) }
      return inputs.filter { inputs.count > 1 || isDirectory($0.path) != true }
        .map { FingerprintEntry("file", $0.rowName(among: inputs)) }
    }
  }

  mutating func copyPipes(_ copy: (inout InputPath) throws -> Void) rethrows {
    for index in archive.indices { try copy(&archive[index]) }
    for index in unlabelled.indices { try copy(&unlabelled[index]) }
  }

  func validate() throws {
    if let first = unexpected.first {
      throw ValidationError("Unexpected argument '\(first)'; name inputs with --archive \(first)")
    }
    for (flag, inputs) in [("--archive", archive), ("--unlabelled", unlabelled)] {
      for (index, input) in inputs.enumerated()
      where inputs[..<index].contains(where: { overlap($0.path, input.path) }) {
        throw ValidationError("\(flag) names \(input.path) twice, or a folder around it.")
      }
    }
    if unlabelled.isEmpty, unlabelledFormat != .auto {
      throw ValidationError(
        "--unlabelled-format says how --unlabelled is read; name texts with it.")
    }
  }

  func run() throws {
    if archive.isEmpty, unlabelled.isEmpty {
      try ingestFixtures()
    } else if let folds = table.folds, table.fold == nil, !archive.isEmpty {
      try ingestFolds(folds)
    } else {
      try StageRunner(self).run()
    }
  }

  func run(output: AtomicDirectory, log: Log) throws -> IngestReport {
    let name = (archive + unlabelled).map(\.name).unique.joined(separator: ", ")
    log.info("reading \(name)")
    let files = ShardFileWriter(in: output)
    let writer = ShardWriter(scratchFolder: output.stagingPath) { shard, part in
      try files.write(shard.document(), of: shard.split, part)
    }
    func open(_ inputs: [InputPath]) throws -> Archive {
      try Archive(
        inputs.map { ArchiveInput($0.contentPath, name: $0.name) }, progress: log.reading(name))
    }
    let report =
      try archive.isEmpty
      ? options().readUnlabelled(open(unlabelled), into: writer)
      : options().read(
        open(archive), unlabelled: unlabelled.isEmpty ? nil : open(unlabelled), into: writer)
    for warning in report.warnings { log.warning(warning) }
    try files.finish()
    return report
  }

  private func options() throws -> IngestOptions {
    var options = IngestOptions(seed: seed)
    options.dataset = dataset
    options.threshold = threshold
    options.split = split
    options.isMultiLabel = multiLabel
    (options.train, options.validation, options.test) = (train, validation, test)
    options.balance = draw
    options.table = table.options
    options.unlabelledFormat = unlabelledFormat
    if let file = table.labelFile { options.table.labelPairs = try LabelFile.pairs(in: file) }
    return options
  }

  /// Writes the division of each fold, and the one for the model to use, into folders of the output, as
  /// `pipeline` does for a stage with `folds`.
  private func ingestFolds(_ count: Int) throws {
    if (archive + unlabelled).contains(where: \.isPipe) {
      throw ValidationError(
        "--folds reads the input several times; save it to a file, or give --fold.")
    }
    try table.validate(ranges: ["folds": .integers(Fold.counts)])
    let output = shared.output ?? defaultOutput ?? ""
    var folds: [(name: String, report: IngestReport)] = []
    for fold in (1...count).map(String.init) + ["all"] {
      var command = self
      command.table.fold = fold
      command.shared.output = "\(output)/fold=\(fold)"
      if shared.json || shared.verbose || shared.fingerprint {
        try StageRunner(command).run()
      } else {
        try StageRunner(command).run { folds.append(("fold=\(fold)", $0)) }
      }
    }
    if !folds.isEmpty { print(IngestReport.brief(ofFolds: folds)) }
  }

  /// Ingests the fixtures into the output folders of the quickstart, with the options of its manifest,
  /// so that `pipeline` finds these outputs up to date.
  private func ingestFixtures() throws {
    let fixtures = [
      (
        "tweets", "SemEval2018-Task1-all-data.zip",
        "--dataset ei-reg --threshold 0.5 --split random"
      ),
      ("yelp", "Yelp-JSON.zip", "--dataset yelp --train 600 --validation 100 --test 200"),
      ("imdb", "aclImdb_v1.tar.gz", "--dataset imdb --train 200 --validation 100"),
    ]
    for (_, archive, _) in fixtures
    where !FileManager.default.fileExists(atPath: "fixtures/\(archive)") {
      let error = UserError(
        .usage, at: "--archive", problem: "missing, and no fixtures/\(archive) here",
        expected: "an archive to read",
        hint: "name one with --archive, or run in the folder of the package; see --help")
      throw exitError(for: error, in: Self.stageName)
    }
    for (stage, archive, flags) in fixtures {
      let output = "\(shared.output ?? "runs/quickstart")/\(stage)"
      var command = try Ingest.parse(
        ["--archive", "fixtures/\(archive)", "--output", output]
          + flags.split(separator: " ").map(String.init))
      command.shared = shared
      command.shared.output = output
      try StageRunner(command).run()
    }
    if !shared.json && !shared.fingerprint { print(Self.fixturesNote) }
  }

  private static let fixturesNote = """

    These were the fixtures: small archives of invented text in the publishers' layouts.
    The examples are in runs/quickstart. For the real data name an archive, as in
      ingest --archive data/Yelp-JSON.zip --output runs/mine/yelp
    and see --help for the options of each data set.
    """
}

extension IngestReport: StageSummary {}
extension Dataset: ExpressibleByArgument {}
extension SplitScheme: ExpressibleByArgument {}
extension UnlabelledFormat: ExpressibleByArgument {}
extension SamplingOptions.ClassBalance: ExpressibleByArgument {}

/// Parses a number of rows or a share.
private func size(_ text: String) throws -> SplitSize {
  try number(text, SplitSize.init, "a number of rows such as 200, or a share such as 0.2 or 20%")
}

/// Parses a number, or says what is expected, also of a decimal comma or a comma between thousands.
private func number<Number>(
  _ text: String, _ parse: (String) -> Number?, _ expected: String
) throws -> Number {
  if let number = parse(text) { return number }
  let isGrouped = text.wholeMatch(of: /[1-9][0-9]{0,2}(,[0-9]{3})+/) != nil
  let corrected = text.replacing(",", with: isGrouped ? "" : ".")
  let advice = corrected != text && parse(corrected) != nil ? "; did you mean \(corrected)?" : ""
  throw ValidationError("expected \(expected)\(advice)")
}
