import ArgumentParser
import DLNC
import StageKit

extension ModelKind: ExpressibleByArgument {}

/// The flags of the simple models.
struct BaselineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The strength of the L2 penalty of bag-of-words, scikit-learn's 1/C.",
      discussion: "By default each task's validation rows choose among "
        + LinearModel.penalties.map { "\($0)" }.joined(separator: ", ") + "."))
  var penalty: Double?

  /// All that shapes a baseline but its kind. The seed is noted in the file.
  func fingerprint(_ baseline: Baseline, seed: Int) -> [Setting] {
    [Setting("model", baseline.rawValue)]
      + (baseline == .bagOfWords
        ? [Setting("penalty", penalty.map { "\($0)" } ?? "chosen on validation rows")] : [])
      + [Setting("seed", seed)]
  }

  func validate() throws {
    // Without any, the weights of a word that only one class has would grow without end.
    guard (1e-6...1e6).contains(penalty ?? 1) else {
      throw ValidationError("--penalty is \(penalty ?? 1); it must be from 1e-6 to 1e6.")
    }
  }
}
