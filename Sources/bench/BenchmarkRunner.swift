import Foundation
import DLNC
import Safetensors
import Shards
import Support

/// A run of the benchmark: the peers that are there, the folder they share with us, the figures.
struct BenchmarkRunner {
  private(set) var account = BenchmarkReport()
  private let site: BenchmarkWorkspace
  private let contest: InterleavedRounds
  private let peers: [PeerProcess]
  private let meetsPrograms: Bool

  /// Starts the peers.
  /// - Throws: ``UserError`` if there is no room for the shared folder.
  init(rounds: Int, reviews: Int, python: String?) throws {
    let say = { (text: String) in
      FileHandle.standardError.write(Data("bench: \(text)\n".utf8))
    }
    site = try BenchmarkWorkspace(reviews: reviews, say: say)
    contest = InterleavedRounds(rounds: rounds, say: say)
    meetsPrograms = python != nil
    guard let python else {
      peers = []
      return
    }
    let preload = librarySpeedingUpMKL(in: site.path, on: account.machine)
    var names = ["eager", "manual", "nn-lstm", "jax", "polars", "tokenizers"]
    if preload != nil { names += ["manual+avx512", "nn-lstm+avx512"] }
    var peers: [PeerProcess] = []
    for name in names {
      do {
        let peer = try PeerProcess(
          name, python: python, preload: name.hasSuffix("+avx512") ? preload : nil)
        account.peers[name] = peer.version
        peers.append(peer)
      } catch { account.leftOut.append("\(error)") }
    }
    for program in ["gzip", "bsdtar"] where !isInstalled(program) {
      account.leftOut.append("\(program): not installed")
    }
    self.peers = peers
  }

  /// Measures the network, each work and size of a batch; the peers compute the same batches. The
  /// machine's peak is the better of what it reaches before and after that.
  /// - Throws: ``UserError``.
  mutating func measure(
    _ works: [NetworkBenchmark.Work], batches: [Int], threads: Int, seconds: Double,
    workload: String?
  ) throws {
    guard !works.isEmpty else { return }
    let first = account.figures.count
    let before = PeakFLOPS(threads: threads, seconds: seconds)
    for work in works {
      for rows in batches {
        let load = try Workload(work, rows: rows, from: workload)
        let path = Workload.path(in: site.path, work, rows: rows)
        try load.document.encoded().write(to: URL(fileURLWithPath: path))
        let request = PeerProcess.Request(
          work: work.rawValue, path: path, threads: threads, seconds: seconds,
          classes: load.classCount
        )
        let figure = try contest.run(work.rawValue, batch: rows, threads: threads, unit: .tokens) {
          Throughput(work, load, threads: threads, seconds: seconds).best
        } peers: {
          peers.filter { $0.takes(work) }.map { peer in
            Competitor(name: peer.name) { try peer.speed(request) }
          }
        }
        account.figures.append(figure)
      }
    }
    let peak = before.better(PeakFLOPS(threads: threads, seconds: seconds))
    account.peaks.append(peak)
    for index in account.figures.indices[first...] {
      let work = NetworkBenchmark.Work(rawValue: account.figures[index].work)
      account.figures[index].shareOfFloor = work.map {
        account.figures[index].speed / $0.floor(peak)
      }
    }
  }

  /// Measures works on data and whole programs; those of one thread only once.
  /// - Throws: ``UserError``.
  mutating func measure(_ chores: [StageBenchmark], threads: Int) throws {
    let work = StageBenchmarks(
      site: site, contest: contest, threads: threads,
      peers: Dictionary(uniqueKeysWithValues: peers.map { ($0.name, $0) }),
      meetsPrograms: meetsPrograms)
    for chore in chores {
      let isDone = account.figures.contains { $0.work == chore.rawValue }
      if chore.usesThreads || !isDone { account.figures += try work.run(chore) }
    }
  }
}

extension PeerProcess {
  /// Whether it does this work: `nn-lstm` has no norms to fine-tune.
  func takes(_ work: NetworkBenchmark.Work) -> Bool {
    switch name.prefix(while: { $0 != "+" }) {
    case "eager", "manual", "jax": true
    case "nn-lstm": work != .finetune
    default: false
    }
  }
}

extension Workload {
  /// Batches from a folder, or else drawn.
  /// - Throws: ``UserError``.
  init(_ work: NetworkBenchmark.Work, rows: Int, from folder: String?) throws {
    if let folder {
      try self.init(folder: folder, work: work, rows: rows)
    } else {
      self.init(work, rows: rows)
    }
  }
}
