import Support
import Testing

/// The messages of FIPS 180-4's examples (NIST, *Cryptographic Standards and Guidelines*) and others.
struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func `published messages have their digests`(text: String, digest: String) {
    #expect(SHA256.hash(data: text.utf8).hexadecimal == digest)
  }

  private func message(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 * 7 % 256) } }

  /// In Python: h = hashlib.sha256(); for n in range(301):
  /// h.update(hashlib.sha256(bytes(7 * i % 256 for i in range(n))).digest())
  @Test func `messages of every length up to 300 bytes have the digests of Python`() {
    var all = SHA256()
    for count in 0...300 { all.update(data: SHA256.hash(data: message(count))) }
    #expect(
      all.finalize().hexadecimal
        == "3b05b530351f50663ba5ac734c246d169eafec6b57c70dc6dc94cad39d04aad8")
  }

  @Test func `bytes that arrive in pieces have the digest of the whole`() {
    let whole = message(300)
    for first in 0...130 {
      var hash = SHA256()
      hash.update(data: whole[..<first])
      hash.update(data: whole[first..<first + 70])
      hash.update(data: whole[(first + 70)...])
      #expect(hash.finalize() == SHA256.hash(data: whole), "split after \(first) bytes")
    }
  }
}
