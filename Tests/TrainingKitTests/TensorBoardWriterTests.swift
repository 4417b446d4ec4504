import Foundation
@testable import DLNC
import Testing

@testable import TrainingKit

struct TensorBoardWriterTests {
  /// RFC 3720, appendix B.4, and the check value of the catalogue of checksums.
  @Test func `the checksum is CRC-32C`() {
    #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum(0..<32) == 0x46DD_794E)
    #expect(CRC32C.checksum([]) == 0)
  }

  @Test func `a number is one record, byte for byte`() {
    var file = TensorBoardWriter()
    let start = file.bytes.count
    file.append(step: 300, [(tag: "loss/a", value: 0.5)])
    let record: [UInt8] =
      [0x09, 0, 0, 0, 0, 0, 0xC0, 0x72, 0x40]  // wall_time: 300.0
      + [0x10, 0xAC, 0x02]  // step: 300 in two groups of seven bits
      + [0x2A, 15, 0x0A, 13, 0x0A, 6] + Array("loss/a".utf8)  // summary, value, tag
      + [0x15, 0, 0, 0, 0x3F]  // simple_value: 0.5
    let bytes = Array(file.bytes[start...])
    #expect(bytes.count == 8 + 4 + record.count + 4)
    #expect(Array(bytes[..<8]) == [UInt8(record.count), 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(bytes[12..<12 + record.count]) == record)
    let sums = [(bytes[..<8], bytes[8..<12]), (record[...], bytes[(12 + record.count)...])]
    for (data, sum) in sums {
      let masked = CRC32C.masked(data)
      #expect(Array(sum) == (0..<4).map { UInt8(truncatingIfNeeded: masked >> (8 * $0)) })
    }
  }

  /// The first twelve bytes of every event file that TensorFlow writes: a length of 24.
  @Test func `a checksum is masked as TensorFlow masks it`() {
    #expect(CRC32C.masked([24, 0, 0, 0, 0, 0, 0, 0]) == 0x224B_7FA3)
  }

  @Test func `a task without validation rows has one file`() throws {
    var curve = LearningCurve(stage: "train")
    #expect(curve.tensorBoardFiles.map(\.name) == ["tensorboard/train/events.out.tfevents.0"])
    #expect(try curve.jsonLines().isEmpty)
    curve.points = [point("a", validation: nil)]
    #expect(curve.tensorBoardFiles.count == 1)
    #expect(
      try curve.jsonLines() == #"{"epoch":1,"task":"a","trainAccuracy":0.5,"trainLoss":0.25}"#
        + "\n")
    curve.points.append(point("b", validation: 0.75))
    #expect(curve.tensorBoardFiles.count == 2)
  }

  private func point(_ task: String, validation: Double?) -> LearningCurve.Point {
    var point = LearningCurve.Point(epoch: 1, task: task, trainLoss: 0.25, trainAccuracy: 0.5)
    (point.validationLoss, point.validationAccuracy) = (validation, validation)
    return point
  }
}
