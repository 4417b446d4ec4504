import Foundation

// The differences between systems, except for huge pages (DLNC/Compute/AlignedBuffer.swift), swapped
// names (CRename) and vector instructions (Kernels).

/// The path of the running executable without links; nil if the system does not tell.
package var executablePath: String? {
  #if canImport(Darwin)
    Bundle.main.executablePath
  #else
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  #endif
}

/// Returns a path that leads to an open file, also to one without a name.
package func path(ofDescriptor descriptor: Int32) -> String {
  #if canImport(Darwin)
    "/dev/fd/\(descriptor)"
  #else
    "/proc/self/fd/\(descriptor)"
  #endif
}

/// Returns the times of the last write and of the last status change.
package func changeTimes(of status: stat) -> [timespec] {
  #if canImport(Darwin)
    [status.st_mtimespec, status.st_ctimespec]
  #else
    [status.st_mtim, status.st_ctim]
  #endif
}

/// Returns the peak memory of this process in bytes.
package func peakResidentBytes() -> Int {
  #if canImport(Darwin)
    Int(resourceUsage().ru_maxrss)
  #else
    // `getrusage` also counts the program that started this one, from before `exec`.
    let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
    let line = status.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "VmHWM:".utf8) }
    let digits = line?.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let kibibytes = digits.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    return (kibibytes ?? Int(resourceUsage().ru_maxrss)) * 1024
  #endif
}

/// Returns the processor time of this process and all its threads, in seconds.
package func processorSeconds() -> Double {
  let usage = resourceUsage()
  return [usage.ru_utime, usage.ru_stime].reduce(0) {
    $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
  }
}

private func resourceUsage() -> rusage {
  var usage = rusage()
  #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  #else
    getrusage(RUSAGE_SELF, &usage)
  #endif
  return usage
}
