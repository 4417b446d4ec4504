import Foundation

/// The most memory that this process held. Where the system says it of this program alone, that is
/// taken: what `getrusage` counts includes the program that started it, from before the start.
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
