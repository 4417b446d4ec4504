import ArgumentParser
import Foundation
import Tokenization
import VocabularyBuilding
import StageKit
import Support

/// The options of `vocab` and what they mean together.
struct VocabOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The output of ingest for one task; give it once for each task.",
      valueName: "folder"))
  var examples: [InputPath]

  @Option(
    help: ArgumentHelp(
      "GloVe vectors: a zip, gzip or text file.", valueName: "file"))
  var vectors: InputPath

  @Option(
    help: ArgumentHelp(
      "An earlier output of vocab to extend; its words keep numbers and vectors.",
      valueName: "folder"))
  var base: InputPath?

  @Option(help: "The rules that cut text: auto (as the vectors were cut), ptb or twitter.")
  var tokenizer: Choice<Tokenizer.Rules> = .auto

  @Option(help: "How ptb treats marks in words: auto (as the vectors), stanford or apart.")
  var punctuation: Choice<Tokenizer.Punctuation> = .auto

  @Flag(inversion: .prefixedNo, help: "Whether ptb cuts #tag into # and tag. (default: yes)")
  var splitHashtags: Bool?

  @Flag(inversion: .prefixedNo, help: "Whether ptb keeps the name in @name. (default: no)")
  var userNames: Bool?

  @Option(help: ArgumentHelp("How many numbers a vector has.", valueName: "count"))
  var dimension = 100

  @Option(
    help: ArgumentHelp(
      "How often a word must occur in training text to be taken.", valueName: "count"))
  var minimumCount = 2

  @Option(
    help: ArgumentHelp(
      "How many words of training text are taken at most. (default: all)", valueName: "count"))
  var maximumWords: Int?

  @Option(
    help: ArgumentHelp(
      "How many further words of the vectors are taken, from the first on; or all.",
      valueName: "count"))
  var extraWords = Amount.some(0)

  @Option(help: ArgumentHelp("Seeds the rows of words without a vector.", valueName: "number"))
  var seed: UInt64 = 1

  /// Refuses numbers that mean nothing.
  func validateTogether() throws {
    guard (1...10_000).contains(dimension) else {
      throw ValidationError("--dimension must be between 1 and 10000, not \(dimension)")
    }
    guard minimumCount >= 1 else {
      throw ValidationError("--minimum-count must be at least 1, not \(minimumCount)")
    }
    if let maximumWords, maximumWords < 1 {
      throw ValidationError("--maximum-words must be at least 1, not \(maximumWords)")
    }
  }

  /// The library's request.
  var request: VocabularyOptions {
    var request = VocabularyOptions(
      examples: examples.map(\.path), vectors: vectors.path)
    request.base = base?.path
    request.rules = tokenizer.chosen
    request.punctuation = punctuation.chosen
    request.splitsHashtags = splitHashtags
    request.keepsUserNames = userNames
    request.dimension = dimension
    request.minimumCount = minimumCount
    request.maximumWords = maximumWords
    request.extraWords = extraWords.limit
    request.seed = seed
    return request
  }
}

/// One of the values of `Value`, or `auto`.
enum Choice<Value: RawRepresentable<String> & CaseIterable & Sendable>: ExpressibleByArgument,
  CustomStringConvertible, Sendable
{
  case auto
  case value(Value)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let value = Value(rawValue: argument) {
      self = .value(value)
    } else {
      return nil
    }
  }

  var chosen: Value? { if case .value(let value) = self { value } else { nil } }
  var description: String { chosen?.rawValue ?? "auto" }
  var defaultValueDescription: String { description }
  static var allValueStrings: [String] { ["auto"] + Value.allCases.map(\.rawValue) }
}

/// A number of words, or `all`.
enum Amount: ExpressibleByArgument, CustomStringConvertible, Sendable {
  case all
  case some(Int)

  init?(argument: String) {
    if argument == "all" {
      self = .all
    } else if let count = Int(argument), count >= 0 {
      self = .some(count)
    } else {
      return nil
    }
  }

  var limit: Int { if case .some(let count) = self { count } else { .max } }
  var description: String { if case .some(let count) = self { "\(count)" } else { "all" } }
  var defaultValueDescription: String { description }
}
