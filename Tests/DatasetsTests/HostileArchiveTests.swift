import CLibarchive
import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Safetensors
@testable import Support

/// Archives that are made to do harm. Nothing is ever unpacked to disk, so the worst that a name
/// can do is to stand in a message; size and depth have limits.
struct HostileArchiveTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// What a walk finds, member by member.
  private func walk(
    _ path: String, _ limits: Archive.Limits = Archive.Limits()
  ) throws -> [String] {
    let archive = try Archive([ArchiveInput(path)], limits: limits)
    var found: [String] = []
    while let member = try archive.next() {
      var size = 0
      try member.forEachBlock { size += $0.count }
      found.append("\(escapingControlCharacters(member.path)) \(size)")
    }
    return found
  }

  /// Walks what may be anything: it is read or refused with a message that can be printed, and no
  /// file is made.
  private func endures(_ bytes: [UInt8], _ comment: Comment) throws {
    let path = try bench.file("hostile", bytes)
    do { _ = try walk(path) } catch let error as UserError {
      #expect([.data, .io].contains(error.exitStatus), comment)
      #expect(!"\(error)".unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, comment)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.path) == ["hostile"])
  }

  @Test func `names that lead elsewhere or steer a terminal lead nowhere`() throws {
    let names = [
      "../../escaped", "/tmp/absolute", "a/../../b", "a\\..\\escaped", "C:\\escaped", "//server/x",
      "a\nb", "\u{1B}]0;title\u{7}\u{1B}[2J", "a\u{202E}gpj.exe", String(repeating: "x", count: 90),
    ]
    for packing in [TemporaryDirectory.Packing.zip, .tarGzip] {
      let path = try bench.archive("names", packing, names.map { ($0, "text") })
      let found = try walk(path)
      #expect(found.count == names.count)
      #expect(found.allSatisfy { $0.hasSuffix(" 4") && !$0.contains("\u{1B}") })
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.path) == ["names"])
  }

  @Test func `names that are not UTF-8 are read and can be printed`() throws {
    let name: [UInt8] = [0x61, 0xC3, 0x28, 0xFF, 0x1B]
    let zip = StoredZip(members: [.init(name: name, content: Array("text".utf8))])
    let found = try walk(try bench.file("a.zip", zip.bytes))
    #expect(found.count == 1 && found[0].hasSuffix(" 4"))
    #expect(found[0].utf8.allSatisfy { $0 >= 0x20 })
  }

  @Test func `devices and pipes are passed over, and links lead nowhere`() throws {
    let path = bench("special.tar")
    let writer = try #require(archive_write_new())
    defer { archive_write_free(writer) }
    archive_write_set_format_ustar(writer)
    try #require(archive_write_open_filename(writer, path) == ARCHIVE_OK)
    for kind: UInt32 in [0o120000, 0o020000, 0o060000, 0o010000, 0o040000, 0o100000] {
      for isHard in kind == 0o100000 ? [true, false] : [false] {
        let entry = try #require(archive_entry_new())
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname(entry, "train/pos/\(kind)_9.txt")
        archive_entry_set_filetype(entry, kind)
        archive_entry_set_perm(entry, 0o644)
        if kind == 0o120000 { archive_entry_set_symlink(entry, "/etc/passwd") }
        if isHard { archive_entry_set_hardlink(entry, "/etc/passwd") }
        try #require(archive_write_header(writer, entry) >= ARCHIVE_WARN)
      }
    }
    try #require(archive_write_close(writer) == ARCHIVE_OK)
    let archive = try Archive(path: path)
    #expect(try archive.next()?.path == "train/pos/32768_9.txt")
    let refused = try userError { _ = try archive.next() }
    #expect(refused.problem == "a link to /etc/passwd, which is not in the archive")
  }

  @Test func `an encrypted member is refused`() throws {
    var zip = StoredZip(members: [.init(name: Array("review.json".utf8), content: [1, 2, 3])])
    zip.members[0].flags = 1
    let refused = try userError { _ = try walk(try bench.file("a.zip", zip.bytes)) }
    #expect(refused.exitStatus == .data)
    #expect(refused.problem == "an encrypted member")
  }

  @Test func `a zip whose local and central headers disagree is refused or read once, in bounds`()
    throws
  {
    let content = Array("the content of the member".utf8)
    let honest = StoredZip.ArchiveEntry(name: Array("a.txt".utf8), content: content)
    #expect(try walk(try bench.file("hostile", StoredZip(members: [honest]).bytes)) == ["a.txt 25"])
    for field in StoredZip.Field.allCases {
      for value: UInt32 in [0, 1, 24, 26, 1000, 0x7FFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFF] {
        var member = honest
        member.lies = [field: value]
        try endures(StoredZip(members: [member, honest]).bytes, "\(field) \(value)")
      }
    }
    var renamed = honest
    renamed.centralName = Array("b.txt".utf8)
    let bytes = StoredZip(members: [renamed]).bytes
    #expect(try walk(try bench.file("hostile", bytes)).count == 1)
  }

  @Test func `members of one name are each read once`() throws {
    let path = try bench.archive("twice", .tar, [("a.txt", "one"), ("a.txt", "other")])
    #expect(try walk(path) == ["a.txt 3", "a.txt 5"])
  }

  @Test(arguments: [TemporaryDirectory.Packing.bzip2, .xz, .zstandard, .lz4])
  func `a bomb is refused in every compression`(packing: TemporaryDirectory.Packing) throws {
    let limits = Archive.Limits(growth: 20, freeSize: 1 << 20)
    let bomb = try bench.archive("b", packing, [("x", [UInt8](repeating: 0x61, count: 8 << 20))])
    let refused = try userError { _ = try walk(bomb, limits) }
    #expect(refused.problem == "content more than 20 times its container")
    // Also if it is hidden, so that nobody asks for its content.
    _ = try bench.archive("h", .tarGzip, [(".x", [UInt8](repeating: 0x61, count: 8 << 20))])
    #expect(throws: UserError.self) { try walk(bench("h"), limits) }
  }

  @Test func `links that lead to each other come to an end`() throws {
    let path = bench("links.tar")
    let writer = try #require(archive_write_new())
    defer { archive_write_free(writer) }
    archive_write_set_format_ustar(writer)
    try #require(archive_write_open_filename(writer, path) == ARCHIVE_OK)
    for (name, target) in [("a", "b/b"), ("b", "a/a"), ("c", "../../../etc")] {
      let entry = try #require(archive_entry_new())
      defer { archive_entry_free(entry) }
      archive_entry_set_pathname(entry, name)
      archive_entry_set_filetype(entry, 0o120000)
      archive_entry_set_symlink(entry, target)
      try #require(archive_write_header(writer, entry) >= ARCHIVE_WARN)
    }
    try #require(archive_write_close(writer) == ARCHIVE_OK)
    #expect(try userError { _ = try walk(path) }.problem.hasPrefix("a link to b/b, which is not"))
  }

  @Test(arguments: [TemporaryDirectory.Packing.gzip, .zip])
  func `ten gigabytes in kilobytes are refused after one`(packing: TemporaryDirectory.Packing)
    throws
  {
    // gzip files can be joined: ten thousand times a megabyte, and that packed once more. Zeros
    // would be the end of a tar.
    _ = try bench.archive("mega", .gzip, [("x", [UInt8](repeating: 0x61, count: 1 << 20))])
    let member = try bench.bytes("mega")
    let all = [UInt8]((0..<10_000).map { _ in member }.joined())
    let bomb = try bench.archive("bomb", packing, [("x.gz", all)])
    #expect(try bench.bytes("bomb").count < 200_000)
    var read: Int64 = 0
    let refused = try userError {
      let archive = try Archive(path: bomb)
      while let member = try archive.next() { try member.forEachBlock { read += Int64($0.count) } }
    }
    #expect(refused.exitStatus == .data)
    #expect(refused.problem == "content more than 200 times its container")
    #expect(read <= Archive.Limits().freeSize)
  }

  @Test func `many small bombs are one large bomb`() throws {
    // Each stays below what any container may grow to.
    let limits = Archive.Limits(growth: 20, freeSize: 1 << 20)
    _ = try bench.archive("one.gz", .gzip, [("x", [UInt8](repeating: 0x61, count: 900_000))])
    let one = try bench.bytes("one.gz")
    let path = try bench.archive("few.zip", .zip, [("0.gz", one)])
    #expect(try walk(path, limits) == ["0 900000"])
    let many = try bench.archive("many.zip", .zip, (0..<5).map { ("\($0).gz", one) })
    let refused = try userError { _ = try walk(many, limits) }
    #expect(refused.exitStatus == .data)
    #expect(refused.problem == "content more than 20 times its container")
    // In a folder each file stands for itself.
    for name in ["a", "b", "c"] { try bench.file("folder/\(name)", try bench.bytes("few.zip")) }
    #expect(try walk(bench("folder"), limits).count == 3)
  }

  @Test func `members without content are counted by their headers`() throws {
    let limits = Archive.Limits(growth: 1, freeSize: 1 << 18)
    let names = (0..<600).map { ("\($0)", "") }
    for packing in [TemporaryDirectory.Packing.zip, .tarGzip] {
      let few = try bench.archive("few", packing, Array(names.prefix(400)))
      #expect(try walk(few, limits).count == 400)
    }
    let many = try bench.archive("many", .tarGzip, names)
    let refused = try userError { _ = try walk(many, limits) }
    #expect(refused.problem == "content more than 1 times its container")
  }

  @Test func `a name longer than any path is refused and not printed`() throws {
    let name = [UInt8](repeating: 0x61, count: 5000)
    let zip = StoredZip(members: [.init(name: name, content: Array("text".utf8))])
    let refused = try userError { _ = try walk(try bench.file("a.zip", zip.bytes)) }
    #expect(refused.exitStatus == .data)
    #expect(refused.problem == "a member whose name has 5000 bytes")
    #expect(refused.description.utf8.count < 500)
  }

  @Test func `a message names the first strangers only, however many there are`() throws {
    let path = try bench.archive("a.tar", .tar, (0..<1500).map { ("other\($0).bin", "x") })
    let refused = try userError { _ = try Dataset(of: Archive(path: path)) }
    #expect(
      refused.problem == """
        none of the files of a known data set, but other0.bin, other1.bin, other2.bin, other3.bin, \
        other4.bin and 1495 more
        """)
  }

  @Test(arguments: ["Yelp-JSON.zip", "SemEval2018-Task1-all-data.zip", "aclImdb_v1.tar.gz"])
  func `flipped bits and lost bytes anywhere do no harm`(name: String) throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: fixture(name))))
    var state: UInt64 = 1
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for round in 0..<60 {
      var bytes = whole
      // Headers stand at the ends.
      let reach = round % 3 == 0 ? 600 : bytes.count
      for _ in 0...next(4) {
        let place = round % 2 == 0 ? next(reach) : bytes.count - 1 - next(reach)
        bytes[place] ^= 1 << UInt8(next(8))
      }
      if round % 5 == 0 { bytes.removeSubrange(next(100)..<100 + next(300)) }
      try endures(bytes, "round \(round)")
    }
  }

  @Test func `a tar without compression is refused wherever it is cut inside a member`() throws {
    let text = String(repeating: "0123456789", count: 1000)
    _ = try bench.archive("whole", .tar, [("a.txt", text), ("b.txt", text)])
    let whole = try bench.bytes("whole")
    for size in stride(from: 1000, to: 20_000, by: 1000) {
      let path = try bench.file("cut", whole[..<size])
      let refused = try userError { _ = try walk(path) }
      #expect(refused.problem.hasPrefix("damaged or cut: "), "cut at \(size)")
    }
  }
}
