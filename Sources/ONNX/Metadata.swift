import DLNC
import Foundation
import Support
import Tokenization

/// All that a program needs, beside the graph, to classify a text, as the metadata of a model of ONNX. Each
/// value but `format` and `version` is JSON.
///
/// | Key           | Value                                                                          |
/// |---------------|--------------------------------------------------------------------------------|
/// | `format`      | `text-classifier`                                                              |
/// | `version`     | `1`                                                                            |
/// | `task`        | the name of the task                                                           |
/// | `classes`     | the names of the classes, in the order of the outputs                          |
/// | `thresholds`  | of a multi-label task, the probability from which on a text gets each class    |
/// | `temperature` | the number that the logits are divided by before they become probabilities     |
/// | `vocabulary`  | the words, in the order of their IDs; the first one is the unknown word        |
/// | `tokenizer`   | the settings of the tokenizer, as in a model file                              |
/// | `unicode`     | the ``CharacterTable``                                                         |
/// | `characters`  | of a model with character n-grams, their `lengths` and, by number, the `ngrams` |
struct Metadata {
  private(set) var entries = [(key: "format", value: "text-classifier"), ("version", "1")]

  private struct Characters: Encodable {
    var lengths: [Int]
    var ngrams: [String]
  }

  /// The metadata of a task of a model.
  /// - Throws: an error if a value cannot be encoded as JSON.
  init(_ model: any Classifier, _ task: String) throws {
    let vocabulary = model.vocabulary
    try add("task", task)
    try add("classes", model.classNames(of: task))
    if let thresholds = model.labelThresholds(of: task) { try add("thresholds", thresholds.values) }
    try add("temperature", model.calibration(of: task)?.temperature ?? 1)
    try add("vocabulary", (0..<vocabulary.count).map { vocabulary.word($0) })
    try add("tokenizer", vocabulary.tokenizer.metadata)
    try add("unicode", CharacterTable.current)
    if let characters = model.linearPart(of: task)?.ngrams.characters,
      characters.ngrams.count > 0
    {
      let (lengths, ngrams) = (characters.lengths, characters.ngrams)
      try add(
        "characters",
        Characters(
          lengths: [lengths.minimum, lengths.maximum],
          ngrams: (0..<ngrams.count).map { String(decoding: ngrams[$0], as: UTF8.self) }))
    }
  }

  private mutating func add(_ key: String, _ value: some Encodable) throws {
    entries.append((key, try JSONEncoder.canonical.text(of: value)))
  }
}
