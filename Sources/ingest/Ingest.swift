import ArgumentParser
import Datasets
import Shards
import StageKit
import Support

/// Reads a publisher's archive, or labelled text of the user's own, and writes example shards: text,
/// class and text group of each row.
@main
struct Ingest: StageCommand {
  static let version = 1
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Reads labelled text and writes train, validation and test examples.",
    discussion: """
      Publishers' archives are recognised by their content; labelled text of your own is what has a \
      --name. An archive is read in a stream and never unpacked to disk; a plain file or an \
      unpacked folder will do, too. Without arguments the fixtures are ingested.

      EXAMPLES
        ingest                              the fixtures, as the quickstart does
        ingest --archive data/Yelp-JSON.zip --output runs/mine/yelp
        ingest --archive data/SemEval2018-Task1-all-data.zip --split official
        ingest --archive data/aclImdb_v1.tar.gz --train 2000 --output runs/mine/imdb
        ingest --archive reviews.csv --name reviews --text-column body \\
          --label-column stars --labels 1=bad,2=bad,4=good,5=good
      """,
    version: versionText("ingest", version, libraries: libraries))

  @Option(help: "The archive, file or folder to read.")
  var archive: InputPath?

  @Option(help: "The data set (default: recognised from the content).")
  var dataset: Dataset?

  @Option(help: "ei-reg: the lowest intensity that is kept, from 0 to 1 (default: 0.5).")
  var threshold: FixedPointDecimal?

  @Option(
    help: """
      ei-reg, labelled: how rows are divided (default: random); for labelled text official means \
      by a column, or by files or folders that are called train, validation or test.
      """)
  var split: EIRegSplit?

  @Option(help: "Rows to train on; yelp 8000, imdb 2000, labelled all that are left by default.")
  var train: SplitSize?

  @Option(
    help: """
      Rows to validate on (default: 1000, labelled 0.1 of all); ei-reg, of the random splits: \
      training rows held out instead of the official dev set.
      """)
  var validation: SplitSize?

  @Option(
    help: """
      Rows to test on; by default yelp 2000, imdb all of test/ (as for 0), labelled 0.2 of all.
      """)
  var test: SplitSize?

  @Option(help: "yelp: draw classes as they occur or each alike (default: natural).")
  var draw: SamplingOptions.Kind?

  @Option(help: "What draws and splits depend on besides the texts.")
  var seed: UInt64 = 1

  @OptionGroup(title: "Labelled text of your own") var labelled: TableDatasetOptions

  @OptionGroup(title: "Every stage") var shared: StageOptions

  static var libraries: [FingerprintEntry] {
    LibraryVersion.all.map { FingerprintEntry($0.name, $0.version) }
  }

  /// The flags of labelled text shape no output of the other data sets.
  func uses(_ flag: String) -> Bool {
    isLabelled || !CommandFlag.all(of: labelled).contains { $0.name == flag }
  }

  private var isLabelled: Bool { dataset == .labelled || !labelled.options.given.isEmpty }

  var defaultOutput: String? { "runs/ingest" }

  func run() throws {
    if archive == nil { try runFixtures() } else { try StageRunner(self).run() }
  }

  func run(output: AtomicDirectory, log: Log) throws -> IngestSummary {
    guard let archive = archive?.path else {
      throw UserError(.usage, at: "ingest", problem: "no --archive", expected: "an archive to read")
    }
    log.info("reading \(archive)")
    let files = ShardFileWriter(in: output)
    let series = ShardWriter(scratch: output.stagingPath) { shard, part in
      try files.write(try shard.document(), of: shard.split, part)
    }
    let tally = try Archive.watching(archive, log.reading(archive)) {
      try options.read(path: archive, into: series)
    }
    for warning in tally.warnings { log.warning(warning) }
    try files.finish()
    return IngestSummary(tally: tally)
  }

  private var options: IngestOptions {
    var options = IngestOptions(seed: seed)
    options.dataset = dataset
    options.threshold = threshold
    options.split = split
    (options.train, options.validation, options.test) = (train, validation, test)
    options.draw = draw
    options.labelled = labelled.options
    return options
  }
}

/// The account of the rows, which is all there is to report.
struct IngestSummary: StageSummary {
  var tally: IngestReport
  var text: String { tally.text }

  func encode(to encoder: any Encoder) throws { try tally.encode(to: encoder) }
}

extension Dataset: ExpressibleByArgument {}
extension EIRegSplit: ExpressibleByArgument {}
extension SamplingOptions.Kind: ExpressibleByArgument {}

extension FixedPointDecimal: ExpressibleByArgument {
  /// Reads decimals from 0 to 1.
  public init?(argument: String) { self.init(Array(argument.utf8)) }
}
