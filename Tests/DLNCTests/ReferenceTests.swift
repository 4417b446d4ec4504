import Safetensors
import Shards
import Testing

@testable import DLNC
@testable import Training

/// The network against PyTorch in double precision, in every variation.
struct ReferenceTests {
  @Test(arguments: Reference.small + ["full"], [1, 2])
  func `in double precision the network is PyTorch's`(name: String, microBatches: Int) throws {
    try compare(Reference(name), microBatches: microBatches, tolerance: 1e-7, as: Double.self)
  }

  @Test(arguments: Reference.small + ["full"], [1, 2])
  func `in single precision it differs by rounding alone`(name: String, microBatches: Int) throws {
    try compare(Reference(name), microBatches: microBatches, tolerance: 1e-4, as: Float.self)
  }

  @Test(arguments: Reference.small)
  func `three steps of Adam end where PyTorch's do`(name: String) throws {
    try compareSteps(Reference(name), expected: "after3", clip: 0)
  }

  @Test(arguments: Reference.small)
  func `clipping scales the gradient as PyTorch does`(name: String) throws {
    let reference = try Reference(name)
    try compareSteps(reference, expected: "clipped3", clip: reference.settings.clip)
  }

  private func compare<R: Real>(
    _ reference: Reference, microBatches: Int, tolerance: Double, as type: R.Type
  ) throws {
    let parameters = try reference.parameters(R.self)
    let shard = try reference.shard()
    let dropout = try reference.dropout()
    let fineTuning =
      reference.file.header.tensors["grad.encoder.w_h"] == nil
      && reference.settings.generated == nil
    let network = DataParallelRunner(
      parameters, microBatches: microBatches, threads: 1, isFrozen: fineTuning)
    let gradients = Gradients(parameters)
    let outcome = network.forwardBackward(
      try reference.batch(), dropout: dropout, trainsWeights: !fineTuning, into: gradients)
    let loss: [Double] = try reference.file.values("out.loss")
    #expect(distance([R(outcome.loss) / R(shard.count)], loss) < tolerance)

    for (name, info) in reference.file.header.tensors where name.hasPrefix("grad.") {
      let theirs: [Double] = try reference.file.values(name)
      let ours = gradient(String(name.dropFirst(5)), gradients, parameters)
      #expect(ours.count == theirs.count, "\(name) \(info.shape)")
      #expect(distance(ours, theirs) < tolerance, "\(name)")
    }
    for name in (reference.settings.generated ?? [:]).keys {
      try compareSums(name, gradient(name, gradients, parameters), reference, tolerance)
    }
    let norm = gradients.norm(threads: 1)
    let expected: [Double] = try reference.file.values("out.gradient_norm")
    #expect(
      abs(norm - expected[0]) < tolerance * norm || fineTuning
        || reference.settings.generated != nil)
    try compareStates(reference, parameters, shard, dropout, tolerance)
  }

  /// The gradient of one parameter; zero for those that the batch's task does not use.
  private func gradient<R: Real>(
    _ name: String, _ gradients: Gradients<R>, _ parameters: Parameters<R>
  ) -> [R] {
    if name == "embedding.weight" {
      let size = parameters.configuration.input
      var result = [R](repeating: 0, count: parameters.embedding.count)
      for (row, word) in gradients.words.enumerated() {
        for i in 0..<size { result[Int(word) * size + i] = gradients.vectors.start[row * size + i] }
      }
      return result
    }
    guard let entry = parameters.layout.specs.first(where: { $0.name == name }) else { return [] }
    guard gradients.specs.contains(entry) else { return Array(repeating: 0, count: entry.count) }
    return Array(
      UnsafeBufferPointer(start: gradients.values.start + entry.offset, count: entry.count))
  }

  private func compareSums<R: Real>(
    _ name: String, _ gradient: [R], _ reference: Reference, _ tolerance: Double
  ) throws {
    let rows: [Double] = try reference.file.values("rowsum.\(name)")
    let columns: [Double] = try reference.file.values("colsum.\(name)")
    let width = gradient.count / rows.count
    let ourRows = rows.indices.map { gradient[$0 * width..<($0 + 1) * width].reduce(0, +) }
    let ourColumns = columns.indices.map { column in
      stride(from: column, to: gradient.count, by: width).reduce(R(0)) { $0 + gradient[$1] }
    }
    // A norm's backward makes the sums over the gates vanish: what counts is the size of the terms.
    let floor = gradient.map { abs(Double($0)) }.max() ?? 0
    #expect(distance(ourRows, rows, floor: floor) < tolerance, "rows of \(name)")
    #expect(distance(ourColumns, columns, floor: floor) < tolerance, "columns of \(name)")
  }

  /// Logits and the states at each row's own last word.
  private func compareStates<R: Real>(
    _ reference: Reference, _ parameters: Parameters<R>, _ shard: TokenShard,
    _ dropout: GivenDropout?, _ tolerance: Double
  ) throws {
    let slice = MicroBatch(parameters)
    let batch = try reference.batch()
    let weights = PackedTaskWeights<R>(.float32)
    let offsets = try #require(parameters.layout.tasks[shard.task])
    weights.pack(parameters, offsets, backward: true, encoder: true, threads: 1)
    slice.forwardBackward(
      batch.split(into: 1)[0], of: batch, TaskNetwork(parameters, offsets, weights),
      dropout: dropout, trainsWeights: true)
    let packed = try #require(slice.sequence)
    let states: [(String, AlignedBuffer<R>)] = [
      ("encoder_h", slice.encoder.finalH), ("encoder_c", slice.encoder.finalC),
      ("classifier_h", slice.head.h), ("classifier_c", slice.head.c),
      ("logits", slice.head.logits),
    ]
    for (name, ours) in states where !(name == "logits" && dropout != nil) {
      let theirs: [Double] = try reference.file.values("out.\(name)")
      let width = theirs.count / packed.count
      for (row, place) in packed.batchIndices.enumerated() {
        let expected = Array(theirs[place * width..<(place + 1) * width])
        let found = UnsafeBufferPointer(start: ours.start + row * width, count: width)
        #expect(distance(found, expected) < tolerance, "\(name), row \(place)")
      }
    }
  }

  private func compareSteps(_ reference: Reference, expected: String, clip: Double) throws {
    let parameters = try reference.parameters(Double.self)
    let (batch, dropout) = (try reference.batch(), try reference.dropout())
    let fineTuning = reference.file.header.tensors["grad.encoder.w_h"] == nil
    let learned = { (entry: ParameterSpec) in
      reference.file.header.tensors["\(expected).\(entry.name)"] != nil
    }
    let network = DataParallelRunner(parameters, microBatches: 2, threads: 2)
    let gradients = Gradients(parameters, trained: learned)
    let adam = Adam(
      parameters, trainsVectors: !fineTuning, decay: reference.settings.weight_decay ?? 0,
      threads: 2)
    let decay = reference.settings.average ?? 0.5
    let averages = [
      ExponentialMovingAverage(of: parameters.values, width: parameters.layout.size, decay: decay),
      ExponentialMovingAverage(
        of: parameters.embedding, width: parameters.configuration.input, decay: decay),
    ]
    var settings = TrainingSettings()
    settings.maxGradientNorm = clip
    for step in 0..<3 {
      _ = network.forwardBackward(
        batch, dropout: dropout, trainsWeights: !fineTuning, into: gradients)
      averages[0].update(step: step)
      averages[1].update(gradients.words, step: step)
      adam.step(
        gradients, rate: reference.settings.learning_rate,
        scale: settings.gradientScale(norm: gradients.norm(threads: 1)))
    }
    try compareParameters(parameters, reference, expected)
    guard reference.settings.average != nil, clip == 0 else { return }
    for average in averages {
      average.update(step: 3)
      average.swap()
    }
    try compareParameters(parameters, reference, "average3")
  }

  private func compareParameters(
    _ parameters: Parameters<Double>, _ reference: Reference, _ expected: String
  ) throws {
    let names = reference.file.header.tensors.keys
    let learned = { (entry: ParameterSpec) in
      names.contains("\(expected).\(entry.name)")
    }
    for entry in parameters.layout.specs where learned(entry) {
      let theirs: [Double] = try reference.file.values("\(expected).\(entry.name)")
      let ours = UnsafeBufferPointer(
        start: parameters.values.start + entry.offset, count: entry.count)
      #expect(distance(ours, theirs) < 1e-7, "\(entry.name)")
    }
    if names.contains("\(expected).embedding.weight") {
      let theirs: [Double] = try reference.file.values("\(expected).embedding.weight")
      #expect(distance(parameters.embedding.array, theirs) < 1e-7)
    }
  }
}
