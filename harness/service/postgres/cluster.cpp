#include "service/postgres/cluster.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "base/file.h"
#include "base/text.h"
#include "process/launch.h"
#include "process/run_command.h"
#include "service/postgres/access.h"
#include "service/postgres/wheel.h"

namespace poolbench::service {
namespace fs = std::filesystem;
namespace {

constexpr base::Duration kInitdbLimit = std::chrono::minutes(2);
constexpr base::Duration kCopyLimit = std::chrono::minutes(10);
constexpr base::Duration kStartLimit = std::chrono::seconds(60);
constexpr base::Duration kStopGrace = std::chrono::seconds(15);
constexpr std::size_t kShortHash = 12;
constexpr const char* kAddress = "127.0.0.1";
/// What poolbench sets so that the log tells of every session. The scenario's settings come on the
/// command line, which is stronger. "on" is understood by PostgreSQL 18, too.
constexpr const char* kOwnSettings = R"(
# poolbench
logging_collector = off
log_connections = on
log_disconnections = on
log_line_prefix = '%m [%p] %q%u@%d '
)";

constexpr const char* kPreloaded = "shared_preload_libraries";

bool has_server(const fs::path& folder) {
  return ::access((folder / "postgres").c_str(), X_OK) == 0 &&
         ::access((folder / "initdb").c_str(), X_OK) == 0;
}

/// The number a folder's name ends with ("15", "pgsql-17"), 0 if none.
int major_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const std::size_t digits = name.find_last_not_of("0123456789") + 1;
  int major = 0;
  std::from_chars(name.data() + digits, name.data() + name.size(), major);
  return major;
}

fs::path newest_versioned() {
  fs::path best;
  int best_major = -1;
  for (const fs::path parent : {"/usr/lib/postgresql", "/usr"}) {
    for (const fs::path& entry : base::entries_of(parent).value_or(std::vector<fs::path>{})) {
      const bool candidate = parent != "/usr" || entry.filename().string().starts_with("pgsql-");
      if (!candidate || !has_server(entry / "bin")) continue;
      if (major_of(entry) > best_major) {
        best_major = major_of(entry);
        best = entry / "bin";
      }
    }
  }
  return best;
}

/// The eighth line of postmaster.pid is "ready" once connections are accepted (as pg_ctl reads it).
bool accepts_connections(const fs::path& data) {
  constexpr int kStatusLine = 8;
  std::istringstream lines(base::read_file(data / "postmaster.pid").value_or(""));
  std::string line;
  for (int i = 0; i < kStatusLine; ++i) {
    if (!std::getline(lines, line)) return false;
  }
  return line.starts_with("ready");
}

base::Result<void> give_to(const fs::path& path, const std::string& user) {
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry != nullptr && ::chown(path.c_str(), entry->pw_uid, entry->pw_gid) == 0) return {};
  return base::failed(fmt::format("cannot give {} to the user {}", path.string(), user));
}

/// Makes a folder that other users may pass through, to the socket, and that belongs to `user`.
base::Result<void> make_folder(const fs::path& folder, const std::string& user) {
  constexpr auto kPassThrough = static_cast<fs::perms>(0711);
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, kPassThrough, error);
  if (error) {
    return base::failed(fmt::format("cannot make {}: {}", folder.string(), error.message()));
  }
  return user.empty() ? base::Result<void>{} : give_to(folder, user);
}

/// Whether every user may pass through to it.
bool is_open_to_all(const fs::path& folder) {
  std::error_code error;
  for (fs::path at = folder; !at.empty(); at = at.parent_path()) {
    const auto rights = fs::status(at, error).permissions();
    if (error || (rights & fs::perms::others_exec) == fs::perms::none) return false;
    if (at == at.root_path()) return true;
  }
  return false;
}

bool is_interrupted(const base::Result<void>& result) {
  return !result && result.error().code == base::ErrorCode::kInterrupted;
}

/// What a cluster runs under: on another version, packaging or locale its files would mean
/// something else, and another user could not read them.
std::string server_of(const std::string& version, const fs::path& bin_folder) {
  std::error_code error;
  const fs::path real = fs::canonical(bin_folder, error);
  return base::sha256_hex(fmt::format("{}\n{}\n{}\nUTF8 C\n", version,
                                      (error ? bin_folder : real).string(), ::geteuid()));
}

/// PostgreSQL names the parameter that it refuses.
bool blames_a_setting(const base::Error& error, const scenario::PostgresSettings& settings) {
  return std::ranges::any_of(settings.settings, [&](const auto& setting) {
    return error.message.find(fmt::format("parameter \"{}\"", setting.first)) != std::string::npos;
  });
}

}  // namespace

base::Result<fs::path> find_postgres(const fs::path& wanted) {
  if (!wanted.empty()) {
    if (has_server(wanted)) return wanted;
    return base::bad_input("no PostgreSQL server (postgres and initdb) in " + wanted.string(),
                           wanted.string(), "correct postgres.bin_folder, or leave it out");
  }
  if (fs::path found = newest_versioned(); !found.empty()) return found;
  if (has_server("/usr/local/pgsql/bin")) return fs::path("/usr/local/pgsql/bin");
  if (const auto program = process::find_program("postgres"); !program.empty()) {
    std::error_code ignored;  // an empty folder has no server
    fs::path folder = fs::canonical(program, ignored).parent_path();
    if (has_server(folder)) return folder;
  }
  return base::bad_input(
      "no PostgreSQL server found below /usr/lib/postgresql, /usr/pgsql-*, /usr/local/pgsql or in "
      "PATH",
      {}, "install it (Debian: apt-get install postgresql) or set postgres.bin_folder");
}

std::string postgres_user() {
  if (::geteuid() != 0) return {};
  return ::getpwnam("postgres") != nullptr ? "postgres" : "nobody";
}

base::Result<fs::path> installed_program(const scenario::PostgresSettings& settings,
                                         const Cache& cache) {
  fs::path folder;
  if (settings.version.empty()) {
    auto found = find_postgres(settings.bin_folder);
    if (!found) return found;
    folder = *std::move(found);
  } else {
    const auto fetched = find_fetched(settings.version, cache);
    if (!fetched) return tl::unexpected(fetched.error());
    if (!fetched->is_ready) {
      return base::failed("PostgreSQL " + fetched->version + " is not fetched");
    }
    folder = fetched->bin_folder();
  }
  return folder / "postgres";
}

process::Command PostgresCluster::as_postgres(std::vector<std::string> argv) const {
  process::Command command;
  command.name = "postgres";
  command.argv = std::move(argv);
  command.folder = places_.scratch;
  command.environment = base::standard_environment();
  command.environment.erase("TZ");      // initdb would write it into the cluster that is kept
  command.environment["LC_ALL"] = "C";  // messages that we can read, too
  command.log = places_.log;
  command.run_as = postgres_user();
  command.stop = {SIGINT, kStopGrace};
  return command;
}

base::Result<PostgresCluster> PostgresCluster::create(process::Supervisor& supervisor,
                                                      const scenario::PostgresSettings& settings,
                                                      Places places) {
  PostgresCluster cluster(supervisor, std::move(places));
  POOLBENCH_TRY(make_folder(cluster.places_.scratch, postgres_user()));
  POOLBENCH_TRY(cluster.find_programs(settings));
  POOLBENCH_TRY(cluster.make_cluster());
  POOLBENCH_TRY(cluster.add_own_settings());
  return cluster;
}

base::Result<void> PostgresCluster::find_programs(const scenario::PostgresSettings& settings) {
  const auto program = installed_program(settings, places_.cache);
  if (!program) return tl::unexpected(program.error());
  installed_at_ = bin_folder_ = program->parent_path();
  const bool is_fetched = !settings.version.empty();
  if (!is_fetched || postgres_user().empty() || is_open_to_all(installed_at_)) return {};
  const fs::path copied = places_.scratch / "programs";
  POOLBENCH_TRY(copy(installed_at_.parent_path(), copied));
  bin_folder_ = copied / "bin";
  return {};
}

base::Result<void> PostgresCluster::initdb() {
  process::Command command = as_postgres(
      {(bin_folder_ / "initdb").string(), "--pgdata", data().string(), "--auth", "trust",
       "--username", kSuperuser, "--encoding", "UTF8", "--no-locale", "--no-sync"});
  command.name = "initdb";
  return process::run_to_success(*supervisor_, command, kInitdbLimit);
}

base::Result<void> PostgresCluster::copy(const fs::path& from, const fs::path& to) {
  process::Command command;
  command.name = "copy of " + from.string();
  command.argv = {"cp", "-a", "--reflink=auto", from.string(), to.string()};
  command.environment = base::standard_environment();
  command.log = places_.log;
  return process::run_to_success(*supervisor_, command, kCopyLimit);
}

base::Result<void> PostgresCluster::make_cluster() {
  const auto version = process::capture_stdout(
      *supervisor_, as_postgres({(bin_folder_ / "postgres").string(), "--version"}), kStartLimit);
  if (!version) return tl::unexpected(version.error());
  version_ = *version;
  const auto copied = copy_kept();
  if (!copied) return tl::unexpected(copied.error());
  return *copied ? base::Result<void>{} : copy_fresh();
}

/// Copies the kept cluster that holds most of the data sets of the run; false if there is none. One
/// that cannot be copied, or that another run removed meanwhile, is as good as none.
base::Result<bool> PostgresCluster::copy_kept() {
  const auto all = kept_clusters(places_.cache.kept);
  const KeptCluster* kept = choose(all, server_of(version_, installed_at_), places_.data_keys);
  if (kept == nullptr) return false;
  const auto copied = copy(kept->cluster(), data());
  if (is_interrupted(copied)) return tl::unexpected(copied.error());
  if (!copied || !is_there(*kept)) {
    std::error_code ignored;
    fs::remove_all(data(), ignored);
    return false;
  }
  touch(*kept);
  kept_ = kept->templates;
  kept_in_ = kept->folder;
  return true;
}

base::Result<void> PostgresCluster::copy_fresh() {
  const std::string key =
      base::sha256_hex(fmt::format("{}\n{}\n{}\n", version_, installed_at_.string(), ::geteuid()));
  const fs::path kept = places_.cache.kept / "clusters" / key.substr(0, kShortHash);
  std::error_code error;
  if (fs::exists(kept, error)) return copy(kept, data());

  POOLBENCH_TRY(initdb());
  if (!places_.cache.can_keep()) return {};
  fs::create_directories(kept.parent_path(), error);
  const fs::path half = fmt::format("{}.{}", kept.string(), ::getpid());
  const auto copied = copy(data(), half);
  if (copied) fs::rename(half, kept, error);
  // Another run kept its own first, or there is no room: only the next run's start is slower.
  if (!copied || error) fs::remove_all(half, error);
  return is_interrupted(copied) ? copied : base::Result<void>{};
}

/// Segments of the log that the making of data left would be copied each time; and trials that
/// write would find them there to be used again in the run that made the data, and in no other.
base::Result<void> PostgresCluster::drop_old_wal() {
  process::Command command =
      as_postgres({(bin_folder_ / "pg_resetwal").string(), "-D", data().string()});
  command.name = "pg_resetwal";
  return process::run_to_success(*supervisor_, command, kStartLimit);
}

base::Result<std::string> PostgresCluster::keep(std::vector<KeptTemplate> templates) {
  const auto not_kept = [](const std::string& why) { return why; };
  for (const std::string& remark : stop()) return not_kept(remark);
  // It refuses a cluster that was not shut down as it should be.
  const auto reset = drop_old_wal();
  if (is_interrupted(reset)) return tl::unexpected(reset.error());
  if (!reset) return not_kept(base::first_line(reset.error().message));
  KeptCluster kept{{},
                   server_of(version_, installed_at_),
                   program_stamp(installed_at_ / "postgres"),
                   bytes_below(data()),
                   std::move(templates)};
  if (kept.bytes > KeptBounds{}.bytes) {
    return not_kept(fmt::format("they take {} MiB, more than the {} MiB that are kept at most",
                                kept.bytes >> 20U, KeptBounds{}.bytes >> 20U));
  }
  const fs::path& cache = places_.cache.writable;
  const auto begun = begin_keeping(cache);
  if (!begun) return not_kept(begun.error().message);
  const auto copied = copy(data(), *begun / "cluster");
  if (!copied) {
    std::error_code ignored;
    fs::remove_all(*begun, ignored);
    if (is_interrupted(copied)) return tl::unexpected(copied.error());
    return not_kept(base::first_line(copied.error().message));
  }
  const auto finished = finish_keeping(cache, *begun, std::move(kept));
  return finished ? std::string() : not_kept(finished.error().message);
}

base::Result<void> PostgresCluster::add_own_settings() {
  const fs::path file = data() / "postgresql.conf";
  if (base::read_file(file).value_or("").ends_with(kOwnSettings)) return {};  // it was kept so
  std::ofstream stream(file, std::ios::app);
  stream << kOwnSettings << std::flush;
  if (stream) return {};
  return base::failed(fmt::format("cannot write {}", file.string()), file.string(),
                      "free some space in its folder");
}

base::Result<void> PostgresCluster::write_access_rules(const scenario::PostgresSettings& settings) {
  const auto user = own_user();
  if (!user) return tl::unexpected(user.error());
  const std::pair<const char*, std::string> files[] = {{"pg_hba.conf", access_rules(settings)},
                                                       {"pg_ident.conf", user_map(*user)}};
  for (const auto& [name, text] : files) {
    const fs::path file = data() / name;
    std::ofstream stream(file);  // which is there, and stays PostgreSQL's own
    stream << text << std::flush;
    if (!stream) return base::failed(fmt::format("cannot write {}", file.string()), file.string());
  }
  return {};
}

base::Result<void> PostgresCluster::make_certificate() {
  if (!tls_.authority.empty()) return {};
  const std::string user = postgres_user();
  const fs::path folder = places_.scratch / "tls";
  POOLBENCH_TRY(make_folder(folder, user));
  const auto authority = CertificateAuthority::create();
  POOLBENCH_TRY(authority);
  const auto certificate = authority->issue({"localhost", kAddress}, KeyKind::kRsa);
  POOLBENCH_TRY(certificate);
  auto files = write_certificate(*authority, *certificate, folder, "server");
  if (!files) return tl::unexpected(files.error());
  if (!user.empty()) POOLBENCH_TRY(give_to(files->key, user));
  tls_ = *std::move(files);
  return {};
}

std::vector<std::string> PostgresCluster::server_command(
    const scenario::PostgresSettings& settings) const {
  std::vector<std::string> argv{(bin_folder_ / "postgres").string(), "-D", data().string(), "-p",
                                std::to_string(port_)};
  const auto set = [&](const std::string& name, const std::string& value) {
    argv.push_back("-c");
    argv.push_back(fmt::format("{}={}", name, value));
  };
  for (const auto& [name, value] : settings.settings) set(name, value);
  if (settings.statements) {
    const auto others = settings.settings.find(kPreloaded);
    const std::string before = others == settings.settings.end() ? "" : others->second + ",";
    set(kPreloaded, before + kStatements);
  }
  set("listen_addresses", kAddress);
  set("unix_socket_directories", places_.scratch.string());
  if (settings.tls) {
    set("ssl", "on");
    set("ssl_cert_file", tls_.certificate.string());
    set("ssl_key_file", tls_.key.string());
  }
  return argv;
}

base::Result<void> PostgresCluster::ensure_running(const scenario::PostgresSettings& settings) {
  if (child_ != nullptr && process::is_alive(*child_) && running_with_ == settings) return {};
  stop();
  const auto port = base::free_port();
  if (!port) return tl::unexpected(port.error());
  port_ = *port;
  POOLBENCH_TRY(write_access_rules(settings));
  if (settings.tls) POOLBENCH_TRY(make_certificate());
  process::Command command = as_postgres(server_command(settings));
  command.cpus = places_.cpus;
  const auto child = supervisor_->start(command);
  if (!child) return tl::unexpected(child.error());
  child_ = *child;
  running_with_ = settings;
  auto ready =
      process::wait_until_ready(*supervisor_, "PostgreSQL was not ready", places_.log, kStartLimit,
                                [&] { return accepts_connections(data()); }, {}, {child_});
  if (ready) {
    kept_in_.clear();
    return ready;
  }
  stop();
  if (blames_a_setting(ready.error(), settings)) {
    ready.error().code = base::ErrorCode::kBadInput;
    ready.error().next = "correct postgres.settings";
  } else if (!kept_in_.empty() && !is_interrupted(ready)) {
    // It has never run here: what was kept may be damaged.
    std::error_code ignored;
    fs::remove_all(kept_in_, ignored);
    ready.error().next =
        fmt::format("run again: the data kept in {} were used, are gone now, and will be made anew",
                    kept_in_.string());
  }
  return ready;
}

std::vector<std::string> PostgresCluster::stop() {
  if (child_ == nullptr) return {};
  auto remarks = supervisor_->stop(*child_);
  child_ = nullptr;
  std::error_code ignored;
  fs::remove(data() / "postmaster.pid", ignored);  // left behind by a killed server
  return remarks;
}

std::map<std::string, std::string> PostgresCluster::own_conninfo() const {
  return {
      {"host", places_.scratch.string()}, {"port", std::to_string(port_)}, {"user", kSuperuser}};
}

std::map<std::string, std::string> PostgresCluster::ordinary_conninfo(
    const std::string& password) const {
  std::map<std::string, std::string> conninfo = own_conninfo();
  conninfo["user"] = kOrdinaryRole;
  if (running_with_.transport == "tcp") conninfo["host"] = kAddress;
  if (running_with_.auth == scenario::PostgresSettings::Auth::kScram) {
    conninfo["password"] = password;
  }
  if (running_with_.tls) {
    conninfo["sslmode"] = "verify-full";
    conninfo["sslrootcert"] = tls_.authority.string();
  }
  return conninfo;
}

}  // namespace poolbench::service
