import Foundation
import Subprocess
import Synchronization

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// The stages that run at this moment, and what ties their lives to ours.
///
/// Each has a process group of its own, so a signal reaches it once, from here. Its standard input
/// is the reading end of a pipe that nobody writes to and only we hold open: should we die without
/// a word, the system closes the pipe, and the stage sees the end of its input and stops.
public final class ChildProcesses: Sendable {
  private struct State {
    var processes: Set<pid_t> = []
    var signal: Int32?
  }

  private let state = Mutex(State())
  private let readEnd: FileDescriptor
  private let writeEnd: FileDescriptor

  /// No children yet.
  /// - Throws: what the system says when there is no pipe to be had.
  public init() throws {
    (readEnd, writeEnd) = try FileDescriptor.pipe()
    // Without this the first child would hold the pipe open for the others.
    for end in [readEnd, writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
  }

  deinit {
    try? readEnd.close()
    try? writeEnd.close()
  }

  /// The standard input of every child.
  var lifeline: FileDescriptorInput {
    .fileDescriptor(readEnd, closeAfterSpawningProcess: false)
  }

  /// The signal that asked us to stop, if one has.
  public var signal: Int32? { state.withLock { $0.signal } }

  /// Passes a signal on to every child, and to those that start hereafter.
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
