import Foundation

/// A value that only one thread at a time can access. It uses a lock that the thread sanitiser supports,
/// unlike Swift's `Mutex`.
///
/// `@unchecked Sendable`: guarded by the lock.
public final class Locked<Value>: @unchecked Sendable {
  private var value: Value
  private let lock = NSLock()

  /// Creates a locked value.
  public init(_ value: Value) { self.value = value }

  /// Calls `body` with exclusive access to the value.
  public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
