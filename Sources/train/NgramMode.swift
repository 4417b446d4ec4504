import ArgumentParser
import DLNC

/// Whether there is a linear layer over n-grams beside the network, and how it is fitted.
enum NgramMode: String, CaseIterable, ExpressibleByArgument {
  case none, crossfit
}
