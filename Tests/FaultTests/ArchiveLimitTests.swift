import Foundation
import Testing
import TestSupport

/// Decompression bombs are rejected within a limited address space.
struct ArchiveLimitTests {
  @Test(.enabled(if: isSupported, "needs Linux, gzip, head and tr"))
  func `ten gigabytes in kilobytes are rejected within two gigabytes of address space`() throws {
    let directory = try TemporaryDirectory()
    // gzip files can be concatenated: ten thousand times a megabyte, compressed once more.
    let run = try Program(
      "/bin/sh",
      [
        "-c",
        """
        head -c 1048576 /dev/zero | tr '\\0' a | gzip -9 >one
        for i in 0 1 2 3 4 5 6 7 8 9; do cat one one one one one one one one one one; done >hundred
        for i in 0 1 2 3 4 5 6 7 8 9; do
          for j in 0 1 2 3 4 5 6 7 8 9; do cat hundred; done
        done | gzip -9 >bomb.gz
        rm one hundred
        ulimit -v 2000000
        exec "$0"/ingest --archive bomb.gz --output out --quiet
        """, Program.folder,
      ], in: directory
    ).end()
    #expect(run.status == 65, "\(run.status) \(run.error)")
    #expect(
      run.error == """
        ingest: bomb.gz: content more than 200 times its container
          expected: text, which compresses less
          what to do: this looks like a decompression bomb; unpack it by hand if you trust it

        """)
    #expect(directory.names() == ["bomb.gz"])
  }

  private static let isSupported: Bool = {
    #if os(Linux)
      ["gzip", "head", "tr"].allSatisfy { name in
        ["/bin/", "/usr/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + name) }
      }
    #else
      false
    #endif
  }()
}
