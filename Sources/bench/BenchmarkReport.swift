import COpenBLAS
import Datasets
import Foundation
import DLNC

/// All that a run of the benchmark found, and on what machine.
struct BenchmarkReport: Codable {
  var machine = MachineInfo()
  var peaks: [PeakFLOPS] = []
  var figures: [Measurement] = []
  /// Name and version of each peer that took part.
  var peers: [String: String] = [:]
  /// What did not take part, and why.
  var leftOut: [String] = []

  /// As JSON.
  /// - Throws: nothing in practice.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// As a table for the eye.
  var text: String {
    let peaks = self.peaks.map {
      "peak, \($0.threads) threads: OpenBLAS \(number($0.openBLAS)), ours \(number($0.ours)) GFLOP/s"
    }
    let head = [
      "work", "batch", "threads", "ours", "floor", "memory", "peer", "ratio", "least", "most",
    ]
    let rows = figures.flatMap { figure -> [[String]] in
      let first = [
        figure.work, figure.batch.map { "\($0)" } ?? "", "\(figure.threads)",
        shown(figure.speed, figure.unit), figure.shareOfFloor.map { number($0, 2) } ?? "",
        figure.peakBytes.map { "\($0 >> 20) MB" } ?? "",
      ]
      let rivals = figure.rivals.map { rival in
        [
          "\(rival.name) \(shown(SampleSummary(rival.speeds).median, figure.unit))",
          number(rival.ratio.median, 2), number(rival.ratio.least, 2), number(rival.ratio.most, 2),
        ]
      }
      let blank = first.map { _ in "" }
      return rivals.isEmpty
        ? [first + ["", "", "", ""]]
        : rivals.enumerated().map { ($0 == 0 ? first : blank) + $1 }
    }
    let absent = (leftOut + figures.flatMap(\.failed)).map { "left out: \($0)" }
    return (machine.lines + peaks + aligned([head] + rows) + absent).joined(separator: "\n")
  }

  private func shown(_ speed: Double, _ unit: Measurement.Unit) -> String {
    unit == .runs ? "\(number(1 / speed, 2)) s" : "\(number(speed)) \(unit.rawValue)"
  }
}

/// What the figures were measured on.
struct MachineInfo: Codable {
  var processor = Self.field("model name") ?? "unknown"
  var vendor = Self.field("vendor_id") ?? "unknown"
  var processors = ProcessInfo.processInfo.activeProcessorCount
  var system = ProcessInfo.processInfo.operatingSystemVersionString
  var vectorLevel = "\(SIMDLevel.current)"
  var build = Self.isDebug ? "debug" : "release"
  /// How many programs wanted a processor when the benchmark began; above 0.5, its figures tell of
  /// them, too.
  var load = Self.loadAverage
  var libraries = Dictionary(
    uniqueKeysWithValues: LibraryVersion.all.map { ($0.name, $0.version) }
      + [("OpenBLAS", Self.openBLAS)])

  var lines: [String] {
    [
      "\(processor), \(processors) processors, vectors: \(vectorLevel), \(build) build, "
        + "load \(number(load, 1))",
      libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "; "),
    ]
  }

  private static func field(_ name: String) -> String? {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first { $0.hasPrefix(name) }?
      .split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
  }

  /// Version and build, and the processor whose kernels it has chosen.
  private static var openBLAS: String {
    let build = openblas_get_config().map { String(cString: $0) } ?? "unknown"
    return build + (openblas_get_corename().map { ", kernels for \(String(cString: $0))" } ?? "")
  }

  private static var loadAverage: Double {
    var loads = [0.0]
    return getloadavg(&loads, 1) == 1 ? loads[0] : .nan
  }

  private static var isDebug: Bool {
    #if DEBUG
      true
    #else
      false
    #endif
  }
}

/// A number with so many decimals and a comma for each thousand.
func number(_ value: Double, _ decimals: Int = 0) -> String {
  let text = String(format: "%.\(decimals)f", value)
  let whole = text.prefix { $0 != "." }
  guard whole.allSatisfy(\.isNumber) else { return text }
  let grouped = whole.enumerated().map { index, digit in
    (index > 0 && (whole.count - index) % 3 == 0 ? "," : "") + String(digit)
  }
  return grouped.joined() + text.dropFirst(whole.count)
}

/// Rows as lines whose columns are as wide as their widest cell.
private func aligned(_ rows: [[String]]) -> [String] {
  let widths = (rows.first ?? []).indices.map { column in
    rows.map { $0[column].count }.max() ?? 0
  }
  return rows.map { row in
    var line = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
      .joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
