import Foundation
import Subprocess
import Synchronization

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// The running child processes, which receive our signals and end if this process dies.
///
/// Each child is in a separate process group, so that it receives a signal only once, from here. Its
/// standard input is the read end of a pipe that is never written to and whose write end only this
/// process holds: if this process dies, the system closes the pipe, and the child sees the end of
/// its input and stops.
public final class ChildProcesses: Sendable {
  private struct State {
    var processes: Set<pid_t> = []
    var signal: Int32?
  }

  private let state = Mutex(State())
  private let readEnd: FileDescriptor
  private let writeEnd: FileDescriptor

  /// No children yet.
  /// - Throws: the system's error if the pipe cannot be created.
  public init() throws {
    (readEnd, writeEnd) = try FileDescriptor.pipe()
    // Otherwise the first child would keep the pipe open for the others.
    for end in [readEnd, writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
  }

  deinit {
    try? readEnd.close()
    try? writeEnd.close()
  }

  /// The standard input of every child.
  var standardInput: FileDescriptorInput {
    .fileDescriptor(readEnd, closeAfterSpawningProcess: false)
  }

  /// The signal that asked this process to stop; nil before.
  public var signal: Int32? { state.withLock { $0.signal } }

  /// Sends a signal to every child, and to those that start later.
  public func interrupt(_ signal: Int32) {
    state.withLock { state in
      state.signal = signal
      for process in state.processes { kill(process, signal) }
    }
  }

  func add(_ process: pid_t) {
    state.withLock { state in
      state.processes.insert(process)
      if let signal = state.signal { kill(process, signal) }
    }
  }

  func remove(_ process: pid_t) { state.withLock { _ = $0.processes.remove(process) } }
}
