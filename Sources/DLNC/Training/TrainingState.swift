import Safetensors

/// How far a training has come, beside its parameters and moments. Everything random follows from
/// the seed and these numbers.
struct TrainingState: Codable, Equatable {
  /// The epoch at work, counted from 1.
  var epoch = 1
  /// How many of its batches are done.
  var batch = 0
  /// How many batches are done in all.
  var step = 0
  /// What this epoch's batches gave, by task.
  var sums: [String: BatchMetrics] = [:]
  /// What the finished epochs gave.
  var curve: LearningCurve

  init(curve: LearningCurve) { self.curve = curve }

  /// Whether a training of so many epochs and steps can have come this far.
  func isPossible(epochs: Int, steps: Int) -> Bool {
    (1...epochs + 1).contains(epoch) && (0...steps).contains(step) && (0...step).contains(batch)
      && (0..<epoch).contains(curve.bestEpoch)
      && sums.values.allSatisfy { (0...Self.mostRows).contains($0.rows) && $0.correct <= $0.rows }
      && sums.values.allSatisfy { $0.correct >= 0 && $0.loss.isFinite }
  }

  /// More rows than any epoch has.
  private static let mostRows = 1 << 53
}

/// Keeps the state of a training, so that an interrupted one goes on where it was and ends in the
/// same bytes.
public struct Checkpointer {
  /// What an interrupted run of the same settings and inputs left.
  public var load: () -> SafetensorsFile?
  /// Keeps a state in place of the one before.
  public var save: (SafetensorsDocument) throws -> Void
  /// Whether to keep the state now; is asked after each step with the number of steps done.
  public var isDue: (Int) -> Bool
  /// What to throw, after keeping the state, if the run is asked to stop.
  public var request: () -> (any Error)?

  /// A keeper of these parts.
  public init(
    load: @escaping () -> SafetensorsFile?, save: @escaping (SafetensorsDocument) throws -> Void,
    isDue: @escaping (Int) -> Bool, request: @escaping () -> (any Error)?
  ) {
    self.load = load
    self.save = save
    self.isDue = isDue
    self.request = request
  }

  /// Keeps nothing.
  public static var none: Checkpointer {
    Checkpointer(load: { nil }, save: { _ in }, isDue: { _ in false }, request: { nil })
  }

  /// Keeps the state if it is time or if the run is asked to stop.
  func keep(step: Int, _ state: () throws -> SafetensorsDocument) throws {
    let stop = request()
    if stop != nil || isDue(step) { try save(try state()) }
    if let stop { throw stop }
  }
}
