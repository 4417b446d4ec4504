import Foundation
import Kernels
import Support

/// The levels of vector instructions that the kernels are compiled for, the plainest first.
public enum SIMDLevel: Int32, CaseIterable, Sendable {
  /// What every processor has.
  case plain = 0
  /// AVX2 with fused multiplication and addition (x86-64-v3).
  case avx2
  /// AVX-512 (x86-64-v4).
  case avx512

  /// The environment variable that forces a level, so that every path can be tested on one machine.
  public static let variable = "KERNEL_LEVEL"

  /// The level that this process computes with: the highest that the processor has, unless
  /// `KERNEL_LEVEL` names one. With a level that it lacks the process ends with status 64: going on
  /// with another would test or measure what was not asked for.
  public static let inUse: SIMDLevel = {
    do {
      return try chosen(ProcessInfo.processInfo.environment[variable])
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      exit((error as? UserError)?.exitStatus.rawValue ?? UserError.ExitStatus.software.rawValue)
    }
  }()

  /// The levels that this processor has.
  static var present: [SIMDLevel] { allCases.filter { single_kernels($0.rawValue) != nil } }

  /// The level of this number, or the highest for nothing.
  /// - Throws: ``UserError`` of kind `usage` if this processor has no such level.
  static func chosen(_ number: String?) throws -> SIMDLevel {
    guard let number else { return present.last ?? .plain }
    guard let level = present.first(where: { "\($0.rawValue)" == number }) else {
      throw UserError(
        .usage, at: variable, problem: "“\(number)”",
        expected: "a level that this processor has: "
          + present.map { "\($0.rawValue) (\($0))" }.joined(separator: ", "),
        hint: "leave the variable out to take the highest")
    }
    return level
  }
}
