import Foundation
import Support
import PipelineKit

/// Tells on standard error what the runner does.
struct EventPrinter: Sendable {
  /// Whether only what a stage prints and what fails is told.
  var isQuiet: Bool

  @Sendable func tell(_ event: Event) {
    switch event {
    case .began where isQuiet, .ended(_, .made) where isQuiet: break
    case .began(let row, let command, let reasons):
      let why = reasons.map(escapingControlCharacters).joined(separator: "; ")
      say("pipeline: \(row.id): \(why)\n  \(command.line)")
    case .submitted(let row, let command, let reasons, let job):
      let why = reasons.map(escapingControlCharacters).joined(separator: "; ")
      say("pipeline: \(row.id): \(why); Slurm job \(job)\n  \(command.line)")
    case .printed(let row, let line): say("\(row.id) | \(line)")
    case .ended(let row, .made(_, let seconds)):
      say("pipeline: \(row.id): done in \(NumberFormat.duration(seconds))")
    case .ended(let row, .failed(let status)):
      say("pipeline: \(row.id): failed with exit status \(status)")
    // The rest is in the table at the end.
    case .ended: break
    }
  }
}
