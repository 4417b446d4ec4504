import Support

extension Log {
  /// Shows how much of a file has been read, how fast that goes, and how long it will still take.
  public func reading(_ path: String) -> @Sendable (_ done: Int64, _ size: Int64) -> Void {
    let start = ContinuousClock.now
    return { done, size in
      status(
        "\(path): "
          + readingLine(done, of: size, after: (ContinuousClock.now - start) / .seconds(1)))
    }
  }
}

/// How far reading has come, as a line of progress.
func readingLine(_ done: Int64, of size: Int64, after seconds: Double) -> String {
  let share = min(1, Double(max(0, done)) / Double(max(1, size)))
  let rate = Double(done) / max(seconds, 1e-3)
  let left = rate > 0 ? Double(max(0, size - done)) / rate : .infinity
  return "\(NumberFormat.percent(share, 0)) % of \(NumberFormat.bytes(Int(size))) read, "
    + "\(NumberFormat.duration(left)) left, \(NumberFormat.fixed(rate / 1e6, 1)) MB/s"
}
