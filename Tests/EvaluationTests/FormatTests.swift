import Foundation
import Support
import Testing

@testable import Evaluation

@Suite struct FormatTests {
  @Test(arguments: [
    (0.125, 2, "0.13"), (-0.125, 2, "-0.13"), (2.5, 0, "3"), (0, 1, "0.0"), (-0.04, 1, "0.0"),
    (1234.5, 1, "1234.5"), (0.05, 1, "0.1"), (.nan, 1, "–"), (.infinity, 1, "–"),
    (0.999, 2, "1.00"), (0.07, 3, "0.070"),
  ])
  func `a number has as many decimals as asked for`(_ row: (Double, Int, String)) {
    #expect(NumberFormat.fixed(row.0, row.1) == row.2)
  }

  @Test func `numbers are formatted for people`() {
    #expect(NumberFormat.percent(0.8126) == "81.3" && NumberFormat.percent(nil) == "–")
    #expect(NumberFormat.points(0.012) == "+1.2" && NumberFormat.points(-0.012) == "−1.2")
    #expect(NumberFormat.points(-0.0001) == "0.0")
    #expect(
      NumberFormat.grouped(25_000) == "25,000" && NumberFormat.grouped(-1_234_567) == "−1,234,567")
    #expect(NumberFormat.grouped(999) == "999" && NumberFormat.grouped(.min).hasPrefix("−9,223"))
    #expect(
      NumberFormat.probability(0.0004) == "< 0.001" && NumberFormat.probability(0.0213) == "0.021")
    #expect(NumberFormat.count(1, "seed") == "1 seed" && NumberFormat.count(5, "seed") == "5 seeds")
    #expect(
      [0.444, 3.44, 9.96, 59.4, 200, 3900, -1].map(NumberFormat.duration)
        == ["0.44 s", "3.4 s", "10 s", "59 s", "3 min 20 s", "1 h 05 min", "–"])
    #expect(
      [8_400_000, 312_000_000, 1_440_000_000].map(NumberFormat.bytes)
        == ["8.4 MB", "312 MB", "1.4 GB"])
  }

  @Test func `huge numbers are formatted`() {
    #expect(NumberFormat.fixed(1e300, 2) == "1e+300")
    #expect(NumberFormat.duration(1e300) == "–" && NumberFormat.duration(.nan) == "–")
  }

  @Test(arguments: [
    (0.0, 1.0, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
    (0.62, 0.853, 6, [0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9]),
    (0, 1.13, 5, [0, 0.5, 1, 1.5]), (3, 290, 6, [0, 50, 100, 150, 200, 250, 300]),
    (-0.3, 0.2, 5, [-0.3, -0.2, -0.1, 0, 0.1, 0.2]),
    (0.5, 0.5, 5, [0.47, 0.48, 0.49, 0.5, 0.51, 0.52, 0.53]),
  ])
  func `ticks are round and cover the range`(_ row: (Double, Double, Int, [Double])) {
    let axis = Axis(row.0...row.1, about: row.2)
    #expect(axis.ticks == row.3)
    #expect(axis.low <= row.0 && axis.high >= row.1)
  }

  @Test func `ticks of epochs are whole`() {
    #expect(Axis(1...3, about: 7, whole: true).ticks == [1, 2, 3])
    #expect(Axis(1...1, about: 7, whole: true).ticks == [1, 2])
    #expect(Axis(0...30, about: 7, whole: true).ticks == [0, 5, 10, 15, 20, 25, 30])
  }

  @Test(arguments: [
    0.0...0.0, 0...Double.leastNonzeroMagnitude, 1e-300...1e-299, -1e300...1e300,
    1e12...(1e12 + 1e-3), 5...5,
    -2...(-2),
  ])
  func `any finite range has an axis`(_ range: ClosedRange<Double>) {
    for whole in [false, true] {
      let axis = Axis(range, whole: whole)
      #expect(axis.ticks.count >= 2 && axis.ticks.count < 30 && axis.high > axis.low)
      #expect(axis.fraction(range.lowerBound).isFinite)
    }
  }

  @Test func `tick labels have only the decimals they need`() {
    let axis = Axis(0.62...0.853, about: 6)
    #expect(axis.ticks.map { axis.label($0) }.first == "0.60")
    #expect(axis.ticks.map { axis.label($0, percent: true) }.last == "90")
    let large = Axis(0...60_000, about: 6)
    #expect(large.ticks.map { large.label($0) }.prefix(3) == ["0", "10k", "20k"])
    let steep = Axis(0...9_999_999, about: 4)
    #expect(steep.ticks.map { steep.label($0) } == ["0", "5M", "10M"])
    let fine = Axis(10_000...10_003, about: 6)
    #expect(fine.ticks.map { fine.label($0) }[1] == "10.0005k")
    let whole = Axis(0...100, about: 5)
    #expect(whole.ticks.map { whole.label($0) } == ["0", "20", "40", "60", "80", "100"])
  }

  @Test func `JSON has sorted keys, escapes and rounded numbers`() throws {
    let value = JSON.object([
      "b": 1.0 / 3, "a": "\"\\\n\u{1}\u{2028}é", "é": JSON.null,
      "c": [JSON.integer(1), .number(.nan), .number(2)], "d": JSON.object([:]),
      "e": [[Int]()], "f": 0.125,
    ])
    #expect(
      value.text == """
        {
          "a": "\\"\\\\\\n\\u0001\\u2028é",
          "b": 0.333333,
          "c": [1, null, 2],
          "d": {},
          "e": [
            []
          ],
          "f": 0.125,
          "é": null
        }

        """)
    _ = try JSONSerialization.jsonObject(with: Data(value.text.utf8))
  }

  @Test func `text cannot become a tag or leave an attribute`() {
    let element = tag("p", ["title": "\"><script>", "class": nil]) { "<b>&'\u{0}\u{FFFE}" }
    #expect(
      element.source
        == "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;&amp;&#39;\\u{0}\\u{fffe}</p>")
  }

  @Test func `text cannot break a Markdown table`() {
    #expect(Markdown.escaped("a|b\n<i>*c*</i>") == "a\\|b &lt;i&gt;\\*c\\*&lt;/i&gt;")
  }

  @Test func `a long name loses its middle, since names often differ at their ends`() {
    #expect(SVG.fitted("short", 100) == "short")
    let cut = SVG.fitted("a very long name of a class", 60)
    #expect(cut == "a ve…ss" && SVG.width(of: cut) <= 60)
    #expect(SVG.fitted("class 1", 0) == "…")
  }

  @Test func `slugs are valid in file names and anchors`() {
    #expect(slug(["EI-reg", "official + dev", ""]) == "ei-reg-official-dev")
    #expect(slug(["Größe/../x"]) == "gr-e-x")
  }
}
