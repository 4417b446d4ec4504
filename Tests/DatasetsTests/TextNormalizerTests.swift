import Support
import Testing

@testable import Datasets

struct TextNormalizerTests {
  private func clean(_ bytes: [UInt8]) -> String {
    String(decoding: normalizeText(bytes), as: UTF8.self)
  }
  private func clean(_ text: String) -> String { clean(Array(text.utf8)) }

  @Test func `white space of all kinds becomes single spaces`() {
    #expect(clean(" a\t\tb\u{A0}\u{3000}c\r\nd\u{2028}e\u{0} ") == "a b c d e")
    #expect(clean(" \n ") == "")
  }

  @Test func `C1 controls become what cp1252 meant`() {
    #expect(clean("it\u{92}s\u{85} \u{96}x\u{81}y") == "it’s… –x y")
  }

  @Test func `a byte order mark inside a text vanishes`() {
    #expect(clean("a\u{FEFF}b") == "ab")
  }

  @Test(
    arguments: [
      ([0x61, 0xFF, 0x62], "a\u{FFFD}b"), ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"),
      ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
      ([0xE2, 0x82, 0x61], "\u{FFFD}a"), ([0xF5, 0x80], "\u{FFFD}\u{FFFD}"),
      ([0xEF, 0xBF, 0xBF], "\u{FFFD}"), ([0xF0, 0x9F, 0x98, 0x8A], "😊"),
    ] as [([UInt8], String)])
  func `bytes that are not UTF-8 are replaced as Swift and Unicode do`(
    bytes: [UInt8], expected: String
  ) {
    #expect(clean(bytes) == expected)
    if bytes != [0xEF, 0xBF, 0xBF] { #expect(String(decoding: bytes, as: UTF8.self) == expected) }
  }

  @Test func `composed and decomposed letters stay different bytes`() {
    #expect(normalizeText(Array("e\u{301}".utf8)) != normalizeText(Array("é".utf8)))
  }
}

struct HTMLTextTests {
  private func text(_ html: String) throws -> String {
    let convert = try #require(HTMLText())
    return String(decoding: convert(Array(html.utf8)), as: UTF8.self)
  }

  @Test(arguments: [
    ("One.<br /><br />Two.", "One. Two."), ("a<i>b</i>c", "abc"), ("<p>a</p><p>b", "a b"),
    ("an <i>old</i> <b>film</b> here", "an old film here"), ("x<br>y<BR/>z", "x y z"),
    ("R&amp;B &lt;3 caf&eacute; &#233; &#x1F600;", "R&B <3 café é 😀"),
    ("Q & A, AT&T", "Q & A, AT&T"), ("I <3 it", "I <3 it"), ("a < b and c > d", "a < b and c > d"),
    ("<3", "<3"), ("1<2<3", "1<2<3"), ("so bad <sigh> really", "so bad <sigh> really"),
    ("a <b", "a <b"), ("<!-- not a comment", "<!-- not a comment"), ("a<!-- gone -->b", "ab"),
    ("<script>alert('x')</script>y", "y"), ("<style>p{}</style>z", "z"),
    ("it&#146;s\u{85}", "it’s…"), ("tab\tand\nline", "tab and line"), ("", ""), ("<br />", ""),
    (
      "<meta charset=utf-16>é<meta http-equiv=content-type content='text/html; charset=koi8-r'>ü",
      "é ü"
    ),
    ("a</div>b</b>c", "abc"), ("<?php echo 1 ?>x", "<?php echo 1 ?>x"),
    ("<a href=\"http://x.example/?a=1&b=2\">link</a>", "link"), ("<img src='file:///x'>y", "y"),
    ("日本<br />語", "日本 語"), ("&amp;lt;", "&lt;"),
  ])
  func `markup becomes text`(html: String, expected: String) throws {
    #expect(try text(html) == expected)
  }

  @Test func `bytes that are not UTF-8 do not change the rest`() throws {
    let convert = try #require(HTMLText())
    let bytes = Array("caf\u{E9}é <b>".utf8) + [0xFF] + Array("</b> end".utf8)
    #expect(String(decoding: convert(bytes), as: UTF8.self) == "caféé \u{FFFD} end")
  }

  @Test func `a hundred thousand open elements are no trouble`() throws {
    let html = String(repeating: "<b><div>", count: 50_000) + "x"
    #expect(try text(html) == "x")
    #expect(try text(String(repeating: "<", count: 100_000)).utf8.count == 100_000)
    #expect(try text(String(repeating: "<!--", count: 100_000)).utf8.count == 400_000)
  }

  @Test func `a converter can be used again`() throws {
    let convert = try #require(HTMLText())
    let first = convert(Array("<p>one <b>".utf8))
    _ = convert(Array("<<<&&&".utf8))
    #expect(convert(Array("<p>one <b>".utf8)) == first)
  }
}

struct TweetTextTests {
  private func text(_ field: String) -> String {
    Array(field.utf8).withUnsafeBytes { String(decoding: tweetText($0), as: UTF8.self) }
  }

  @Test(arguments: [
    ("a &amp; b", "a & b"), ("&amp;lt;3", "&lt;3"), ("I &lt;3 u &gt; me", "I <3 u > me"),
    ("&quot;hi&quot; it&#39;s &#x27;ok&#x27;", "\"hi\" it's 'ok'"),
    ("<3 <b>not bold</b>", "<3 <b>not bold</b>"),
    ("&bogus; &#; &#xZZ; &#+39; & &", "&bogus; &#; &#xZZ; &#+39; & &"), ("one\\ntwo", "one two"),
    ("it\u{92}s\u{A0}ok\u{FEFF}", "it’s ok"), ("&#1114112;", "&#1114112;"), ("&amp", "&amp"),
  ])
  func `references are resolved once and nothing is parsed as HTML`(field: String, expected: String)
  {
    #expect(text(field) == expected)
  }

  @Test(arguments: [
    ("I am SO angry!!! #rage", "i am so angry"), ("so funny @bob1 http://t.co/x", "So funny"),
    ("wait... what?", "wait what"), ("not#fair", "not"), ("don’t", "dont"),
  ])
  func `near twins share a key`(left: String, right: String) {
    #expect(nearDuplicateKey(Array(left.utf8)) == nearDuplicateKey(Array(right.utf8)))
  }

  @Test(arguments: [("good 😊", "good 😡"), ("#joy", "#rage"), ("was 5", "was 6")])
  func `other texts do not`(left: String, right: String) {
    #expect(nearDuplicateKey(Array(left.utf8)) != nearDuplicateKey(Array(right.utf8)))
  }
}

struct ShareTests {
  @Test func `a half is a half however it is written`() {
    #expect(Double(share: "0.500") == 0.5 && SplitSize("50.00%") == .fraction(0.5))
    #expect(Double(share: "0.499999999999").map { $0 < 0.5 } == true)
    #expect(SplitSize("33.3%") == SplitSize("0.333"))
  }

  @Test(arguments: [
    "", ".", "nan", "NaN", "inf", "0,5", "1e400", "5e-1", "0x1", "-0.5", "+0.5", " 0.5", "1.001",
    ".5", "0.", "00.5", "2", "0.5.0", "0.1234567890123", "NONE",
  ])
  func `what is no share from 0 to 1 is none`(text: String) {
    #expect(Double(share: text) == nil)
  }
}
