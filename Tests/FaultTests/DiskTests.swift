import Foundation
import Testing
import TestSupport

/// Full and read-only disks, with limits and small file systems of the system.
@Suite(.enabled(if: Fault.isSupported, "needs Linux and a compiler of C: clang, cc or gcc"))
struct DiskTests {
  /// Runs a shell script in the scenario's folder; `$0` is the folder of the programs.
  private func shell(
    _ script: String, _ faultRun: FaultRun
  ) throws -> (status: Int32, output: String, error: String) {
    try Program("/bin/sh", ["-c", script, Program.folder], in: faultRun.directory).end()
  }

  @Test(
    arguments: FaultScenario.all.filter {
      !$0.command.hasPrefix("pipeline") && !$0.interruptsAnother
    })
  func `a limit on the size of files ends a stage with a message and the old output stays`(
    scenario: FaultScenario
  ) throws {
    // The output of the fake stage is smaller than any limit that a shell can set.
    guard scenario.target != "fake-stage" else { return }
    let faultRun = try FaultRun(scenario)
    try faultRun.reset()
    let run = try shell(
      "ulimit -f 1; exec \"$0\"/\(scenario.command(seed: 1)) --quiet", faultRun)
    #expect(run.status == 74, "\(run.error)")
    let message =
      #/[a-z]+: out[a-z./-]+: writing [0-9]+ bytes failed: File too large\n  what to do: /#
    let hint = "make room or choose another --output; the previous output is unchanged\n"
    let found = try #require(run.error.prefixMatch(of: message), "\(run.error)")
    #expect(run.error[found.range.upperBound...] == hint)
    #expect(run.output == "")
    #expect(faultRun.state == .old)
    #expect(faultRun.leftovers == [])
  }

  /// Only the message: FaultTests cover the error at every call that changes files.
  @Test func `an exceeded quota is reported and the old output stays`() throws {
    let faultRun = try FaultRun(try #require(FaultScenario.all.first { $0.target == "ingest" }))
    let write = try #require(faultRun.calls.firstIndex { $0.contains(" write ") })
    try faultRun.reset()
    let end = try faultRun.start(Fault(kind: .quota, call: write + 1)).end()
    #expect(end.status == 74, "\(end.error)")
    #expect(
      end.error.replacing(/writing [0-9]+ bytes/, with: "writing * bytes").hasSuffix(
        """
        writing * bytes failed: Disk quota exceeded
          what to do: make room or choose another --output; the previous output is unchanged

        """), "\(end.error)")
    #expect(faultRun.state == .old)
    #expect(faultRun.leftovers == [])
  }

  @Test func `without memory maps a stage reads its files and makes the same bytes`() throws {
    for scenario in FaultScenario.all
    where ["vocab", "pretrain", "train", "finetune", "evaluate", "export"].contains(scenario.target)
    {
      guard !scenario.command.hasPrefix("pipeline") else { continue }
      let faultRun = try FaultRun(scenario)
      try faultRun.reset()
      let end = try faultRun.startUnmappable().end()
      #expect(end.status == 0, "\(scenario.testDescription): \(end.error)")
      #expect(faultRun.state == .new, "\(scenario.testDescription)")
    }
  }

  /// Whether the process may mount a private file system.
  private static let mayMount: Bool = {
    guard geteuid() == 0, let directory = try? TemporaryDirectory() else { return false }
    let probe = try? Program(
      "/bin/sh", ["-c", "mkdir m && unshare -m mount -t tmpfs -o size=64k none m"], in: directory)
    return probe?.end().status == 0
  }()

  @Test(.enabled(if: mayMount, "needs the right to mount a file system"))
  func `a full and a read-only disk are reported and the old output stays`() throws {
    let scenario = try #require(FaultScenario.all.first { $0.target == "ingest" })
    let faultRun = try FaultRun(scenario)
    let run = try shell(
      """
      mkdir disk; cd disk
      exec unshare -m sh -c '
        digest() { (cd disk/out && sha256sum *.safetensors summary.*); }
        cd ..
        mount -t tmpfs -o size=256k none disk && cp -r old disk/out || exit 99
        before=$(digest)
        "$0"/ingest --archive fixtures/aclImdb_v1.tar.gz --train 200 --validation 100 \\
          --output disk/out --quiet
        echo $?
        [ "$before" = "$(digest)" ] && echo same
        ls disk
        mount -o remount,ro disk || exit 99
        "$0"/ingest --archive fixtures/aclImdb_v1.tar.gz --train 60 --validation 20 \\
          --output disk/out --quiet
        echo $?
        "$0"/ingest --archive fixtures/aclImdb_v1.tar.gz --train 60 --validation 20 \\
          --output disk/a/new --quiet
        echo $?
        [ "$before" = "$(digest)" ] && echo same
        ls disk' "$0"
      """, faultRun)
    #expect(run.output == "74\nsame\nout\n73\n73\nsame\nout\n", "\(run.status) \(run.error)")
    let number = /writing [0-9]+ bytes/
    #expect(
      run.error.replacing(number, with: "writing * bytes") == """
        ingest: disk/out.partial/train.safetensors: writing * bytes failed: No space left on device
          what to do: make room or choose another --output; the previous output is unchanged
        ingest: disk/out.lock: cannot be created: Read-only file system
          what to do: choose another --output or change its permissions
        ingest: disk/a/new: cannot be created: Read-only file system
          what to do: choose another --output or change its permissions

        """)
  }

  @Test(.enabled(if: mayMount, "needs the right to mount a file system"))
  func `the runner on a full or read-only disk ends with its stage's status`() throws {
    let faultRun = try FaultRun(try #require(FaultScenario.all.first { $0.target == "ingest" }))
    let run = try shell(
      """
      mkdir disk
      exec unshare -m sh -c '
        mount -t tmpfs -o size=20k none disk || exit 99
        "$0"/pipeline run m.yaml --output-root disk
        echo $?
        ls disk/m
        mount -o remount,ro disk || exit 99
        "$0"/pipeline run m.yaml --output-root disk
        echo $?
        ls disk/m' "$0"
      """, faultRun)
    func table(_ status: Int) -> String {
      """
      imdb   failed with exit status \(status)
      vocab  skipped, needs imdb
      train  skipped, needs vocab
      \(status)

      """
    }
    #expect(run.output == table(74) + table(73), "\(run.status) \(run.error)")
    for message in [
      "bytes failed: No space left on device\n  what to do: make room or choose another --output",
      "ingest: disk/m/imdb.lock: cannot be created: Read-only file system\n  what to do: choose",
    ] { #expect(run.error.contains(message), "\(run.error)") }
  }
}
