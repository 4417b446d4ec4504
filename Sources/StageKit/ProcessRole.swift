/// The processes that make one output together, where something such as `mpirun` has started the
/// stage several times. All of them work; only the leader writes, reports and sums up.
public struct ProcessRole: Sendable {
  /// Whether this process is the one that writes.
  public var isLeader: Bool
  /// Takes leave of the others with an exit status; one that is not 0 ends them, too.
  public var leave: @Sendable (Int32) -> Void

  /// A company of such parts.
  public init(isLeader: Bool, leave: @escaping @Sendable (Int32) -> Void) {
    self.isLeader = isLeader
    self.leave = leave
  }

  /// A process by itself.
  public static let none = ProcessRole(isLeader: true) { _ in }
}
