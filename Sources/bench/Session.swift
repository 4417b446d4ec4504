import Foundation
import Network
import Tensors

/// A run of the benchmark: the peers that are there, the folder they share with us, the figures.
struct Session {
  private(set) var account = Account()
  private let site: Site
  private let contest: Contest
  private let peers: [Peer]
  private let meetsPrograms: Bool

  /// Starts the peers.
  /// - Throws: ``Refusal`` if there is no room for the shared folder.
  init(rounds: Int, reviews: Int, python: String?) throws {
    let say = { (text: String) in
      FileHandle.standardError.write(Data("bench: \(text)\n".utf8))
    }
    site = try Site(reviews: reviews, say: say)
    contest = Contest(rounds: rounds, say: say)
    meetsPrograms = python != nil
    guard let python else {
      peers = []
      return
    }
    let preload = librarySpeedingUpMKL(in: site.path, on: account.machine)
    var names = ["eager", "manual", "nn-lstm", "jax", "polars", "tokenizers"]
    if preload != nil { names += ["manual+avx512", "nn-lstm+avx512"] }
    var peers: [Peer] = []
    for name in names {
      do {
        let peer = try Peer(
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
  /// - Throws: ``Refusal``.
  mutating func measure(
    _ works: [Exercise.Work], batches: [Int], threads: Int, seconds: Double, workload: String?
  ) throws {
    guard !works.isEmpty else { return }
    let first = account.figures.count
    let before = Peak(threads: threads, seconds: seconds)
    for work in works {
      for rows in batches {
        let load = try Workload(work, rows: rows, from: workload)
        let path = Workload.path(in: site.path, work, rows: rows)
        try load.document.encoded().write(to: URL(fileURLWithPath: path))
        let request = Peer.Request(
          work: work.rawValue, path: path, threads: threads, seconds: seconds, classes: load.classes
        )
        let figure = try contest.run(work.rawValue, batch: rows, threads: threads, unit: .tokens) {
          Pace(work, load, threads: threads, seconds: seconds).best
        } peers: {
          peers.filter { $0.takes(work) }.map { peer in
            Entrant(name: peer.name) { try peer.speed(request) }
          }
        }
        account.figures.append(figure)
      }
    }
    let peak = before.better(Peak(threads: threads, seconds: seconds))
    account.peaks.append(peak)
    for index in account.figures.indices[first...] {
      let work = Exercise.Work(rawValue: account.figures[index].work)
      account.figures[index].shareOfFloor = work.map {
        account.figures[index].speed / $0.floor(peak)
      }
    }
  }

  /// Measures works on data and whole programs; those of one thread only once.
  /// - Throws: ``Refusal``.
  mutating func measure(_ chores: [Chore], threads: Int) throws {
    let work = Chores(
      site: site, contest: contest, threads: threads,
      peers: Dictionary(uniqueKeysWithValues: peers.map { ($0.name, $0) }),
      meetsPrograms: meetsPrograms)
    for chore in chores {
      let isDone = account.figures.contains { $0.work == chore.rawValue }
      if chore.usesThreads || !isDone { account.figures += try work.run(chore) }
    }
  }
}

extension Peer {
  /// Whether it does this work: `nn-lstm` has no norms to fine-tune.
  func takes(_ work: Exercise.Work) -> Bool {
    switch name.prefix(while: { $0 != "+" }) {
    case "eager", "manual", "jax": true
    case "nn-lstm": work != .finetune
    default: false
    }
  }
}

extension Workload {
  /// Batches from a folder, or else drawn.
  /// - Throws: ``Refusal``.
  init(_ work: Exercise.Work, rows: Int, from folder: String?) throws {
    if let folder {
      try self.init(folder: folder, work: work, rows: rows)
    } else {
      self.init(work, rows: rows)
    }
  }
}
