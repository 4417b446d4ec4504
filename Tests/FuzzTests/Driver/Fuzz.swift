import Foundation

/// The target that the environment names: `FUZZ_TARGET=archive fuzz [flags of libFuzzer] [folders of
/// inputs]`. libFuzzer provides `main`.
private let target: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    let names = FuzzTarget.allCases.map(\.rawValue)
    print("fuzz: FUZZ_TARGET is one of \(names.joined(separator: ", "))")
    exit(64)
  }
  return target
}()

/// Reads one input; called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target.run(UnsafeRawBufferPointer(start: bytes, count: count))
  return 0
}
