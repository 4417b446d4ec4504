import Foundation
import Tensors
import Workflow

/// Tells on standard error what the runner does.
struct Narrator: Sendable {
  /// How many rows may run side by side; with more than one each line begins with its row.
  let jobs: Int

  func tell(_ event: Event) {
    switch event {
    case .began(let row, let reasons):
      let why = reasons.map(printable).joined(separator: "; ")
      say("pipeline: \(row.id): \(why)\n  \(row.command.line)")
    case .printed(let row, let line): say("\(row.id) | \(line)")
    case .ended(let row, .made(let seconds)):
      say("pipeline: \(row.id): done in \(duration(seconds))")
    case .ended(let row, .failed(let status)):
      say("pipeline: \(row.id): failed with exit status \(status)")
    case .ended(let row, .skipped(let missing)):
      say("pipeline: \(row.id): skipped, it needs \(missing.joined(separator: ", "))")
    case .ended(let row, .stopped): say("pipeline: \(row.id): not started")
    case .ended: break
    }
  }
}
