import CFuzzer
import Foundation

/// Runs libFuzzer on one target: `fuzz TARGET [flags of libFuzzer] [folders of inputs]`.
@main
enum Fuzz {
  nonisolated(unsafe) private static var target = FuzzTarget.archive

  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count > 1, let chosen = FuzzTarget(rawValue: arguments[1]) else {
      print("fuzz: one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
      exit(64)
    }
    target = chosen
    let rest = [arguments[0]] + arguments.dropFirst(2)
    var words: [UnsafeMutablePointer<CChar>?] = rest.map { strdup($0) } + [nil]
    var count = Int32(rest.count)
    words.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      exit(
        LLVMFuzzerRunDriver(&count, &start) { bytes, count in
          Fuzz.target.run(UnsafeRawBufferPointer(start: bytes, count: count))
          return 0
        })
    }
  }
}
