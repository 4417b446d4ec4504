import Foundation

/// The number of processors to use: those that Slurm gave the job, or else those of the machine.
public var processorCount: Int {
  let given = ProcessInfo.processInfo.environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) }
  if let given, (1...1024).contains(given) { return given }
  return ProcessInfo.processInfo.activeProcessorCount
}

/// Returns the peak memory of this process in bytes.
///
/// `/proc` is preferred because `getrusage` also counts the program that started this one, from
/// before `exec`.
func peakResidentBytes() -> Int {
  let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
  let line = status.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "VmHWM:".utf8) }
  let digits = line?.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  if let digits, let kibibytes = Int(String(decoding: digits, as: UTF8.self)) {
    return kibibytes * 1024
  }
  var usage = rusage()
  #if canImport(Glibc)
    let kibibyte = 1024
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  #else
    let kibibyte = 1  // Darwin counts bytes.
    getrusage(RUSAGE_SELF, &usage)
  #endif
  return Int(usage.ru_maxrss) * kibibyte
}

/// Makes standard streams and signals safe to use, however the program was started. Call this
/// before any file is opened.
///
/// - A closed stream is replaced by `/dev/null`; otherwise the next file to be opened would get its
///   number, and printed text would end up in that file.
/// - Writing to a pipe without a reader, as in `… | head`, fails instead of ending the program; so
///   does writing beyond a limit on the size of files.
/// - Signals are unblocked: a program that was started from a worker thread may inherit a mask.
public func prepareProcess() {
  for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
    // A new file gets the lowest free number, and the streams are tried in order.
    _ = open("/dev/null", O_RDWR)
  }
  signal(SIGPIPE, SIG_IGN)
  signal(SIGXFSZ, SIG_IGN)
  var signals = sigset_t()
  sigemptyset(&signals)
  for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
  pthread_sigmask(SIG_UNBLOCK, &signals, nil)
}

/// Writes one line to standard error in place of the ``ProgressLine``. Errors are ignored.
public func writeToStandardError(_ line: String) {
  ProgressLine.standardError.clear()
  try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
}
