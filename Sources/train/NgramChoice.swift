import ArgumentParser
import Network

/// Whether there is a linear layer over n-grams beside the network, and how it learns.
enum NgramChoice: String, CaseIterable, ExpressibleByArgument {
  case none, joint, crossfit

  /// What the network's configuration says of it.
  var learning: Ngrams.Learning? { Ngrams.Learning(rawValue: rawValue) }
}
