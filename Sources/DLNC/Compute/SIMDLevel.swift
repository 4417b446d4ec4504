import Foundation
import Kernels
import Support

/// The instruction sets that the kernels are compiled for, in ascending order.
public enum SIMDLevel: Int32, CaseIterable, Sendable {
  /// The baseline of the architecture.
  case scalar = 0
  /// AVX2 with fused multiply-add (x86-64-v3).
  case avx2
  /// AVX-512 (x86-64-v4).
  case avx512

  /// The environment variable that overrides the level, so that all levels can be tested on one
  /// machine.
  public static let variable = "KERNEL_LEVEL"

  /// The level that this process computes with: the highest available one, or the one that
  /// `KERNEL_LEVEL` selects. If that is not available the process exits with status 64, since another
  /// level would test or measure the wrong code.
  public static let current: SIMDLevel = {
    do {
      return try select(ProcessInfo.processInfo.environment[variable])
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      exit((error as? UserError)?.exitStatus.rawValue ?? UserError.ExitStatus.software.rawValue)
    }
  }()

  /// The levels that this processor supports.
  static var available: [SIMDLevel] { allCases.filter { f32_kernels($0.rawValue) != nil } }

  /// The level with this number, or the highest one for nil.
  /// - Throws: ``UserError`` with exit status `usage` if this processor does not support it.
  static func select(_ number: String?) throws -> SIMDLevel {
    guard let number else { return available.last ?? .scalar }
    guard let level = available.first(where: { "\($0.rawValue)" == number }) else {
      throw UserError(
        .usage, at: variable, problem: "“\(number)”",
        expected: "a level that this processor supports: "
          + available.map { "\($0.rawValue) (\($0))" }.joined(separator: ", "),
        hint: "unset the variable to use the highest")
    }
    return level
  }
}

/// How matrix products round at the current level, which affects the last digits of a trained model:
/// `fused`, once per multiply-add, or `separate`, after the multiplication and after the addition.
public var productRounding: String {
  #if arch(arm64)
    "fused"
  #else
    SIMDLevel.current == .scalar ? "separate" : "fused"
  #endif
}
