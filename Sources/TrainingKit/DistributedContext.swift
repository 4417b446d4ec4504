import DLNC
import Foundation
import StageKit
import Support

#if MPI
  import CMPI
#endif

/// The processes that `mpirun` or `srun` started together with this one. With the package trait MPI
/// they train together.
public enum DistributedContext {
  /// The communicator of all processes that train together.
  public static let communicator: any Communicator = makeCommunicator()

  /// The role of this process in the stage: the first process is the leader.
  public static var processRole: ProcessRole {
    #if MPI
      if let communicator = communicator as? MPICommunicator {
        return ProcessRole(isLeader: communicator.rank == 0) { mpi_finalize($0) }
      }
    #endif
    return .single
  }

  /// The number of processes that a launcher started, from the variables of Open MPI, of MPICH's
  /// Hydra, and of Slurm for a step of a job.
  private static var launchedProcesses: Int {
    let environment = ProcessInfo.processInfo.environment
    let names = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"]
    return names.compactMap { environment[$0].flatMap { Int($0) } }.first ?? 1
  }

  private static func makeCommunicator() -> any Communicator {
    guard launchedProcesses > 1 else { return SingleProcess() }
    #if MPI
      return MPICommunicator()
    #else
      let error = UserError(
        .unavailable, at: "train", problem: "\(launchedProcesses) processes, started together",
        expected: "a build that can train on several: swift build --traits MPI",
        hint: "start one process, or build with that trait")
      writeToStandardError("\(error)")
      exit(error.exitStatus.rawValue)
    #endif
  }
}

#if MPI
  /// A communicator over MPI. When a process is lost, MPI aborts the others.
  private struct MPICommunicator: Communicator {
    let rank: Int, count: Int

    init() {
      var (rank, count) = (Int32(0), Int32(0))
      mpi_initialize(&rank, &count)
      (self.rank, self.count) = (Int(rank), Int(count))
    }

    func sendReceive(_ bytes: [UInt8], with partner: Int) -> [UInt8] {
      let size = mpi_exchange_sizes(Int64(bytes.count), Int32(partner))
      return [UInt8](unsafeUninitializedCapacity: Int(size)) { target, count in
        mpi_exchange(bytes, Int64(bytes.count), target.baseAddress, size, Int32(partner))
        count = Int(size)
      }
    }

    func sendReceive(
      _ bytes: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer,
      with partner: Int
    ) {
      mpi_exchange(
        bytes.baseAddress, Int64(bytes.count), received.baseAddress, Int64(received.count),
        Int32(partner))
    }

    func allReduceMax(_ number: Int) -> Int { Int(mpi_max(Int64(number))) }

    func broadcast(_ bytes: Data?) -> Data? {
      // A negative size means nil.
      let size = allReduceMax(rank == 0 ? bytes?.count ?? -1 : -1)
      guard size >= 0 else { return nil }
      var shared = rank == 0 ? bytes ?? Data() : Data(count: size)
      shared.withUnsafeMutableBytes { mpi_broadcast($0.baseAddress, Int64(size)) }
      return shared
    }
  }
#endif
