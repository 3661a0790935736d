#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

// Clusters that are kept between runs with the template databases of data sets in them. A stopped
// cluster is copied, not a dump restored: it starts sooner, and has the planner's statistics and
// the layout of the tables that the first run had.

namespace poolbench::service {

/// A template database that holds a data set.
struct KeptTemplate {
  std::string key;  ///< of the data set
  std::string database;
  std::string made_at;  ///< RFC 3339
  double seconds = 0;   ///< what making it took
  friend bool operator==(const KeptTemplate&, const KeptTemplate&) = default;
};

/// A cluster that was kept. Nothing changes it any more.
struct KeptCluster {
  std::filesystem::path folder;  ///< of the manifest
  std::string server;   ///< what it runs under: version, packaging, user, locale and encoding
  std::string program;  ///< the server's program, as program_stamp tells it
  std::uintmax_t bytes = 0;
  std::vector<KeptTemplate> templates{};
  std::int64_t used = 0;  ///< when it was last used; a larger number is later

  [[nodiscard]] std::filesystem::path cluster() const { return folder / "cluster"; }
};

/// All that are whole, of any server. What cannot be read is not there.
std::vector<KeptCluster> kept_clusters(const std::filesystem::path& cache);

/// A program as it lies there: path, size and time of its last change. It tells without starting
/// the program whether it is still the same.
std::string program_stamp(const std::filesystem::path& program);

/// The one that holds most of the data sets, of several the one that was used last; null if none
/// holds any. A data set that another cluster of the server holds in a newer making counts only
/// there.
const KeptCluster* choose(const std::vector<KeptCluster>& kept, const std::string& server,
                          const std::set<std::string>& keys);

/// How much is kept.
struct KeptBounds {
  std::size_t clusters = 4;
  std::uintmax_t bytes = std::uintmax_t{4} << 30U;
};

/// Those that are to go: what newer ones hold as a whole, and what was used longest ago, until the
/// rest is within the bounds.
std::vector<std::filesystem::path> superfluous(std::vector<KeptCluster> kept,
                                               const KeptBounds& bounds = {});

/// Marks it as used now, where that can be written.
void touch(const KeptCluster& kept);

/// Whether it still is where it was found: it was not being removed while it was copied.
bool is_there(const KeptCluster& kept);

/// A place for a cluster that is to be kept, which no other run sees: it is the folder `cluster` in
/// it that is to be filled. kFailed when it cannot be made.
base::Result<std::filesystem::path> begin_keeping(const std::filesystem::path& cache);

/// Writes it all to the disk, and the manifest last, gives it its name, and removes those that are
/// superfluous then. The folder is gone if it fails.
base::Result<void> finish_keeping(const std::filesystem::path& cache,
                                  const std::filesystem::path& begun, KeptCluster kept);

/// Bytes of all files below a folder.
std::uintmax_t bytes_below(const std::filesystem::path& folder);

}  // namespace poolbench::service
