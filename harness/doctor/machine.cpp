#include "doctor/machine.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/environment.h"
#include "base/text.h"
#include "base/time.h"
#include "load/external/driver.h"
#include "probe/host.h"
#include "process/launch.h"
#include "process/run_command.h"
#include "process/sweep.h"
#include "run/resources.h"
#include "service/postgres/installation.h"
#include "service/prepare.h"

namespace poolbench::doctor {
namespace fs = std::filesystem;
namespace {

constexpr base::Duration kWatched = std::chrono::seconds(2);
constexpr base::Duration kPatience = std::chrono::seconds(10);  // with a program's answer

/// The folder itself, or the nearest above it that is there, in which it would be made.
fs::path existing(fs::path path) {
  std::error_code ignored;
  path = fs::absolute(path, ignored);
  while (!fs::exists(path, ignored) && path != path.parent_path()) path = path.parent_path();
  return path;
}

Folder look_at_folder(const fs::path& path) {
  const fs::path there = existing(path);
  Folder folder{path, there, {}, std::nullopt};
  std::error_code ignored;
  if (!fs::is_directory(there, ignored)) {
    folder.unwritable = there.string() + " is not a folder";
  } else if (::access(there.c_str(), W_OK | X_OK) != 0) {
    folder.unwritable = fmt::format("{}: {}", there.string(), std::strerror(errno));
  }
  struct statvfs disk{};
  if (::statvfs(there.c_str(), &disk) == 0 && disk.f_blocks > 0) {
    folder.free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  }
  return folder;
}

/// Watches the machine while we do nothing.
base::Result<report::HostEvidence> watch(process::Supervisor& supervisor) {
  const base::SystemClock clock;
  const auto before = probe::read_host_counters(clock);
  const auto event = supervisor.wait(clock.steady_now() + kWatched);
  if (std::holds_alternative<process::Interrupted>(event)) return base::interrupted("interrupted");
  return probe::host_evidence(before, probe::read_host_counters(clock));
}

/// The first line that a program prints.
base::Result<std::string> first_line_of(process::Supervisor& supervisor,
                                        std::vector<std::string> argv) {
  process::Command command;
  command.name = fs::path(argv.front()).filename().string();
  command.argv = std::move(argv);
  command.environment = base::standard_environment();
  for (const auto& [name, value] : base::own_environment()) {
    if (base::means_variable("DOCKER_*", name)) command.environment[name] = value;
  }
  return process::capture_stdout(supervisor, command, kPatience).map(base::first_line);
}

base::Result<std::string> look_at_postgres(process::Supervisor& supervisor) {
  const auto folder = service::find_postgres({});
  if (!folder) return tl::unexpected(folder.error());
  const auto version = first_line_of(supervisor, {(*folder / "postgres").string(), "--version"});
  if (!version) return tl::unexpected(version.error());
  return fmt::format("{}, {}", *version, folder->string());
}

std::vector<GeneratorState> look_at_generators(process::Supervisor& supervisor,
                                               const base::Result<run::ScratchFolder>& scratch) {
  std::vector<GeneratorState> states;
  const fs::path tools = service::tools_folder();
  for (const load::Driver& driver : load::drivers()) {
    GeneratorState& state = states.emplace_back(std::string(driver.name));
    state.is_installed = !load::find_program(driver, tools).empty();
    if (!state.is_installed) continue;
    if (!scratch) {
      state.version = tl::unexpected(scratch.error());
      continue;
    }
    const auto tool = load::identify(supervisor, driver, tools, scratch->path());
    state.version = tool.map(&load::Tool::version);
  }
  return states;
}

DockerState look_at_docker(process::Supervisor& supervisor) {
  DockerState docker;
  const std::string program = process::find_program("docker");
  docker.is_installed = !program.empty();
  if (docker.is_installed) {
    docker.server_version =
        first_line_of(supervisor, {program, "version", "--format", "{{.Server.Version}}"});
  }
  return docker;
}

std::string database_user() {
  const std::string user = service::postgres_user();
  return ::getpwnam(user.c_str()) == nullptr ? std::string() : user;
}

}  // namespace

base::Result<Machine> look_at_machine(process::Supervisor& supervisor, const fs::path& results) {
  Machine machine;
  auto watched = watch(supervisor);
  if (!watched) return tl::unexpected(watched.error());
  machine.watched = *watched;
  machine.cpus = ::sysconf(_SC_NPROCESSORS_ONLN);
  ::getrlimit(RLIMIT_NOFILE, &machine.open_files);

  machine.scratch = look_at_folder(run::ScratchFolder::parent());
  machine.cache = look_at_folder(service::cache_folder());
  machine.results = look_at_folder(results);

  const auto scratch = run::ScratchFolder::create(supervisor.run_id());
  if (!scratch) machine.scratch.unwritable = scratch.error().message;
  machine.postgres = look_at_postgres(supervisor);
  machine.generators = look_at_generators(supervisor, scratch);
  machine.docker = look_at_docker(supervisor);
  machine.is_root = ::geteuid() == 0;
  machine.database_user = machine.is_root ? database_user() : std::string();

  machine.measuring = run::measuring_run();
  machine.lost_processes = process::find_lost().size();
  machine.lost_folders = run::lost_scratch().size();
  return machine;
}

}  // namespace poolbench::doctor
