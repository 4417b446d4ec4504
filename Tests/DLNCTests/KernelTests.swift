import Foundation
import Kernels
import Support
import Testing

@testable import DLNC

/// The vectorised functions, and the random masks.
struct KernelTests {
  @Test func `sigmoid and tanh are exact to a few units in the last place`() {
    // A cell with a single unit computes both: h = sigmoid(o) * tanh(c), c = sigmoid(i) * tanh(g).
    for step in -400...400 {
      let x = Float(step) / 20
      var z: [Float] = [0, 40, 40, x]
      var gates = [Float](repeating: 0, count: 4)
      var (c, hat, h): (Float, Float, Float) = (0, 0, 0)
      var scale = [Float](repeating: 0, count: 5)
      let before: [Float] = [0]
      let shift: [Float] = [0, 0, 0, 0]
      shift.withUnsafeBufferPointer { shift in
        var parts = cell_params(
          hidden: 1, groups: 0, cell_tanh: 0, epsilon: 0, gain_h: nil, shift_h: shift.baseAddress,
          gain_c: nil, shift_c: nil)
        Float.kernels.cellForward(&parts, 1, &z, nil, nil, before, &gates, &c, &hat, &scale, &h)
      }
      let expected = tanh(Double(x))
      #expect(abs(Double(gates[3]) - expected) <= 3e-7 * abs(expected), "tanh(\(x))")
      #expect(gates[0] == 0.5)
    }
  }

  @Test(arguments: [0.0, 0.1, 0.3, 0.5, 0.9])
  func `masks keep the fraction that the rate specifies`(rate: Double) {
    let dropout = RandomDropout(key: PRNGKey(seed: 1), perSequence: false)
    let keep = AlignedBuffer<UInt8>(1001, filledWith: 0)
    var kept = 0
    for row in 0..<200 {
      dropout.fill(keep.start, count: 1001, site: .recurrent, row: row, step: row % 7, rate: rate)
      kept += keep.array.reduce(0) { $0 + Int($1) }
    }
    // Five standard deviations of a binomial count.
    let n = 200_200.0
    #expect(abs(Double(kept) - n * (1 - rate)) <= 5 * (n * rate * (1 - rate)).squareRoot() + 4)
  }

  @Test(arguments: [0, 1, 19_660, 65_535, 65_536] as [UInt32])
  func `one random number decides four units, whatever the length`(threshold: UInt32) {
    let (key, golden): (UInt64, UInt64) = (0x1234_5678_9abc_def0, 0x9e37_79b9_7f4a_7c15)
    for count in 0...131 {
      let expected = (0..<count).map { unit -> UInt8 in
        let number = splitmix64_mix(key &+ golden &* UInt64(unit / 4 + 1))
        return UInt32(number >> UInt64(unit % 4 * 16) & 0xffff) >= threshold ? 1 : 0
      }
      for kernels in SIMDLevelTests.levels.compactMap({ KernelTable<Float>($0) }) {
        let keep = AlignedBuffer<UInt8>(count + 1, filledWith: 7)
        kernels.dropoutMask(key, Int32(count), threshold, keep.start)
        #expect(keep.array == expected + [7], "\(count) units")
      }
    }
  }

  @Test func `each row, step and site has its own mask, unless a sequence shares one`() {
    func mask(_ site: DropoutSite, _ row: Int, _ step: Int, perSequence: Bool) -> [UInt8] {
      let keep = AlignedBuffer<UInt8>(64, filledWith: 0)
      RandomDropout(key: PRNGKey(seed: 1), perSequence: perSequence)
        .fill(keep.start, count: 64, site: site, row: row, step: step, rate: 0.5)
      return keep.array
    }
    let base = mask(.recurrent, 3, 4, perSequence: false)
    #expect(base == mask(.recurrent, 3, 4, perSequence: false))
    #expect(base != mask(.recurrent, 3, 5, perSequence: false))
    #expect(base != mask(.recurrent, 4, 4, perSequence: false))
    #expect(base != mask(.head, 3, 4, perSequence: false))
    #expect(mask(.recurrent, 3, 4, perSequence: true) == mask(.recurrent, 3, 5, perSequence: true))
  }

  @Test func `each number below a bound is equally likely`() {
    var stream = SplitMix64(PRNGKey(seed: 2))
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.below(7)] += 1 }
    for count in counts { #expect(abs(count - 10_000) < 5 * 93) }
  }
}

/// One binary serves all processors: all SIMD levels must compute the same.
struct SIMDLevelTests {
  static let levels = [SIMDLevel.avx512bf16, .avx512, .avx2, .scalar].filter {
    KernelTable<Float>($0) != nil
  }

  @Test func `this processor has at least the scalar level`() {
    #expect(Self.levels.contains(.scalar))
  }

  @Test func `a level is selected by its number, the highest one by default`() throws {
    #expect(SIMDLevel.available == Self.levels.reversed())
    #expect(try SIMDLevel.select(nil) == SIMDLevel.available.last)
    for level in SIMDLevel.available {
      #expect(try SIMDLevel.select("\(level.rawValue)") == level)
    }
    for wrong in ["", "4", "-1", "scalar", "00"] {
      let error = #expect(throws: UserError.self) { try SIMDLevel.select(wrong) }
      #expect(error?.exitStatus == .usage)
      #expect(error?.description.contains("KERNEL_LEVEL: “\(wrong)”") == true)
    }
  }

  @Test(arguments: levels)
  func `packing a matrix and its transpose gives the same result`(level: SIMDLevel) throws {
    let kernels = try #require(KernelTable<Float>(level))
    for (k, n) in [(1, 1), (16, 32), (33, 70), (100, 1024), (256, 40)] {
      let b = noise(k * n, seed: 3).map { Float($0) }
      let transposed = (0..<n * k).map { b[$0 % k * n + $0 / k] }
      let panels = (n + Int(MAX_NR) - 1) / Int(MAX_NR)
      var packed = [Float](repeating: .infinity, count: panels * k * Int(MAX_NR))
      var other = packed
      kernels.products.pack(Int32(k), Int32(n), b, Int64(n), 1, &packed)
      kernels.products.pack(Int32(k), Int32(n), transposed, 1, Int64(k), &other)
      #expect(packed == other)
    }
  }

  @Test(arguments: levels)
  func `the loss among candidates leaves out the target`(level: SIMDLevel) throws {
    let kernels = try #require(KernelTable<Float>(level))
    let (rows, n, targets) = (3, 32, [5, -9, 31] as [Int32])
    let logits = noise(rows * n, seed: 1).map { Float(20 * $0) }
    let offset = noise(n, seed: 2).map { Float($0) }
    let others = noise(rows, seed: 3).map { Float(20 * $0) }
    var (found, target, correct) = (logits, others, Int32(0))
    let loss = kernels.sampledSoftmax(
      Int32(rows), Int32(n), Array(0..<Int32(n)), offset, targets, 0.5, &found, &target, &correct)
    var (expected, expectedCorrect) = (0.0, 0)
    for row in 0..<rows {
      let candidates = (0..<n).map { k in
        k == targets[row] ? 0 : exp(Double(logits[row * n + k] + offset[k]))
      }
      let own = exp(Double(others[row]))
      let sum = candidates.reduce(own, +)
      expected -= log(own / sum)
      expectedCorrect += own >= candidates.max() ?? 0 ? 1 : 0
      #expect(abs(Double(target[row]) - 0.5 * (own / sum - 1)) < 1e-6)
      for k in 0..<n {
        #expect(abs(Double(found[row * n + k]) - 0.5 * candidates[k] / sum) < 1e-6)
      }
    }
    #expect(abs(loss - expected) < 1e-5 * expected && correct == expectedCorrect)
  }

  @Test(arguments: levels)
  func `dot products and scaled sums are correct at every length`(level: SIMDLevel) throws {
    let kernels = try #require(KernelTable<Float>(level))
    for n in [0, 1, 15, 16, 17, 100] {
      let (x, y) = (noise(n, seed: 1).map { Float($0) }, noise(n, seed: 2).map { Float($0) })
      let expected = zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(Double(kernels.dot(Int64(n), x, y)) - expected) < 1e-5)
      var sum = x
      kernels.addScaled(Int64(n), 0.5, y, &sum)
      #expect(zip(sum, zip(x, y)).allSatisfy { abs($0 - ($1.0 + 0.5 * $1.1)) < 1e-6 })
    }
  }

  @Test(arguments: levels)
  func `the product with packed weights is correct`(level: SIMDLevel) throws {
    let kernels = try #require(KernelTable<Float>(level))
    for (m, n, k) in [(1, 1, 1), (3, 31, 7), (7, 32, 16), (16, 100, 33), (25, 129, 64)] {
      let a = noise(m * k, seed: 1).map { Float($0) }
      let b = noise(k * n, seed: 2).map { Float($0) }
      let panels = (n + Int(MAX_NR) - 1) / Int(MAX_NR)
      var packed = [Float](repeating: .nan, count: panels * k * Int(MAX_NR))
      var c = [Float](repeating: .nan, count: m * n)
      kernels.products.pack(Int32(k), Int32(n), b, Int64(n), 1, &packed)
      kernels.products.multiply(Int32(m), Int32(n), Int32(k), a, packed, &c)
      for row in 0..<m {
        for column in 0..<n {
          let expected = (0..<k).reduce(0.0) {
            $0 + Double(a[row * k + $1]) * Double(b[$1 * n + column])
          }
          #expect(abs(Double(c[row * n + column]) - expected) < 1e-5)
        }
      }
    }
  }

  @Test(arguments: levels)
  func `a row's product does not depend on other rows`(level: SIMDLevel) throws {
    let kernels = try #require(KernelTable<Float>(level))
    let (n, k) = (70, 40)
    let b = noise(k * n, seed: 2).map { Float($0) }
    var packed = [Float](repeating: 0, count: 3 * k * Int(MAX_NR))
    kernels.products.pack(Int32(k), Int32(n), b, Int64(n), 1, &packed)
    let a = noise(29 * k, seed: 1).map { Float($0) }
    func product(_ rows: Range<Int>) -> [Float] {
      var c = [Float](repeating: 0, count: rows.count * n)
      let part = Array(a[rows.lowerBound * k..<rows.upperBound * k])
      kernels.products.multiply(Int32(rows.count), Int32(n), Int32(k), part, packed, &c)
      return c
    }
    let whole = product(0..<29)
    for rows in [0..<1, 3..<16, 5..<29] {
      #expect(product(rows) == Array(whole[rows.lowerBound * n..<rows.upperBound * n]))
    }
  }

  /// AᵀB accumulated into C, for sizes at and between all block boundaries.
  private func accumulateAtB(_ kernels: KernelTable<Float>, _ m: Int, _ n: Int, _ k: Int) -> [Float]
  {
    let (a, b) = (noise(k * m, seed: 3).map { Float($0) }, noise(k * n, seed: 4).map { Float($0) })
    var c = noise(m * n, seed: 5).map { Float($0) }
    kernels.products.accumulateAtB(Int32(m), Int32(n), Int32(k), a, b, &c)
    return c
  }

  static let sizes = [
    [1, 1, 1], [3, 31, 130], [12, 32, 128], [150, 33, 129], [29, 290, 257], [145, 260, 7],
  ]

  @Test(arguments: levels, sizes)
  func `AᵀB is added correctly`(level: SIMDLevel, size: [Int]) throws {
    let kernels = try #require(KernelTable<Float>(level))
    let (m, n, k) = (size[0], size[1], size[2])
    let c = accumulateAtB(kernels, m, n, k)
    let (a, b) = (noise(k * m, seed: 3).map { Float($0) }, noise(k * n, seed: 4).map { Float($0) })
    let before = noise(m * n, seed: 5).map { Float($0) }
    for row in 0..<m {
      for column in 0..<n {
        let expected = (0..<k).reduce(Double(before[row * n + column])) {
          $0 + Double(a[$1 * m + row]) * Double(b[$1 * n + column])
        }
        #expect(abs(Double(c[row * n + column]) - expected) < 2e-5)
      }
    }
  }

  @Test func `all levels with fused multiply-add give the same result`() {
    let fusing = [SIMDLevel.avx512bf16, .avx512, .avx2].compactMap { KernelTable<Float>($0) }
    let (m, n, k) = (19, 100, 77)
    let a = noise(m * k, seed: 1).map { Float($0) }
    let b = noise(k * n, seed: 2).map { Float($0) }
    let products = fusing.map { kernels in
      var packed = [Float](repeating: 0, count: (n + 31) / 32 * 32 * k)
      var c = [Float](repeating: 0, count: m * n)
      kernels.products.pack(Int32(k), Int32(n), b, Int64(n), 1, &packed)
      kernels.products.multiply(Int32(m), Int32(n), Int32(k), a, packed, &c)
      return c
    }
    #expect(products.allSatisfy { $0 == products.first })
    for size in Self.sizes {
      let gradients = fusing.map { accumulateAtB($0, size[0], size[1], size[2]) }
      #expect(gradients.allSatisfy { $0 == gradients.first })
    }
    for groups in [0, 1, 4] as [Int32] {
      let cells = fusing.map { runCell($0, groups: groups) }
      #expect(cells.allSatisfy { $0 == cells.first })
    }
  }

  @Test(arguments: levels)
  func `a cell computes the same on every level, except for rounding`(
    level: SIMDLevel
  ) throws {
    let plain = try #require(KernelTable<Float>(.scalar))
    let kernels = try #require(KernelTable<Float>(level))
    for groups in [0, 1, 4] as [Int32] {
      for (ours, theirs) in zip(runCell(kernels, groups: groups), runCell(plain, groups: groups)) {
        let worst = zip(ours, theirs).reduce(0) { max($0, abs($1.0 - $1.1) / (1 + abs($1.1))) }
        #expect(worst < 1e-5)
      }
    }
  }

  @Test(arguments: levels)
  func `pooling and averaging are correct on every level`(level: SIMDLevel) throws {
    let kernels = try #require(KernelTable<Float>(level))
    let (x, y) = (noise(77, seed: 1).map { Float($0) }, noise(77, seed: 2).map { Float($0) })
    var (scaled, interpolated, max, gradient) = (x, x, x, x)
    var argmax = [Int32](repeating: 0, count: 77)
    kernels.scale(77, 0.3, &scaled)
    kernels.lerp(77, 0.3, y, &interpolated)
    kernels.maxUpdate(77, 5, y, &max, &argmax)
    kernels.maxBackward(77, 5, argmax, y, &gradient)
    #expect(scaled == x.map { $0 * 0.3 })
    #expect(
      interpolated
        == zip(x, y).map {
          level != .scalar ? $0.addingProduct(0.3, $1 - $0) : $0 + 0.3 * ($1 - $0)
        })
    #expect(max == zip(x, y).map { Swift.max($0, $1) })
    #expect(argmax == zip(x, y).map { $1 > $0 ? 5 : 0 })
    #expect(gradient == zip(x, y).map { $1 > $0 ? $0 + $1 : $0 })
  }

  /// All results of a step of a cell with 37 units for 5 rows, forward and backward.
  private func runCell(_ kernels: KernelTable<Float>, groups: Int32) -> [[Float]] {
    let (h, rows) = (37, 5)
    let random = { (count: Int, seed: Int) in noise(count, seed: seed).map { 3 * Float($0) } }
    let (gainH, shiftH) = (random(4 * h, 1), random(4 * h, 2))
    let (gainC, shiftC) = (random(h, 3), random(h, 4))
    var z = random(rows * 4 * h, 5)
    let (input, before, dh) = (random(2 * 4 * h, 6), random(rows * h, 7), random(rows * h, 8))
    var dc = random(rows * h, 9)
    let inputRow: [Int32] = [0, 1, 1, 0, 1]
    var gates = [Float](repeating: 0, count: rows * 4 * h)
    var (c, hat, out) = (dc, dc, dc)
    var scale = [Float](repeating: 0, count: rows * 5)
    var dInput = [Float](repeating: 0, count: 2 * 4 * h)
    var slopes = [4 * h, 4 * h, h, h].map { [Float](repeating: 0, count: $0) }
    gainH.withUnsafeBufferPointer { gainH in
      shiftH.withUnsafeBufferPointer { shiftH in
        gainC.withUnsafeBufferPointer { gainC in
          shiftC.withUnsafeBufferPointer { shiftC in
            var parts = cell_params(
              hidden: Int32(h), groups: groups, cell_tanh: 0, epsilon: 1e-5,
              gain_h: gainH.baseAddress, shift_h: shiftH.baseAddress, gain_c: gainC.baseAddress,
              shift_c: shiftC.baseAddress)
            kernels.cellForward(
              &parts, Int32(rows), &z, input, inputRow, before, &gates, &c, &hat, &scale, &out)
            let pointers = slopes.indices.map { index in
              UnsafeMutablePointer<Float>.allocate(capacity: slopes[index].count)
            }
            for (pointer, slope) in zip(pointers, slopes) {
              pointer.initialize(repeating: 0, count: slope.count)
            }
            var gradient = cell_grads(
              gain_h: pointers[0], shift_h: pointers[1], gain_c: pointers[2], shift_c: pointers[3])
            kernels.cellBackward(
              &parts, &gradient, Int32(rows), &z, &gates, before, hat, scale, dh, &dc, &dInput,
              inputRow)
            for index in slopes.indices {
              slopes[index] = Array(
                UnsafeBufferPointer(start: pointers[index], count: slopes[index].count))
              pointers[index].deallocate()
            }
          }
        }
      }
    }
    return [z, c, hat, out, dc, dInput] + slopes
  }
}
