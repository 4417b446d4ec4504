/// Where the stale rows of a plan are run: as children of this process (``Runner``), or as jobs of
/// a cluster (``SlurmExecutor``).
public protocol Executor: Sendable {
  /// Runs the selected rows that are stale.
  /// - Parameter inspections: what ``Inspector/inspect()`` found.
  /// - Returns: the outcome of each row.
  /// - Throws: ``Refusal`` if rows cannot be handed over at all.
  func run(_ inspections: [Inspection], selected: Set<Int>) async throws -> [Outcome]
}

extension Runner: Executor {}
