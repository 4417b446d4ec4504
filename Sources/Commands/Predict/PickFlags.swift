import ArgumentParser
import Inference

/// The flags about the texts to label next.
struct PickFlags: ParsableArguments {
  @Option(
    help: """
      Write the texts that are most worth a label, at most this many, in place of predictions; of \
      equal and near-equal texts only one.
      """)
  var pick: Int?

  @Option(
    help: ArgumentHelp(
      """
      The measure of uncertainty: margin (between the two most probable classes), or entropy. \
      (default: margin)
      """, valueName: "measure"))
  var by: PickOptions.Criterion?

  @Option(
    help: ArgumentHelp(
      """
      The labelling tool that imports the texts, with the predicted class as a guess: doccano, \
      label-studio, prodigy. (default: doccano)
      """, valueName: "tool"))
  var pickFormat: PickFormat?

  /// The most texts that can be picked.
  private static let limit = 1_000_000

  /// The options; nil if no texts are to be picked.
  var options: PickOptions? {
    pick.map { PickOptions(count: $0, criterion: by ?? .margin, format: pickFormat ?? .doccano) }
  }

  func validate() throws {
    guard let pick else {
      for (flag, isGiven) in [("by", by != nil), ("pick-format", pickFormat != nil)] where isGiven {
        throw ValidationError("--\(flag) is given without --pick, which it belongs to.")
      }
      return
    }
    guard (1...Self.limit).contains(pick) else {
      throw ValidationError("--pick is \(pick); it must be from 1 to \(Self.limit).")
    }
  }
}

extension PickOptions.Criterion: ExpressibleByArgument {}
extension PickFormat: ExpressibleByArgument {}
