import Foundation
import Testing
import TestSupport

/// Whatever fails or dies: the output is completely the old or the new one, and the same command run
/// again gives the bytes of an undisturbed run.
///
/// Run with `SOAK_KILLS=n` (as `Tests/soak.sh` does), every call is hit in every way, and every
/// command is killed n times at random moments; without it, samples of both.
@Suite(.enabled(if: Fault.isSupported, "needs Linux and a compiler of C: clang, cc or gcc"))
struct FaultTests {
  private static let soak = ProcessInfo.processInfo.environment["SOAK_KILLS"].flatMap { Int($0) }

  @Test(arguments: FaultScenario.all)
  func `a fault at any call that changes files leaves a complete output and is recovered from`(
    scenario: FaultScenario
  ) throws {
    let faultRun = try FaultRun(scenario)
    let calls = faultRun.calls
    #expect(calls.count >= (scenario.target == "pipeline" ? 3 : 20), "\(calls)")
    var strikes = 0
    for (index, kind) in Fault.Kind.allCases.enumerated() {
      // The kinds alternate over the calls of a sample.
      let step = Self.soak == nil && scenario.target != "fake-stage" ? max(1, calls.count / 3) : 1
      let first = 1 + index * step / Fault.Kind.allCases.count
      for call in stride(from: first, through: calls.count, by: step) {
        try faultRun.strike(Fault(kind: kind, call: call))
        strikes += 1
      }
    }
    if Self.soak != nil {
      print("soak: \(scenario.testDescription): \(strikes) faults at \(calls.count) calls")
    }
  }

  /// Three deaths in a row before the undisturbed run, so that some interrupt a recovery.
  @Test(arguments: FaultScenario.all)
  func `killed at random moments, a command ends in the same bytes when it is run again`(
    scenario: FaultScenario
  ) throws {
    let faultRun = try FaultRun(scenario)
    let wanted = Self.soak ?? (scenario.target == "fake-stage" ? 6 : 3)
    // Runs that end before they are killed do not count, but must not repeat for ever.
    var (kills, late, repeats) = (0, 0, 0)
    while kills < wanted, late < 10 + 10 * wanted {
      try faultRun.reset()
      for _ in 0..<min(3, wanted - kills) {
        let program = try faultRun.start()
        usleep(UInt32.random(in: 0...UInt32(faultRun.seconds * 1e6)))
        kill(program.identifier, SIGKILL)
        if program.end().status == 137 { kills += 1 } else { late += 1 }
        #expect(faultRun.isSettled, "\(scenario.testDescription), kill \(kills)")
      }
      repeats += try faultRun.recover("\(scenario.testDescription), kill \(kills)") - 1
    }
    #expect(kills == wanted, "\(late) kills came too late")
    if Self.soak != nil {
      print(
        "soak: \(scenario.testDescription): \(kills) kills, \(late) more came too late, "
          + "\(repeats) times locked for a moment")
    }
  }
}
