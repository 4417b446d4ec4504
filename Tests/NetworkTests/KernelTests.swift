import Foundation
import Kernels
import Testing

@testable import Network

/// The vector functions and the random masks that everything else rests on.
struct KernelTests {
  @Test func `sigmoid and tanh are exact to a few units in the last place`() {
    // A cell of one unit shows them: h = sigmoid(o) * tanh(c) with c = sigmoid(i) * tanh(g).
    for step in -400...400 {
      let x = Float(step) / 20
      var z: [Float] = [0, 40, 40, x]
      var gates = [Float](repeating: 0, count: 4)
      var (c, hat, h): (Float, Float, Float) = (0, 0, 0)
      var scale = [Float](repeating: 0, count: 5)
      let before: [Float] = [0]
      let shift: [Float] = [0, 0, 0, 0]
      shift.withUnsafeBufferPointer { shift in
        var parts = cell_parts(
          hidden: 1, groups: 0, squash: 0, epsilon: 0, gain_h: nil, shift_h: shift.baseAddress,
          gain_c: nil, shift_c: nil)
        Float.kernels.cellForward(&parts, 1, &z, nil, nil, before, &gates, &c, &hat, &scale, &h)
      }
      let expected = tanh(Double(x))
      #expect(abs(Double(gates[3]) - expected) <= 3e-7 * abs(expected), "tanh(\(x))")
      #expect(gates[0] == 0.5)
    }
  }

  @Test(arguments: [0.0, 0.1, 0.3, 0.5, 0.9])
  func `masks keep the share that the rate says`(rate: Double) {
    let dropout = RandomDropout(key: RandomKey(seed: 1), perSequence: false)
    let keep = Buffer<UInt8>(1001, filledWith: 0)
    var kept = 0
    for row in 0..<200 {
      dropout.fill(keep.start, count: 1001, site: .recurrent, row: row, step: row % 7, rate: rate)
      kept += keep.array.reduce(0) { $0 + Int($1) }
    }
    // Five standard deviations of a binomial count.
    let n = 200_200.0
    #expect(abs(Double(kept) - n * (1 - rate)) <= 5 * (n * rate * (1 - rate)).squareRoot() + 4)
  }

  @Test func `each row, step and site has its own mask, unless one serves the sequence`() {
    func mask(_ site: DropoutSite, _ row: Int, _ step: Int, perSequence: Bool) -> [UInt8] {
      let keep = Buffer<UInt8>(64, filledWith: 0)
      RandomDropout(key: RandomKey(seed: 1), perSequence: perSequence)
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

  @Test func `a number below a bound is each equally likely`() {
    var stream = RandomStream(RandomKey(seed: 2))
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.below(7)] += 1 }
    for count in counts { #expect(abs(count - 10_000) < 5 * 93) }
  }
}
