#include "service/declared_service.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "process/run_command.h"
#include "service/path_probe.h"
#include "service/postgres/installation.h"
#include "service/target_command.h"

namespace poolbench::service {
namespace fs = std::filesystem;
namespace {

constexpr const char* kLoopback = "127.0.0.1";

/// The words of the next one on the way, by libpq's variables, and what they are without one.
struct UpstreamWord {
  const char* word;
  const char* variable;
  const char* otherwise;
};
constexpr std::array kUpstream = {UpstreamWord{"upstream.host", "PGHOST", ""},
                                  UpstreamWord{"upstream.port", "PGPORT", "5432"},
                                  UpstreamWord{"upstream.user", "PGUSER", ""},
                                  UpstreamWord{"upstream.password", "PGPASSWORD", ""},
                                  UpstreamWord{"upstream.database", "PGDATABASE", ""},
                                  UpstreamWord{"upstream.sslmode", "PGSSLMODE", "prefer"},
                                  UpstreamWord{"upstream.sslrootcert", "PGSSLROOTCERT", ""}};

/// For its owner alone, who is the user that services run as.
base::Result<void> make_private(const fs::path& path, fs::perms permissions) {
  std::error_code error;
  fs::permissions(path, permissions, error);
  if (error) {
    return base::failed(fmt::format("cannot make {} private: {}", path.string(), error.message()));
  }
  const std::string user = postgres_user();
  if (user.empty()) return {};
  const passwd* const entry = ::getpwnam(user.c_str());
  if (entry == nullptr || ::chown(path.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
    return base::failed(fmt::format("cannot give {} to the user {}", path.string(), user));
  }
  return {};
}

base::Result<fs::path> private_copy(const fs::path& file, const fs::path& folder) {
  constexpr fs::perms kPrivate = fs::perms::owner_read | fs::perms::owner_write;
  fs::path copy = folder / file.filename();
  std::error_code error;
  fs::copy_file(file, copy, error);
  if (error) {
    return base::failed(fmt::format("cannot copy {}: {}", file.string(), error.message()));
  }
  POOLBENCH_TRY(make_private(copy, kPrivate));
  return copy;
}

}  // namespace

DeclaredService::DeclaredService(process::Supervisor& supervisor, const scenario::ServiceUse& use,
                                 ServicePlaces places)
    : supervisor_(&supervisor),
      name_(use.name),
      spec_(use.spec.get()),
      params_(&use.params),
      metrics_(&use.metrics),
      places_(std::move(places)) {}

base::Result<DeclaredService> DeclaredService::start(process::Supervisor& supervisor,
                                                     const scenario::ServiceUse& use,
                                                     ServicePlaces places) {
  DeclaredService service(supervisor, use, std::move(places));
  POOLBENCH_TRY(service.choose_ports());
  POOLBENCH_TRY(service.make_files());
  POOLBENCH_TRY(service.fill_gives());
  const auto command = service.command();
  if (!command) return tl::unexpected(command.error());
  const auto child = supervisor.start(*command);
  if (!child) {
    base::Error error = child.error();
    if (error.next.empty()) error.next = service.spec_->install;
    return tl::unexpected(std::move(error));
  }
  service.child_ = *child;
  return service;
}

base::Result<void> DeclaredService::choose_ports() {
  std::vector<std::string> names = spec_->serve.more_ports;
  names.emplace_back();
  for (const std::string& name : names) {
    while (!ports_.contains(name)) {
      const auto port = base::free_port();
      if (!port) return tl::unexpected(port.error());
      const bool is_taken =
          std::ranges::any_of(ports_, [&](const auto& other) { return other.second == *port; });
      if (!is_taken) ports_[name] = *port;
    }
  }
  // A socket is called as libpq finds it.
  if (spec_->serve.unix_socket) socket_ = places_.folder / fmt::format(".s.PGSQL.{}", ports_[""]);
  return {};
}

base::Result<void> DeclaredService::fill_words() {
  words_ = {{"prepared", places_.prepared.string()},
            {base::kHostWord, socket_.empty() ? kLoopback : places_.folder.string()}};
  if (!socket_.empty()) words_[base::kSocketWord] = socket_.string();
  for (const auto& [name, port] : ports_) {
    words_[name.empty() ? std::string(base::kPortWord) : "port." + name] = std::to_string(port);
  }
  add_parameters(words_, *params_);
  for (const auto& [name, file] : spec_->files) {
    words_["file." + name] = (places_.folder / file.file_name).string();
  }
  for (const UpstreamWord& each : kUpstream) {
    const auto value = places_.upstream.find(each.variable);
    words_[each.word] = value == places_.upstream.end() ? each.otherwise : value->second;
  }
  if (const auto address = places_.upstream.find("PGHOSTADDR"); address != places_.upstream.end()) {
    words_["upstream.host"] = address->second;
  }
  if (!spec_->speaks_tls) return {};
  for (const auto& [word, file] : {std::pair(base::kTlsAuthorityWord, &places_.tls.authority),
                                   std::pair(base::kTlsCertWord, &places_.tls.certificate),
                                   std::pair(base::kTlsKeyWord, &places_.tls.key)}) {
    const auto copy = private_copy(*file, places_.folder);
    if (!copy) return tl::unexpected(copy.error());
    words_[word] = copy->string();
  }
  return {};
}

base::Result<void> DeclaredService::make_files() {
  std::error_code error;
  for (const fs::path& folder : {places_.folder, places_.log.parent_path()}) {
    fs::create_directories(folder, error);
    if (error) {
      return base::failed(fmt::format("cannot make {}: {}", folder.string(), error.message()));
    }
  }
  POOLBENCH_TRY(fill_words());
  POOLBENCH_TRY(render_files(*spec_, words_, places_.folder));
  for (const auto& [name, file] : spec_->files) {
    POOLBENCH_TRY(make_private(places_.folder / file.file_name,
                               fs::perms::owner_read | fs::perms::owner_write));
  }
  return make_private(places_.folder, fs::perms::owner_all);
}

base::Result<process::Command> DeclaredService::command() const {
  process::Command command;
  command.name = "service " + name_;
  const Parameters parameters{spec_->params, *params_};
  auto arguments = parameter_words(parameters, words_);
  if (!arguments) return tl::unexpected(arguments.error());
  POOLBENCH_TRY(set_words(command, *spec_, spec_->serve.command, words_, *std::move(arguments)));
  command.environment = target_environment(*spec_);
  command.environment["PATH"] = scenario::service_path();
  POOLBENCH_TRY(set_environment(command, spec_->serve.environment, words_));
  set_variables(command.environment, parameters);
  command.folder =
      spec_->serve.folder.empty() ? places_.folder : spec_->folder / spec_->serve.folder;
  command.log = places_.log;
  command.cpus = places_.cpus;
  command.run_as = postgres_user();
  command.raises_descriptor_limit = true;
  command.stop = {spec_->serve.stop_signal, spec_->serve.stop_grace};
  return command;
}

base::Result<void> DeclaredService::fill_gives() {
  if (!spec_->takes_upstream) return {};
  gives_ = places_.upstream;
  gives_.erase("PGHOSTADDR");
  gives_["PGHOST"] = words_.at(base::kHostWord);
  gives_["PGPORT"] = words_.at(base::kPortWord);
  for (const auto& [name, text] : spec_->gives) {
    auto filled = base::fill(text, words_);
    if (!filled) return tl::unexpected(filled.error());
    gives_[name] = *std::move(filled);
  }
  return {};
}

Conninfo DeclaredService::conninfo(const std::string& database) const {
  Conninfo conninfo = from_environment(gives_);
  conninfo["dbname"] = database;
  conninfo["connect_timeout"] = "2";
  return conninfo;
}

Conninfo DeclaredService::probe() const {
  const Conninfo own = from_environment(gives_);
  const auto database = own.find("dbname");
  return conninfo(spec_->any_database || database == own.end() ? places_.shared_database
                                                               : database->second);
}

base::HttpServer DeclaredService::server(const std::string& port_name) const {
  base::HttpServer server;
  server.endpoint = {kLoopback, ports_.at(port_name)};
  if (port_name.empty()) server.unix_socket = socket_.string();
  return server;
}

base::WordValues DeclaredService::address() const {
  base::WordValues address;
  const auto word = [&](const char* place) { return scenario::service_word(name_, place); };
  address[word(base::kHostWord)] = words_.at(base::kHostWord);
  address[word(base::kPortWord)] = words_.at(base::kPortWord);
  address[word(base::kSocketWord)] = socket_.string();
  return address;
}

base::Result<void> DeclaredService::wait_until_ready() {
  const auto wait_for_it = [&] {
    return spec_->ready.by_postgres ? wait_for_session() : wait_for_port("");
  };
  if (spec_->ready.before_commands.empty()) {
    POOLBENCH_TRY(wait_for_it());
    return run_commands();
  }
  POOLBENCH_TRY(wait_for_port(spec_->ready.before_commands));
  POOLBENCH_TRY(run_commands());
  return wait_for_it();
}

base::Result<void> DeclaredService::wait_for_port(const std::string& port_name) {
  const fs::path socket = port_name.empty() ? socket_ : fs::path();
  const std::string where =
      socket.empty() ? fmt::format("{}:{}", kLoopback, ports_.at(port_name)) : socket.string();
  std::vector<process::Child*> watched = places_.watched;
  watched.push_back(child_);
  return process::wait_until_ready(
      *supervisor_, fmt::format("service {} does not accept connections at {}", name_, where),
      places_.log, spec_->ready.timeout,
      [&] { return accepts_connections(ports_.at(port_name), socket); }, {}, watched);
}

base::Result<void> DeclaredService::wait_for_session() {
  const Conninfo conninfo = probe();
  std::string refusal;
  std::vector<process::Child*> watched = places_.watched;
  watched.push_back(child_);
  auto ready = process::wait_until_ready(
      *supervisor_, fmt::format("no session with PostgreSQL through service {}", name_),
      places_.log, spec_->ready.timeout,
      [&] {
        const auto asked = ask_once(conninfo);
        if (!asked) refusal = asked.error().message;
        return asked.has_value();
      },
      {}, watched);
  if (!ready && ready.error().code == base::ErrorCode::kFailed && !refusal.empty()) {
    std::string& message = ready.error().message;
    message.insert(base::first_line(message).size(), fmt::format(" (libpq says: {})", refusal));
  }
  return ready;
}

base::Result<void> DeclaredService::run_commands() {
  for (const auto& argv : spec_->after_ready) {
    process::Command command;
    command.name = fmt::format("after_ready of service {}", name_);
    POOLBENCH_TRY(set_words(command, *spec_, argv, words_));
    command.environment = target_environment(*spec_);
    command.environment["PATH"] = scenario::service_path();
    command.folder = places_.folder;
    command.log = places_.log;
    command.run_as = postgres_user();
    POOLBENCH_TRY(process::run_to_success(*supervisor_, command, spec_->ready.timeout));
  }
  return {};
}

}  // namespace poolbench::service
