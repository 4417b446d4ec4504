import ArgumentParser
import Safetensors
import Support

/// Runs the body of a program that is no stage as stages are run: refusals are reported on standard
/// error and become the exit status.
/// - Throws: `ExitCode`, and what ArgumentParser handles itself.
public func reporting(_ program: String, _ body: () throws -> Void) throws {
  guardStandardStreams()
  Interruption.unblock()
  do { try body() } catch let refusal as UserError {
    writeToStandardError("\(program): \(refusal)")
    throw ExitCode(refusal.exitStatus.rawValue)
  } catch let error where !(error is ExitCode || error is ValidationError || error is CleanExit) {
    writeToStandardError(
      "\(program): \(escapingControlCharacters(reason(error))); this is a mistake of ours")
    throw ExitCode(UserError.ExitStatus.software.rawValue)
  }
}
