import ArgumentParser
import Datasets
import StageKit
import Support
import VocabularyBuilding

/// The stage `vocab`: a vocabulary, its word vectors, and texts as token ids.
@main
struct Vocab: StageCommand {
  static let configuration = CommandConfiguration(
    commandName: "vocab",
    abstract: "Makes a vocabulary with pretrained vectors, and turns examples into token ids.",
    discussion: """
      The file of vectors is chosen by the dimension of its content. With --base, an earlier \
      vocabulary is extended: its words keep their ids and vectors.

      EXAMPLES
        vocab --examples runs/paper/yelp --examples runs/paper/tweets \\
          --vectors glove.6B.zip --output runs/paper/vocab
        vocab --examples runs/paper/imdb --base runs/paper/vocab \\
          --vectors glove.6B.zip --output runs/paper/imdb-vocab
      """,
    version: versionText("vocab", version, libraries: libraries))
  static let version = 2
  static var libraries: [FingerprintEntry] {
    LibraryVersion.all.map { FingerprintEntry($0.name, $0.version) }
  }

  @OptionGroup(title: "Every stage") var shared: StageOptions
  @OptionGroup var options: VocabOptions

  func run(output: AtomicDirectory, log: Log) throws -> VocabSummary {
    var vocabularyOptions = options.vocabularyOptions
    vocabularyOptions.progress = log.reading(vocabularyOptions.vectors)
    var builder = try VocabularyBuilder(vocabularyOptions)
    let corpus = try builder.build { log.info($0) }
    if corpus.vectorStatistics.isCut {
      log.warning("the last line of \(corpus.vectorFile) is cut; was the download complete?")
    }
    try corpus.write(to: output)
    return VocabSummary(corpus)
  }
}
