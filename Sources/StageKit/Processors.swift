import Foundation

/// How many processors a program may use: those that Slurm has given the job, if it runs in one
/// that says so, else those of the machine.
public var processorCount: Int {
  let given = ProcessInfo.processInfo.environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) }
  if let given, (1...1024).contains(given) { return given }
  return ProcessInfo.processInfo.activeProcessorCount
}
