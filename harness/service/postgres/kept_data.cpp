#include "service/postgres/kept_data.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>

#include "base/file.h"
#include "base/raii.h"
#include "base/time.h"

namespace poolbench::service {
namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr int kSchema = 1;
constexpr const char* kManifest = "manifest.json";
/// Begins the name of a folder that is being filled, or removed.
constexpr const char* kUnfinished = "unfinished-";
constexpr auto kAbandoned = std::chrono::hours(2);  // no run takes so long to copy a cluster

fs::path folder_of(const fs::path& cache) { return cache / "data"; }

bool is_unfinished(const fs::path& folder) {
  return folder.filename().string().starts_with(kUnfinished);
}

std::string unique_name(const fs::path& cache, const std::string& beginning) {
  static int count = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return (folder_of(cache) / fmt::format("{}{:x}-{}-{}", beginning, now, ::getpid(), ++count))
      .string();
}

Json to_json(const KeptCluster& kept) {
  Json templates = Json::array();
  for (const KeptTemplate& each : kept.templates) {
    templates.push_back({{"key", each.key},
                         {"database", each.database},
                         {"made_at", each.made_at},
                         {"seconds", each.seconds}});
  }
  return {{"schema", kSchema},
          {"server", kept.server},
          {"program", kept.program},
          {"bytes", kept.bytes},
          {"templates", templates}};
}

/// Throws Json::exception for what is no manifest of this schema.
KeptCluster from_json(const Json& json, const fs::path& folder) {
  KeptCluster kept{folder, json.at("server"), json.at("program"), json.at("bytes")};
  for (const Json& each : json.at("templates")) {
    kept.templates.push_back(
        {each.at("key"), each.at("database"), each.at("made_at"), each.at("seconds")});
  }
  return kept;
}

/// When each data set of a server was made last, by key.
std::map<std::string, std::string> newest_makings(const std::vector<KeptCluster>& all,
                                                  const std::string& server) {
  std::map<std::string, std::string> newest;
  for (const KeptCluster& kept : all) {
    if (kept.server != server) continue;
    for (const KeptTemplate& each : kept.templates) {
      newest[each.key] = std::max(newest[each.key], each.made_at);
    }
  }
  return newest;
}

/// Whether `other` holds all that `kept` does, in the same making or a newer one.
bool holds_all_of(const KeptCluster& other, const KeptCluster& kept) {
  return other.server == kept.server &&
         std::ranges::all_of(kept.templates, [&](const KeptTemplate& each) {
           const auto found = std::ranges::find(other.templates, each.key, &KeptTemplate::key);
           return found != other.templates.end() && found->made_at >= each.made_at;
         });
}

/// Nobody finds it any more from the moment on when it begins to go.
void remove_kept(const fs::path& cache, const fs::path& folder) {
  std::error_code ignored;
  const fs::path going = unique_name(cache, kUnfinished);
  fs::rename(folder, going, ignored);
  if (!ignored) fs::remove_all(going, ignored);
}

/// What a run left that was killed while it kept something.
void remove_abandoned(const fs::path& cache) {
  const auto entries = base::entries_of(folder_of(cache));
  for (const fs::path& entry : entries.value_or(std::vector<fs::path>{})) {
    std::error_code error;
    const auto changed = fs::last_write_time(entry, error);
    if (error || !is_unfinished(entry)) continue;
    if (fs::file_time_type::clock::now() - changed > kAbandoned) fs::remove_all(entry, error);
  }
}

base::Result<void> write_to_disk(const fs::path& folder) {
  const base::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd && ::syncfs(fd.get()) == 0) return {};
  return base::failed(
      fmt::format("cannot write {} to the disk: {}", folder.string(), std::strerror(errno)));
}

}  // namespace

std::vector<KeptCluster> kept_clusters(const fs::path& cache) {
  std::vector<KeptCluster> all;
  const auto entries = base::entries_of(folder_of(cache));
  for (const fs::path& entry : entries.value_or(std::vector<fs::path>{})) {
    const auto text = base::read_file(entry / kManifest);
    if (is_unfinished(entry) || !text) continue;
    try {
      const Json json = base::parse_json(*text);
      if (json.at("schema") != kSchema) continue;
      KeptCluster kept = from_json(json, entry);
      std::error_code ignored;
      kept.used = fs::last_write_time(entry / kManifest, ignored).time_since_epoch().count();
      all.push_back(std::move(kept));
    } catch (const Json::exception&) {
      continue;  // of another poolbench, or damaged
    }
  }
  return all;
}

std::string program_stamp(const fs::path& program) {
  std::error_code error;
  const fs::path real = fs::canonical(program, error);
  const auto size = error ? 0 : fs::file_size(real, error);
  const auto changed = fs::last_write_time(real, error);
  if (error) return {};
  return fmt::format("{} {} {}", real.string(), size, changed.time_since_epoch().count());
}

const KeptCluster* choose(const std::vector<KeptCluster>& kept, const std::string& server,
                          const std::set<std::string>& keys) {
  const auto newest = newest_makings(kept, server);
  const KeptCluster* best = nullptr;
  std::ptrdiff_t most = 0;
  for (const KeptCluster& each : kept) {
    if (each.server != server) continue;
    const auto holds = std::ranges::count_if(each.templates, [&](const KeptTemplate& held) {
      return keys.contains(held.key) && held.made_at == newest.at(held.key);
    });
    if (holds > most || (best != nullptr && holds == most && each.used > best->used)) {
      best = &each;
      most = holds;
    }
  }
  return best;
}

std::vector<fs::path> superfluous(std::vector<KeptCluster> kept, const KeptBounds& bounds) {
  std::ranges::sort(kept, std::ranges::greater{}, &KeptCluster::used);
  std::vector<fs::path> going;
  std::vector<const KeptCluster*> staying;
  std::uintmax_t bytes = 0;
  for (const KeptCluster& each : kept) {
    const auto replaces = [&](const KeptCluster* other) { return holds_all_of(*other, each); };
    const bool fits = staying.size() < bounds.clusters && bytes + each.bytes <= bounds.bytes;
    if (!fits || std::ranges::any_of(staying, replaces)) {
      going.push_back(each.folder);
    } else {
      staying.push_back(&each);
      bytes += each.bytes;
    }
  }
  return going;
}

void touch(const KeptCluster& kept) {
  std::error_code ignored;
  fs::last_write_time(kept.folder / kManifest, fs::file_time_type::clock::now(), ignored);
}

bool is_there(const KeptCluster& kept) {
  std::error_code ignored;
  return fs::exists(kept.folder / kManifest, ignored);
}

base::Result<fs::path> begin_keeping(const fs::path& cache) {
  std::error_code error;
  fs::create_directories(folder_of(cache), error);
  if (!error) remove_abandoned(cache);
  fs::path folder = unique_name(cache, kUnfinished);
  if (!error) fs::create_directory(folder, error);
  if (error) {
    return base::failed(fmt::format("cannot make {}: {}", folder.string(), error.message()));
  }
  return folder;
}

base::Result<void> finish_keeping(const fs::path& cache, const fs::path& begun, KeptCluster kept) {
  const auto finish = [&]() -> base::Result<void> {
    POOLBENCH_TRY(write_to_disk(begun));
    POOLBENCH_TRY(
        base::write_file_atomically(begun / kManifest, base::json_dump(to_json(kept)) + "\n"));
    std::error_code error;
    const fs::path folder = unique_name(cache, "");
    fs::rename(begun, folder, error);
    if (error) {
      return base::failed(fmt::format("cannot make {}: {}", folder.string(), error.message()));
    }
    return write_to_disk(folder_of(cache));
  };
  auto finished = finish();
  if (!finished) {
    std::error_code ignored;
    fs::remove_all(begun, ignored);
    return finished;
  }
  for (const fs::path& folder : superfluous(kept_clusters(cache))) remove_kept(cache, folder);
  return {};
}

std::uintmax_t bytes_below(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;
    if (at->is_regular_file(gone)) bytes += at->file_size(gone);
  }
  return bytes;
}

}  // namespace poolbench::service
