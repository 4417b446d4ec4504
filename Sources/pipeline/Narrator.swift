import Foundation
import Tensors
import Workflow

/// Tells on standard error what the runner does.
struct Narrator: Sendable {
  /// Whether only what a stage prints and what fails is told.
  var isQuiet: Bool

  @Sendable func tell(_ event: Event) {
    switch event {
    case .began where isQuiet, .ended(_, .made) where isQuiet: break
    case .began(let row, let command, let reasons):
      let why = reasons.map(printable).joined(separator: "; ")
      say("pipeline: \(row.id): \(why)\n  \(command.line)")
    case .printed(let row, let line): say("\(row.id) | \(line)")
    case .ended(let row, .made(_, let seconds)):
      say("pipeline: \(row.id): done in \(Numeral.duration(seconds))")
    case .ended(let row, .failed(let status)):
      say("pipeline: \(row.id): failed with exit status \(status)")
    // The rest is in the table at the end.
    case .ended: break
    }
  }
}
