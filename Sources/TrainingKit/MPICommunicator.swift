import Foundation
import DLNC
import StageKit
import Support

#if MPI
  import CMPI
#endif

/// The processes that this one was started with, by `mpirun` or `srun`; with the package trait MPI
/// they train together.
public enum Processes {
  /// All that learn together with this one.
  public static let crew: any Communicator = make()

  /// The same for the stage: the first process writes.
  public static var company: ProcessRole {
    #if MPI
      if let crew = crew as? MPICommunicator {
        return ProcessRole(isLeader: crew.rank == 0) { crew_leave($0) }
      }
    #endif
    return .none
  }

  /// How many processes a launcher says that it has started, in the variables of Open MPI, of
  /// MPICH's Hydra, and of Slurm for a step of a job.
  private static var launched: Int {
    let environment = ProcessInfo.processInfo.environment
    let names = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"]
    return names.compactMap { environment[$0].flatMap { Int($0) } }.first ?? 1
  }

  private static func make() -> any Communicator {
    guard launched > 1 else { return SingleProcess() }
    #if MPI
      return MPICommunicator()
    #else
      let refusal = UserError(
        .unavailable, at: "train", problem: "\(launched) processes, started together",
        expected: "a build that can train over several: swift build --traits MPI",
        hint: "start one process, or build with that trait")
      FileHandle.standardError.write(Data("\(refusal)\n".utf8))
      exit(refusal.exitStatus.rawValue)
    #endif
  }
}

#if MPI
  /// A crew of MPI processes. A process that is lost ends the others, as MPI does by default.
  private struct MPICommunicator: Communicator {
    let rank: Int, count: Int

    init() {
      var (rank, count) = (Int32(0), Int32(0))
      crew_enter(&rank, &count)
      (self.rank, self.count) = (Int(rank), Int(count))
    }

    func exchange(_ bytes: [UInt8], with partner: Int) -> [UInt8] {
      let theirs = crew_sizes(Int64(bytes.count), Int32(partner))
      return [UInt8](unsafeUninitializedCapacity: Int(theirs)) { target, count in
        crew_exchange(bytes, Int64(bytes.count), target.baseAddress, theirs, Int32(partner))
        count = Int(theirs)
      }
    }

    func exchange(
      _ bytes: UnsafeRawBufferPointer, for theirs: UnsafeMutableRawBufferPointer, with partner: Int
    ) {
      crew_exchange(
        bytes.baseAddress, Int64(bytes.count), theirs.baseAddress, Int64(theirs.count),
        Int32(partner))
    }

    func greatest(_ number: Int) -> Int { Int(crew_greatest(Int64(number))) }

    func share(_ bytes: Data?) -> Data? {
      // A size below 0 stands for nothing.
      let size = greatest(rank == 0 ? bytes?.count ?? -1 : -1)
      guard size >= 0 else { return nil }
      var shared = rank == 0 ? bytes ?? Data() : Data(count: size)
      shared.withUnsafeMutableBytes { crew_share($0.baseAddress, Int64(size)) }
      return shared
    }
  }
#endif
