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

/// A flag that had another name in an earlier version.
public struct RenamedFlag: Sendable {
  /// The old name without dashes; for a removed value the flag, `=` and the value.
  let old: String
  /// The new name; nil if the flag was removed.
  let new: String?
  /// The stage whose flag it was; nil for all stages.
  let stage: String?

  private init(_ old: String, to new: String?, of stage: String? = nil) {
    (self.old, self.new, self.stage) = (old, new, stage)
  }

  static let all = [
    RenamedFlag("tokens", to: "vocab"), RenamedFlag("slices", to: "micro-batches"),
    RenamedFlag("average", to: "ema-decay"), RenamedFlag("clip", to: "max-grad-norm"),
    RenamedFlag("forget-shift", to: "forget-bias"), RenamedFlag("squash-cell", to: "cell-tanh"),
    RenamedFlag("hidden-only", to: "zero-initial-cell"),
    RenamedFlag("mask-per-sequence", to: "variational-dropout"),
    RenamedFlag("task", to: "name", of: "ingest"), RenamedFlag("ngram-rate", to: nil),
    RenamedFlag("ngrams=joint", to: nil),
  ]

  /// Returns what became of a flag of a stage that an earlier version had, such as `is now called
  /// --max-grad-norm`; nil for any other flag.
  public static func replacement(for flag: String, value: String = "", of stage: String) -> String?
  {
    let match = all.first { renamed in
      [flag, "\(flag)=\(value)"].contains(renamed.old) && (renamed.stage ?? stage) == stage
    }
    return match.map { renamed in renamed.new.map { "is now called --\($0)" } ?? "was removed" }
  }

  /// Returns the message for the first argument that is a flag of an earlier version, such as
  /// `--clip is now called --max-grad-norm.`; nil if there is none.
  static func message(for arguments: [String], of stage: String) -> String? {
    let flags = arguments.prefix { $0 != "--" }
    for (index, argument) in flags.enumerated() where argument.hasPrefix("--") {
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1)
      let value = parts.count > 1 ? String(parts[1]) : flags.dropFirst(index + 1).first ?? ""
      guard let flag = parts.first.map(String.init),
        let replacement = replacement(for: flag, value: value, of: stage)
      else { continue }
      let isValue = replacement == "was removed" && !all.contains { $0.old == flag }
      return "--\(flag)\(isValue ? " \(value)" : "") \(replacement)."
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
