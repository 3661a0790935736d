#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "doctor/checks.h"
#include "doctor/texts.h"

namespace poolbench::doctor {
namespace {

struct Installing {
  std::string_view system;  ///< as ID or ID_LIKE of os-release(5) has it
  std::string_view command;
};
constexpr auto kInstallPostgres = std::to_array<Installing>({
    {"debian", "apt-get install postgresql"},
    {"ubuntu", "apt-get install postgresql"},
    {"fedora", "dnf install postgresql-server"},
    {"rhel", "dnf install postgresql-server"},
    {"suse", "zypper install postgresql-server"},
    {"arch", "pacman -S postgresql"},
    {"alpine", "apk add postgresql"},
});

/// How this system installs PostgreSQL; empty where that is not known.
std::string install_postgres(const Machine& machine) {
  std::istringstream lines(base::read_file(machine.root / "etc/os-release").value_or(""));
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("ID=") && !line.starts_with("ID_LIKE=")) continue;
    for (const auto& [system, command] : kInstallPostgres) {
      if (line.find(system) != std::string::npos) return std::string(command);
    }
  }
  return {};
}

std::string one_line(const base::Error& error) { return base::first_line(error.message); }

}  // namespace

Verdict check_postgres(const Machine& machine) {
  if (machine.postgres) return ok(*machine.postgres);
  const std::string command = install_postgres(machine);
  return must_mend(one_line(machine.postgres.error()),
                   command.empty() ? machine.postgres.error().next : command);
}

Verdict check_user(const Machine& machine) {
  if (!machine.is_root) return ok("not root");
  if (machine.database_user.empty()) {
    return must_mend("root, and there is neither postgres nor nobody to run PostgreSQL as",
                     "useradd --system postgres");
  }
  return ok(fmt::format("root; PostgreSQL runs as {}", machine.database_user));
}

Verdict check_generators(const Machine& machine) {
  std::vector<std::string> usable{"native"}, missing, broken;
  for (const GeneratorState& generator : machine.generators) {
    if (!generator.is_installed) {
      missing.push_back(generator.name);
    } else if (generator.version) {
      usable.push_back(generator.name + " " + *generator.version);
    } else {
      broken.push_back(one_line(generator.version.error()));
    }
  }
  std::string text = fmt::format("{}", fmt::join(usable, ", "));
  if (!broken.empty()) {
    return advice(fmt::format("{}; {}", text, fmt::join(broken, "; ")),
                  "poolbench list generators says how each is installed");
  }
  if (missing.empty()) return ok(std::move(text));
  return ok(fmt::format("{} (tools/setup --generators {} installs the others)", text,
                        fmt::join(missing, ",")));
}

Verdict check_docker(const Machine& machine) {
  if (!machine.docker.is_installed) return ok("not installed; only docs/docker.md needs it");
  if (const auto& version = machine.docker.server_version) return ok(*version);
  return advice("its server does not answer; only docs/docker.md needs it",
                "systemctl start docker; usermod -aG docker $USER, and log in again");
}

Verdict check_lock(const Machine& machine) {
  if (!machine.measuring) {
    return must_mend(one_line(machine.measuring.error()), machine.measuring.error().next);
  }
  const auto& run = *machine.measuring;
  if (!run) return ok("no other run measures");
  return must_mend(
      fmt::format("another poolbench is measuring{}", run->empty() ? "" : " (run " + *run + ")"),
      "wait until it is done: poolbench run --wait");
}

Verdict check_leftovers(const Machine& machine) {
  if (machine.lost_processes + machine.lost_folders == 0) return ok("none");
  return advice(fmt::format("{} processes and {} scratch folders of runs that were killed",
                            machine.lost_processes, machine.lost_folders),
                "poolbench sweep");
}

}  // namespace poolbench::doctor
