import Foundation
import Tensors

extension Configuration {
  /// Refuses a network that this machine cannot hold: asking for the memory would end the program
  /// without a word.
  /// - Parameter vectors: how many numbers the word vectors are.
  /// - Throws: ``Refusal`` of kind `usage`.
  func checkMemory(vectors: Int) throws {
    // Values, the best values, gradients and the two moments of Adam.
    let copies = 5
    let numbers = Layout(self).size + vectors
    let needed = copies * numbers * MemoryLayout<Float>.stride
    let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard needed > memory else { return }
    throw Refusal(
      .usage, at: "--hidden \(hidden)",
      saw: "a network of \(Numeral.grouped(numbers)) numbers, which takes "
        + "\(Numeral.bytes(needed)) to train",
      expected: "no more than the memory there is, \(Numeral.bytes(memory))",
      advice: "take fewer hidden units")
  }
}
