#include "service/postgres/cluster.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/file.h"
#include "process/run_command.h"
#include "service/postgres/access.h"
#include "service/postgres/installation.h"

namespace poolbench::service {
namespace fs = std::filesystem;
namespace {

constexpr base::Duration kStartLimit = std::chrono::seconds(60);
constexpr base::Duration kStopGrace = std::chrono::seconds(15);
constexpr const char* kPreloaded = "shared_preload_libraries";
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

/// PostgreSQL names the parameter that it refuses.
bool blames_a_setting(const base::Error& error, const scenario::PostgresSettings& settings) {
  return std::ranges::any_of(settings.settings, [&](const auto& setting) {
    return error.message.find(fmt::format("parameter \"{}\"", setting.first)) != std::string::npos;
  });
}

}  // namespace

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
  } else if (!kept_in_.empty() && ready.error().code != base::ErrorCode::kInterrupted) {
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
