import Foundation
import Support

/// The number formats of the cells of a workbook: which numbers are dates.
struct CellFormats {
  /// Whether the cells of each style are dates or times.
  private var areDates: [Bool] = []
  /// Whether days are counted from 1904, as early versions for the Macintosh did.
  private let uses1904: Bool

  /// - Parameter content: `xl/styles.xml`; empty if there is none.
  /// - Throws: ``UserError`` with exit status `data`.
  init(_ content: [UInt8], uses1904: Bool, at location: String) throws {
    self.uses1904 = uses1904
    guard !content.isEmpty else { return }
    let reader = try XMLReader(content, at: location)
    var dateFormats = Self.builtIn
    var isInStyles = false
    while let event = try reader.next() {
      switch event {
      case .start("numFmt"):
        guard let id = reader.attribute("numFmtId").flatMap({ Int($0) }),
          let code = reader.attribute("formatCode")
        else { continue }
        if Self.isDate(code) { dateFormats.insert(id) } else { dateFormats.remove(id) }
      case .start("cellXfs"): isInStyles = true
      case .end("cellXfs"): isInStyles = false
      case .start("xf") where isInStyles:
        let id = reader.attribute("numFmtId").flatMap { Int($0) }
        areDates.append(id.map { dateFormats.contains($0) } ?? false)
      default: break
      }
    }
  }

  /// The formats without a code that are dates or times, also those of East Asian versions.
  private static let builtIn = Set([14...22, 27...36, 45...47, 50...58].joined())

  /// Whether a format has the letters of a date or time outside of quotes, escapes and brackets.
  static func isDate(_ code: String) -> Bool {
    let plain = code.replacing(/"[^"]*"|\\.|_.|\*./, with: "")
    if plain.contains(/\[(h+|m+|s+)\]/.ignoresCase()) { return true }
    return plain.replacing(/\[[^\]]*\]/, with: "").lowercased()
      .replacing("general", with: "").contains { "ymdhs".contains($0) }
  }

  /// A number as text: as it is written in the file, or a date or time as in ISO 8601.
  func text(of number: String, style: Int?) -> String {
    guard let style, areDates.indices.contains(style), areDates[style],
      let serial = Double(number), serial >= 0, serial < 2_958_466
    else { return number }
    // Rounded to whole seconds: times are fractions of a day.
    let seconds = Int((serial * 86400).rounded())
    let (day, time) = (seconds / 86400, seconds % 86400)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let clock = "\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))"
    guard day > 0 || uses1904 else { return clock }
    // Excel has a 29 February 1900, which is day 60; day 0 is then 30 or 31 December 1899.
    let epoch = uses1904 ? -24107 : day < 60 ? -25568 : -25569
    let date = Date(timeIntervalSince1970: Double(day + epoch) * 86400)
      .formatted(.iso8601.year().month().day())
    return time == 0 ? date : "\(date)T\(clock)"
  }
}
