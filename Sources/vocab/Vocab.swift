import ArgumentParser
import Datasets
import Foundation
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
        vocab                               the quickstart's examples and vectors
        vocab --examples runs/paper/yelp --examples runs/paper/tweets \\
          --vectors glove.6B.zip --output runs/paper/vocab
        vocab --examples runs/paper/imdb --base runs/paper/vocab \\
          --vectors glove.6B.zip --output runs/paper/imdb-vocab
      """,
    version: versionText("vocab", version, libraries: libraries))
  static let version = 1
  static var libraries: [Setting] { LibraryVersion.all.map { Setting($0.name, $0.version) } }

  @OptionGroup(title: "Every stage") var shared: StageOptions
  @OptionGroup var options: VocabOptions

  var defaultOutput: String { "runs/quickstart/vocab" }
  var settings: [Setting] { options.settings }

  var inputs: [StageInput] {
    options.exampleFolders.map { StageInput("examples", $0) }
      + [StageInput("vectors", options.vectorsPath)]
      + (options.base.map { [StageInput("base", $0)] } ?? [])
  }

  mutating func validate() throws { try options.validateTogether() }

  func run() throws {
    if let refusal = options.refusalOfQuickstart {
      FileHandle.standardError.write(Data("\(Self.stageName): \(refusal)\n".utf8))
      throw ExitCode(refusal.exitStatus.rawValue)
    }
    try runStage()
  }

  func produce(in output: AtomicDirectory, log: Log) throws -> VocabSummary {
    let vectors = options.vectorsPath
    let product = try Archive.watching(vectors, log.reading(vectors)) {
      try options.request.make { text in log.info(text) }
    }
    if product.tally.isCut {
      log.warning("the last line of \(product.member) is cut; was the download complete?")
    }
    try product.write(to: output)
    return VocabSummary(product)
  }
}
