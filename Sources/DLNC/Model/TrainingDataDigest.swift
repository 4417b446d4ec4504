import Crypto
import Foundation
import Safetensors
import Shards
import Support

/// Which rows a model learned a task from. The test rows of one way to divide the data are training
/// rows of another, so a model must only be tested on the rows that were held out from these.
public struct TrainingDataDigest: Codable, Equatable, Sendable {
  /// How the rows were divided, such as `official`; see ``ShardHeader/splitScheme``.
  public var splitScheme: String
  /// How many rows there were.
  public var rows: Int
  /// The SHA-256 of the shard with the training rows, as the stamp of the stage `vocab` names it; of a
  /// shard in parts, that of all its files, one behind the other.
  public var sha256: String
}

extension TrainingDataDigest {
  /// The origin of what is learned from these training rows.
  /// - Throws: only if the class names cannot be put into JSON.
  public init(_ shard: TokenShard) throws {
    splitScheme = shard.splitScheme
    rows = shard.count
    var hash = SHA256()
    for part in shard.parts { hash.update(data: try part.document().encoded()) }
    sha256 = hash.finalize().hexadecimal
  }
}
