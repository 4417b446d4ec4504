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
