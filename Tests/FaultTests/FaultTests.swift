import Foundation
import Testing
import TestSupport

/// Whatever fails or dies, and wherever: the output is the old or the new one, whole, and the same
/// command run again ends in the bytes of an undisturbed run.
///
/// Run with `SOAK_KILLS=n` (as `Tests/soak.sh` does), every call is hit in every way, and every
/// command is killed n times at random moments; without it, samples of both.
@Suite(.enabled(if: Fault.isPossible, "needs Linux and a compiler of C: clang, cc or gcc"))
struct FaultTests {
  private static let soak = ProcessInfo.processInfo.environment["SOAK_KILLS"].flatMap { Int($0) }

  @Test(arguments: Scene.all)
  func `a fault at any call that changes files leaves a whole output and is overcome`(
    scene: Scene
  ) throws {
    let dryRun = try Rehearsal(scene)
    let calls = dryRun.calls
    #expect(calls.count >= (scene.target == "pipeline" ? 3 : 20), "\(calls)")
    var strikes = 0
    for (index, kind) in Fault.Kind.allCases.enumerated() {
      // The kinds take turns at the calls of a sample.
      let step = Self.soak == nil && scene.target != "fake-stage" ? max(1, calls.count / 3) : 1
      let first = 1 + index * step / Fault.Kind.allCases.count
      for call in stride(from: first, through: calls.count, by: step) {
        try dryRun.strike(Fault(kind: kind, call: call))
        strikes += 1
      }
    }
    if Self.soak != nil {
      print("soak: \(scene.testDescription): \(strikes) faults at \(calls.count) calls")
    }
  }

  /// Three deaths in a row before the run that is let alone, so that some befall what recovers.
  @Test(arguments: Scene.all)
  func `killed at random moments, a command ends in the same bytes when it is run again`(
    scene: Scene
  ) throws {
    let dryRun = try Rehearsal(scene)
    let wanted = Self.soak ?? (scene.target == "fake-stage" ? 6 : 3)
    // What has ended before it is killed does not count, but must not go on for ever.
    var (kills, late, repeats) = (0, 0, 0)
    while kills < wanted, late < 10 + 10 * wanted {
      try dryRun.reset()
      for _ in 0..<min(3, wanted - kills) {
        let program = try dryRun.start()
        usleep(UInt32.random(in: 0...UInt32(dryRun.seconds * 1e6)))
        kill(program.identifier, SIGKILL)
        if program.end().status == 137 { kills += 1 } else { late += 1 }
        #expect(dryRun.settled, "\(scene.testDescription), kill \(kills)")
      }
      repeats += try dryRun.recover("\(scene.testDescription), kill \(kills)") - 1
    }
    #expect(kills == wanted, "\(late) kills came too late")
    if Self.soak != nil {
      print(
        "soak: \(scene.testDescription): \(kills) kills, \(late) more came too late, "
          + "\(repeats) times locked for a moment")
    }
  }
}
