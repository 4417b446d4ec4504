import Foundation

/// A value that one thread at a time gets. By a lock that the thread sanitiser knows, which Swift's
/// `Mutex` is not.
///
/// `@unchecked Sendable`: guarded by the lock.
public final class Locked<Value>: @unchecked Sendable {
  private var value: Value
  private let lock = NSLock()

  /// A value that nobody has yet.
  public init(_ value: Value) { self.value = value }

  /// Calls `body` with the value, of which nobody else has anything meanwhile.
  public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
