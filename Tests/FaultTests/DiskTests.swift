import Foundation
import Testing
import TestSupport

/// Disks that are full, read-only or odd in earnest: limits and small file systems of the system.
@Suite(.enabled(if: Fault.isPossible, "needs Linux and a compiler of C: clang, cc or gcc"))
struct DiskTests {
  /// Runs a script of the shell in the scene's folder; `$0` is the folder of the programs.
  private func shell(
    _ script: String, _ dryRun: Rehearsal
  ) throws -> (status: Int32, output: String, error: String) {
    try Program("/bin/sh", ["-c", script, Program.folder], in: dryRun.bench).end()
  }

  @Test(arguments: Scene.all.filter { !$0.command.hasPrefix("pipeline") })
  func `a limit on the size of files ends a stage with a message and the old output stays`(
    scene: Scene
  ) throws {
    // What the pretended stage writes is smaller than any limit that a shell can set.
    guard scene.target != "fake-stage" else { return }
    let dryRun = try Rehearsal(scene)
    try dryRun.reset()
    let run = try shell(
      "ulimit -f 1; exec \"$0\"/\(scene.command(seed: 1)) --quiet", dryRun)
    #expect(run.status == 74, "\(run.error)")
    let message =
      #/[a-z]+: out[a-z./-]+: writing [0-9]+ bytes failed: File too large\n  what to do: /#
    let hint = "make room or choose another --output; the previous output is as it was\n"
    let found = try #require(run.error.prefixMatch(of: message), "\(run.error)")
    #expect(run.error[found.range.upperBound...] == hint)
    #expect(run.output == "")
    #expect(dryRun.state == .old)
    #expect(dryRun.leftovers == [])
  }

  /// That the message comes through, whatever disks say of quotas; the same at every call that
  /// changes files is among the faults.
  @Test func `a quota that is used up is told and the old output stays`() throws {
    let dryRun = try Rehearsal(try #require(Scene.all.first { $0.target == "ingest" }))
    let write = try #require(dryRun.calls.firstIndex { $0.contains(" write ") })
    try dryRun.reset()
    let end = try dryRun.start(Fault(kind: .quota, call: write + 1)).end()
    #expect(end.status == 74, "\(end.error)")
    #expect(
      end.error.replacing(/writing [0-9]+ bytes/, with: "writing * bytes").hasSuffix(
        """
        writing * bytes failed: Disk quota exceeded
          what to do: make room or choose another --output; the previous output is as it was

        """), "\(end.error)")
    #expect(dryRun.state == .old)
    #expect(dryRun.leftovers == [])
  }

  @Test func `without memory maps a stage reads its files and makes the same bytes`() throws {
    for scene in Scene.all where ["vocab", "train", "finetune", "evaluate"].contains(scene.target) {
      guard !scene.command.hasPrefix("pipeline") else { continue }
      let dryRun = try Rehearsal(scene)
      try dryRun.reset()
      let end = try dryRun.startUnmappable().end()
      #expect(end.status == 0, "\(scene.testDescription): \(end.error)")
      #expect(dryRun.state == .new, "\(scene.testDescription)")
    }
  }

  /// Whether we may mount a file system that only we see.
  private static let mayMount: Bool = {
    guard geteuid() == 0, let bench = try? TemporaryDirectory() else { return false }
    let probe = try? Program(
      "/bin/sh", ["-c", "mkdir m && unshare -m mount -t tmpfs -o size=64k none m"], in: bench)
    return probe?.end().status == 0
  }()

  @Test(.enabled(if: mayMount, "needs the right to mount a file system"))
  func `a full and a read-only disk are told and the old output stays`() throws {
    let scene = try #require(Scene.all.first { $0.target == "ingest" })
    let dryRun = try Rehearsal(scene)
    let run = try shell(
      """
      mkdir disk; cd disk
      exec unshare -m sh -c '
        digest() { (cd disk/out && sha256sum *.safetensors summary.*); }
        cd ..
        mount -t tmpfs -o size=160k none disk && cp -r old disk/out || exit 99
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
      """, dryRun)
    #expect(run.output == "74\nsame\nout\n73\n73\nsame\nout\n", "\(run.status) \(run.error)")
    let number = /writing [0-9]+ bytes/
    #expect(
      run.error.replacing(number, with: "writing * bytes") == """
        ingest: disk/out.partial/train.safetensors: writing * bytes failed: No space left on device
          what to do: make room or choose another --output; the previous output is as it was
        ingest: disk/out.lock: cannot be created: Read-only file system
          what to do: choose another --output or change its permissions
        ingest: disk/a/new: cannot be created: Read-only file system
          what to do: choose another --output or change its permissions

        """)
  }

  @Test(.enabled(if: mayMount, "needs the right to mount a file system"))
  func `the runner on a full or read-only disk ends with its stage's status`() throws {
    let dryRun = try Rehearsal(try #require(Scene.all.first { $0.target == "ingest" }))
    let run = try shell(
      """
      mkdir disk
      exec unshare -m sh -c '
        mount -t tmpfs -o size=20k none disk || exit 99
        "$0"/pipeline run m1.yaml --output-root disk
        echo $?
        ls disk/m
        mount -o remount,ro disk || exit 99
        "$0"/pipeline run m1.yaml --output-root disk
        echo $?
        ls disk/m' "$0"
      """, dryRun)
    func table(_ status: Int) -> String {
      """
      imdb   failed with exit status \(status)
      vocab  skipped, needs imdb
      train  skipped, needs vocab
      \(status)

      """
    }
    #expect(run.output == table(74) + table(73), "\(run.status) \(run.error)")
    for said in [
      "bytes failed: No space left on device\n  what to do: make room or choose another --output",
      "ingest: disk/m/imdb.lock: cannot be created: Read-only file system\n  what to do: choose",
    ] { #expect(run.error.contains(said), "\(run.error)") }
  }
}
