import DLNC
import Datasets
import Foundation
import Support

/// All measurements of a run, and the machine they were made on.
struct BenchmarkReport: Codable {
  var machine = MachineInfo()
  var peaks: [PeakFLOPS] = []
  var measurements: [Measurement] = []
  /// Name and version of each peer that took part.
  var peers: [String: String] = [:]
  /// Missing programs and libraries, with the reasons.
  var unavailable: [String] = []

  /// The report as a table.
  var text: String {
    let peaks = self.peaks.map { peak in
      "peak, \(peak.threads) threads: "
        + (peak.openBLAS.map { "OpenBLAS \(formatted($0)), " } ?? "")
        + "ours \(formatted(peak.ours)), in bfloat16 \(formatted(peak.bf16)), in 8 bits "
        + "\(formatted(peak.int8)) GFLOP/s"
    }
    let head = [
      "work", "batch", "threads", "ours", "roofline", "memory", "peer", "ratio", "min", "max",
    ]
    let missing = (unavailable + measurements.flatMap(\.failures)).map { "not available: \($0)" }
    let table = TextTable.text([head] + measurements.flatMap(\.rows))
    return (machine.lines + peaks + [table] + missing).joined(separator: "\n")
  }
}

extension Measurement {
  /// The rows of the table: one for each competitor, or a single one without competitors.
  fileprivate var rows: [[String]] {
    let isPlain = precision == nil || precision == .float32
    let name = isPlain ? work : "\(work) \(precision?.rawValue ?? "")"
    let ours = [
      name, batch.map { "\($0)" } ?? "", "\(threads)",
      speedText(medianSpeed),
      rooflineFraction.map { formatted($0, 2) } ?? "", peakBytes.map { "\($0 >> 20) MB" } ?? "",
    ]
    guard !competitors.isEmpty else { return [ours] }
    return competitors.enumerated().map { index, competitor in
      (index == 0 ? ours : ours.map { _ in "" }) + [
        "\(competitor.name) \(speedText(SampleSummary(competitor.speeds).median))",
        formatted(competitor.ratio.median, 2), formatted(competitor.ratio.min, 2),
        formatted(competitor.ratio.max, 2),
      ]
    }
  }

  private func speedText(_ speed: Double) -> String {
    switch unit {
    case .runs: "\(formatted(1 / speed, 2)) s"
    case .calls: "\(formatted(1000 / speed, 3)) ms"
    case .tokens, .megabytes: "\(formatted(speed)) \(unit.rawValue)"
    }
  }
}

/// A number with `digits` decimals; a whole number has commas between thousands.
private func formatted(_ value: Double, _ digits: Int = 0) -> String {
  digits == 0 && abs(value) < 1e15
    ? NumberFormat.grouped(Int(value.rounded())) : NumberFormat.fixed(value, digits)
}

/// The machine, the build and the libraries of a run.
struct MachineInfo: Codable {
  var processor = Self.cpuInfo("model name") ?? "unknown"
  var vendor = Self.cpuInfo("vendor_id") ?? "unknown"
  var processors = ProcessInfo.processInfo.activeProcessorCount
  var system = ProcessInfo.processInfo.operatingSystemVersionString
  var simdLevel = "\(SIMDLevel.current)"
  var build = Self.isDebug ? "debug" : "release"
  /// The load average when the benchmark began; above 0.5, other programs disturb the results.
  var load = Self.loadAverage
  var libraries = Dictionary(
    uniqueKeysWithValues: LibraryVersion.all.map { ($0.name, $0.version) }
      + (OpenBLAS.shared.map { [("OpenBLAS", $0.version)] } ?? []))

  var lines: [String] {
    [
      "\(processor), \(processors) processors, SIMD: \(simdLevel), \(build) build, "
        + "load \(NumberFormat.fixed(load, 1))",
      libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "; "),
    ]
  }

  private static func cpuInfo(_ name: String) -> String? {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first { $0.hasPrefix(name) }?
      .split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
  }

  private static var loadAverage: Double? {
    var loads = [0.0]
    return getloadavg(&loads, 1) == 1 ? loads[0] : nil
  }

  private static var isDebug: Bool {
    #if DEBUG
      true
    #else
      false
    #endif
  }
}
