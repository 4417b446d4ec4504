import ArgumentParser
import Foundation
import Support

// MARK: Errors

/// Runs the body of a program that is not a stage; reports its errors as stages do.
/// - Throws: errors that ArgumentParser turns into the exit status.
public func reportingErrors(of program: String, _ body: () throws -> Void) throws {
  prepareProcess()
  do { try body() } catch { throw exitError(for: error, in: program) }
}

/// Runs the body of an asynchronous program; reports its errors as stages do.
/// - Throws: errors that ArgumentParser turns into the exit status.
public func reportingErrors(of program: String, _ body: () async throws -> Void) async throws {
  prepareProcess()
  do { try await body() } catch { throw exitError(for: error, in: program) }
}

/// Writes the message of an error to standard error.
/// - Parameter location: the location of errors that are a bug.
/// - Returns: the exit status, or the error itself if ArgumentParser reports it.
public func exitError(
  for error: any Error, in program: String, at location: String? = nil
) -> any Error {
  let errors: [UserError]
  switch error {
  case is ExitCode, is ValidationError, is CleanExit: return error
  case let error as UserError: errors = [error]
  case let group as any UserErrorGroup: errors = group.errors
  default:
    errors = [
      UserError(
        .software, at: location ?? "internal error", problem: systemMessage(error),
        hint: "this is a bug; please report it")
    ]
  }
  for error in errors { writeToStandardError("\(program): \(error)") }
  return ExitCode((errors.first?.exitStatus ?? .software).rawValue)
}

// MARK: Arguments

/// A flag that an earlier version had under another name, or that was removed.
public struct RenamedFlag: Sendable {
  private let old: String
  /// The only value that was removed; nil if the flag itself was renamed or removed.
  private let value: String?
  /// The current name without dashes; nil if the flag or the value was removed.
  private let new: String?
  /// The stage that had the flag; nil for all stages.
  private let stage: String?

  private init(_ old: String, value: String? = nil, to new: String?, of stage: String? = nil) {
    (self.old, self.value, self.new, self.stage) = (old, value, new, stage)
  }

  private static let all = [
    RenamedFlag("tokens", to: "vocab"), RenamedFlag("slices", to: "micro-batches"),
    RenamedFlag("average", to: "ema-decay"), RenamedFlag("clip", to: "max-grad-norm"),
    RenamedFlag("forget-shift", to: "forget-bias"), RenamedFlag("squash-cell", to: "cell-tanh"),
    RenamedFlag("hidden-only", to: "zero-initial-cell"),
    RenamedFlag("mask-per-sequence", to: "variational-dropout"),
    RenamedFlag("task", to: "name", of: "ingest"), RenamedFlag("ngram-rate", to: nil),
    RenamedFlag("ngrams", value: "joint", to: nil),
  ]

  /// Returns the change of a flag that an earlier version had: `is now called --max-grad-norm` or
  /// `was removed`; nil for any other flag.
  /// - Parameter value: the value of the flag; of some flags only one value was removed.
  public static func replacement(for flag: String, value: String = "", of stage: String) -> String?
  {
    find(flag, value: value, of: stage)?.change
  }

  private static func find(_ flag: String, value: String, of stage: String) -> RenamedFlag? {
    all.first { renamed in
      renamed.old == flag && (renamed.value ?? value) == value && (renamed.stage ?? stage) == stage
    }
  }

  private var change: String { new.map { "is now called --\($0)" } ?? "was removed" }

  /// Returns the message for the first argument that is a flag of an earlier version, or nil.
  static func message(for arguments: [String], of stage: String) -> String? {
    let arguments = Array(arguments.prefix { $0 != "--" })
    for (index, argument) in arguments.enumerated() where argument.hasPrefix("--") {
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
      let value = parts.count > 1 ? parts[1] : arguments.dropFirst(index + 1).first ?? ""
      if let flag = parts.first, let renamed = find(flag, value: value, of: stage) {
        return "--\(flag)\(renamed.value.map { " \($0)" } ?? "") \(renamed.change)."
      }
    }
    return nil
  }
}

/// Returns arguments with each negative number joined to the flag before it, `--seed -1` as
/// `--seed=-1`: ArgumentParser takes a leading dash for another flag and reports a missing value.
public func joiningNegativeNumbers(_ arguments: some Sequence<String>) -> [String] {
  var result: [String] = []
  for argument in arguments {
    if let flag = result.last, isLongFlag(flag), isNegativeNumber(argument), !result.contains("--")
    {
      result[result.endIndex - 1] = "\(flag)=\(argument)"
    } else {
      result.append(argument)
    }
  }
  return result
}

private func isLongFlag(_ argument: String) -> Bool {
  argument.hasPrefix("--") && argument.count > 2 && !argument.contains("=")
}

private func isNegativeNumber(_ argument: String) -> Bool {
  argument.hasPrefix("-") && Double(argument) != nil
}
