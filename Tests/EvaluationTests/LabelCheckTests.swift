import Shards
import Testing

@testable import Evaluation

/// Rows whose labels look wrong.
struct LabelCheckTests {
  private let shard = TokenShard(
    ShardHeader(task: "a", split: .train, classNames: ["no", "yes, sir", "maybe"]),
    elements: [1, 1, 1, 1], offsets: [0, 1, 2, 3, 4], labels: [0, 1, 2, 0], textIDs: [0, 1, 2, 3])

  @Test func `rows with a more probable class are listed, the highest score first`() {
    let check = LabelCheck(
      EvaluationTask(name: "a"), shard,
      probabilities: [0.2, 0.3, 0.5, 0.1, 0.8, 0.1, 0.9, 0.05, 0.05, 0, 0, 1],
      split: { $0 < 2 ? .train : .validation }, text: { "a \"text\", \($0)" })
    #expect(check.rows == 4)
    #expect(check.suspects.map(\.suggestion) == ["maybe", "no", "maybe"])
    #expect(zip(check.suspects, [1, 0.9 / 0.95, 0.5 / 0.7]).allSatisfy { close($0.score, $1) })
    #expect(
      LabelCheck.csv([check]) == """
        task,split,id,text,label,suggestion,score\r
        a,validation,,"a ""text"", 3",no,maybe,1.0000\r
        a,validation,,"a ""text"", 2",maybe,no,0.9474\r
        a,train,,"a ""text"", 0",no,maybe,0.7143\r

        """)
  }

  @Test func `no row is listed if its label is as probable as any other`() {
    let uniform = [Double](repeating: 1.0 / 3, count: 12)
    let check = LabelCheck(
      EvaluationTask(name: "a"), shard, probabilities: uniform, split: { _ in .train },
      text: { _ in "" })
    #expect(check.suspects.isEmpty)
  }
}
