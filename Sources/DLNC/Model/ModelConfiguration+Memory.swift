import Foundation
import Support

extension ModelConfiguration {
  /// Refuses a network that this machine cannot hold: asking for the memory would end the program
  /// without a word.
  /// - Parameters:
  ///   - vectors: how many numbers the word vectors are.
  ///   - averages: whether their average is kept.
  /// - Throws: ``UserError`` of kind `usage`.
  func checkMemory(vectors: Int, averages: Bool) throws {
    // Values, the best values, gradients, the two moments of Adam, and averages.
    let copies = averages ? 6 : 5
    let numbers = ParameterLayout(self).size + vectors
    let needed = copies * numbers * MemoryLayout<Float>.stride
    let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard needed > memory else { return }
    throw UserError(
      .usage, at: "--hidden \(hidden)",
      problem: "a network of \(NumberFormat.grouped(numbers)) numbers, which takes "
        + "\(NumberFormat.bytes(needed)) to train",
      expected: "no more than the memory there is, \(NumberFormat.bytes(memory))",
      hint: "take fewer hidden units")
  }
}
