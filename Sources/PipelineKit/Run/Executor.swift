/// Where the stale rows of a plan are run: as children of this process (``Runner``), or as jobs of
/// a cluster (``SlurmExecutor``).
public protocol Executor: Sendable {
  /// Runs the selected rows that are stale.
  /// - Parameter inspections: what ``FreshnessChecker/inspect()`` found.
  /// - Returns: the outcome of each row.
  /// - Throws: ``UserError`` if rows cannot be handed over at all.
  func run(_ inspections: [Freshness], selected: Set<Int>) async throws -> [JobResult]
}

extension Runner: Executor {}
