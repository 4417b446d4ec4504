import ArgumentParser
import Datasets
import VocabularyBuilding
import StageKit
import Support

/// The stage `vocab`: words, their vectors, and texts as numbers of words.
@main
struct Vocab: StageCommand {
  static let configuration = CommandConfiguration(
    commandName: "vocab",
    abstract: "Turns examples into word numbers, with a vocabulary and pretrained vectors.",
    discussion: """
      The vectors are taken from a zip, gzip or text file, or a folder of such, by the dimension \
      found in them. With --base a vocabulary is extended: its words keep numbers and vectors.

      EXAMPLES
        vocab --examples runs/paper/yelp --examples runs/paper/tweets \\
          --vectors glove.6B.zip --output runs/paper/vocab
        vocab --examples runs/paper/imdb --base runs/paper/vocab \\
          --vectors glove.6B.zip --output runs/paper/imdb-vocab
      """,
    version: versionText("vocab", version, libraries: libraries))
  static let version = 1
  static var libraries: [FingerprintEntry] {
    LibraryVersion.all.map { FingerprintEntry($0.name, $0.version) }
  }

  @OptionGroup(title: "Every stage") var shared: StageOptions
  @OptionGroup var options: VocabOptions

  mutating func validate() throws { try options.validateTogether() }

  func run(output: AtomicDirectory, log: Log) throws -> VocabSummary {
    var request = options.request
    request.progress = log.reading(request.vectors)
    let product = try request.make { text in log.info(text) }
    if product.tally.isCut {
      log.warning("the last line of \(product.member) is cut; was the download complete?")
    }
    try product.write(to: output)
    return VocabSummary(product)
  }
}
