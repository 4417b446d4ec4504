import ArgumentParser
import Datasets
import StageKit
import Support
import Tokenization
import VocabularyBuilding

extension Tokenizer.Rules: ExpressibleByArgument {}
extension Tokenizer.Punctuation: ExpressibleByArgument {}

/// The stage `vocab`: a vocabulary, its word vectors, and texts as token ids.
struct Vocab: StageCommand {
  static let configuration = CommandConfiguration(
    commandName: "vocab",
    abstract: "Makes a vocabulary with word vectors, and turns examples into token ids.",
    discussion: """
      --vectors reads text files of GloVe, word2vec and fastText (.vec); a file in an archive or \
      folder is chosen by the dimension of its content. Without pretrained vectors, or with \
      --vectors none, all vectors are random numbers, which training improves. With --base, an \
      earlier vocabulary is extended: its words keep their ids and vectors.

      EXAMPLES
        vocab --examples runs/paper/yelp --examples runs/paper/tweets \\
          --vectors glove.6B.zip --output runs/paper/vocab
        vocab --examples runs/mine/reviews --output runs/mine/vocab
        vocab --examples runs/paper/imdb --base runs/paper/vocab \\
          --vectors glove.6B.zip --output runs/paper/imdb-vocab
      """,
    version: versionText("vocab", version, libraries: libraries))
  static let version = 4
  static var libraries: [FingerprintEntry] {
    LibraryVersion.all.map { FingerprintEntry($0.name, $0.version) }
  }

  @OptionGroup(title: "Every stage") var shared: StageOptions
  @OptionGroup var options: VocabOptions

  func run(output: AtomicDirectory, log: Log) throws -> VocabSummary {
    var vocabularyOptions = options.vocabularyOptions
    if let vectors = vocabularyOptions.vectors {
      vocabularyOptions.progress = log.reading(vectors)
    }
    var builder = try VocabularyBuilder(vocabularyOptions)
    let corpus = try builder.build { log.info($0) }
    try corpus.write(to: output)
    return VocabSummary(corpus, keepsTestTexts: options.keepTestTexts)
  }
}

/// The flags of `vocab`.
struct VocabOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The output of ingest for one task. Repeat for each task.", valueName: "folder"))
  var examples: [InputPath]

  @Option(
    help: ArgumentHelp(
      "Word vectors as text: a zip, compressed or text file, or a folder; or none.",
      valueName: "file"))
  var vectors = OptionalInput.none

  @Option(
    help: ArgumentHelp(
      "An earlier output of vocab, or a model, to extend. Its words keep their ids and vectors.",
      valueName: "folder"))
  var base: InputPath?

  @Option(help: "The rules of the tokenizer: auto (those of the vectors), ptb or twitter.")
  var tokenizer: AutoOr<Tokenizer.Rules> = .auto

  @Option(help: "How ptb treats marks in words: auto (like the vectors), stanford or apart.")
  var punctuation: AutoOr<Tokenizer.Punctuation> = .auto

  @Flag(inversion: .prefixedNo, help: "Whether ptb splits #tag into # and tag. (default: yes)")
  var splitHashtags: Bool?

  @Flag(inversion: .prefixedNo, help: "Whether ptb keeps the name in @name. (default: no)")
  var userNames: Bool?

  @Option(help: ArgumentHelp("The length of a vector.", valueName: "count"))
  var dimension = 100

  @Option(
    help: ArgumentHelp(
      "The number of occurrences in training text that a word needs; auto: 1, or 2 from half a "
        + "million words of text.", valueName: "count"))
  var minimumCount: AutoOr<Int> = .auto

  @Option(
    help: ArgumentHelp(
      "The maximum number of words from training text. (default: all)", valueName: "count"))
  var maximumWords: Int?

  @Option(
    help: ArgumentHelp(
      "The number of other words to take from the vectors, in the order of their file; or all.",
      valueName: "count"))
  var extraWords = Limit.count(0)

  @Flag(help: "Take words from unlabelled texts, too, as from training texts.")
  var unlabelledWords = false

  @Flag(
    help: """
      Keep unlabelled texts that are also validation or test texts of one of the tasks. Results of a \
      model that is pretrained on them may be too high.
      """)
  var keepTestTexts = false

  @Option(
    help: ArgumentHelp("The seed of rows without a vector. (default: 1)", valueName: "number"),
    transform: wholeNumber)
  var seed: UInt64 = 1

  func validate() throws {
    try validate(ranges: [
      "dimension": .integers(1...10_000), "minimumCount": .count, "maximumWords": .count,
    ])
    if vectors.path == nil, extraWords.count > 0 {
      throw ValidationError("--extra-words takes words from --vectors, which is none.")
    }
  }

  var vocabularyOptions: VocabularyOptions {
    var options = VocabularyOptions(examples: examples.map(\.path), vectors: vectors.path?.path)
    options.base = base?.path
    options.rules = tokenizer.value
    options.punctuation = punctuation.value
    options.splitsHashtags = splitHashtags
    options.keepsUserNames = userNames
    options.dimension = dimension
    options.minimumCount = minimumCount.value
    options.maximumWords = maximumWords
    options.extraWords = extraWords.count
    options.countsUnlabelledWords = unlabelledWords
    options.keepsHeldOutTexts = keepTestTexts
    options.seed = seed
    return options
  }
}

/// A maximum number, or `all`.
enum Limit: ExpressibleByArgument, CustomStringConvertible, Sendable {
  case all
  case count(Int)

  init?(argument: String) {
    if argument == "all" {
      self = .all
    } else {
      guard let count = Int(argument), count >= 0 else { return nil }
      self = .count(count)
    }
  }

  var count: Int { if case .count(let count) = self { count } else { .max } }
  var description: String { if case .count(let count) = self { "\(count)" } else { "all" } }
  var defaultValueDescription: String { description }
}
