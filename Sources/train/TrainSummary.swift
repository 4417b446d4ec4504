import StageKit
import TrainingKit

/// What `train` reports at its end, by the kind of model.
enum TrainSummary: StageSummary {
  case network(TrainingSummary)
  case baseline(BaselineSummary)

  var text: String {
    switch self {
    case .network(let summary): summary.text
    case .baseline(let summary): summary.text
    }
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .network(let summary): try summary.encode(to: encoder)
    case .baseline(let summary): try summary.encode(to: encoder)
    }
  }
}
