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
    let needed = Double(copies * numbers * MemoryLayout<Float>.stride)
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard needed > memory else { return }
    let gigabytes = { (bytes: Double) in "\(Int((bytes / 1e9).rounded(.up))) GB" }
    throw Refusal(
      .usage, at: "--hidden \(hidden)",
      saw: "a network of \(numbers) numbers, which takes \(gigabytes(needed)) to train",
      expected: "no more than the \(gigabytes(memory)) of memory there are",
      advice: "take fewer hidden units")
  }
}
