import ArgumentParser
import DLNC

/// Whether there is a linear layer over n-grams beside the network, and how it learns.
enum NgramMode: String, CaseIterable, ExpressibleByArgument {
  case none, joint, crossfit

  /// What the network's configuration says of it.
  var learning: NgramOptions.Learning? { NgramOptions.Learning(rawValue: rawValue) }
}
