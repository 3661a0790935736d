#include "load/external/driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/placeholder.h"
#include "base/result.h"
#include "base/time.h"
#include "load/native_driver.h"
#include "process/launch.h"

namespace poolbench::load {
namespace {

constexpr base::Duration kVersionLimit = std::chrono::seconds(10);
constexpr base::Duration kToolStopGrace = std::chrono::seconds(2);
/// One part in so many of its time a tool may end too early, for its own clock's sake.
constexpr int kMostOfStretch = 50;

std::string advice(const Driver& driver) {
  return fmt::format("run tools/setup --generators {} (it comes from {})", driver.name,
                     driver.install);
}

std::filesystem::path generator_log(const Job& job) { return job.folder / "generator.log"; }

std::string version_in(const Driver& driver, std::string_view printed) {
  const std::size_t found = printed.find(driver.before_version);
  if (driver.before_version.empty() || found == std::string_view::npos) return "unknown";
  const std::string_view rest = printed.substr(found + driver.before_version.size());
  const std::string_view version = rest.substr(0, rest.find_first_of(" \t\r\n"));
  return version.empty() ? "unknown" : std::string(version);
}

/// The job in the plain text that a tool sends as it is.
base::Result<Job> without_placeholders(Job job) {
  for (generator::RequestSpec& request : job.requests) {
    for (std::string* text : generator::texts_of(request)) {
      auto filled = base::fill(*text, {});
      if (!filled) return tl::unexpected(filled.error());
      *text = *std::move(filled);
    }
  }
  return job;
}

}  // namespace

const std::vector<Driver>& drivers() {
#define POOLBENCH_LIST_DRIVER(name) name,
  static const std::vector<Driver> all{POOLBENCH_DRIVERS(POOLBENCH_LIST_DRIVER)};
#undef POOLBENCH_LIST_DRIVER
  return all;
}

const Driver* find_driver(std::string_view name) {
  const auto found = std::ranges::find(drivers(), name, &Driver::name);
  return found == drivers().end() ? nullptr : &*found;
}

std::filesystem::path find_program(const Driver& driver, const std::filesystem::path& tools) {
  const std::string built = process::find_program(driver.program, tools.string());
  return built.empty() ? process::find_program(driver.program) : built;
}

scenario::Generators generators(const std::filesystem::path& tools) {
  scenario::Generators all{kNative};
  for (const Driver& driver : drivers()) {
    scenario::Generator& generator = all.emplace_back(driver.can);
    generator.name = driver.name;
    generator.is_installed = !find_program(driver, tools).empty();
  }
  return all;
}

base::Result<Tool> identify(process::Supervisor& supervisor, const Driver& driver,
                            const std::filesystem::path& tools,
                            const std::filesystem::path& scratch) {
  Tool tool{&driver, find_program(driver, tools), {}, {}};
  if (tool.program.empty()) {
    return base::bad_input(fmt::format("generator {} is not installed", driver.name), {},
                           advice(driver));
  }
  process::Command command;
  command.name = fmt::format("version of {}", driver.name);
  command.argv = {tool.program.string()};
  command.argv.insert(command.argv.end(), driver.version_arguments.begin(),
                      driver.version_arguments.end());
  command.environment = base::standard_environment();
  command.log = scratch / fmt::format("{}.version", driver.name);
  std::error_code ignored;
  std::filesystem::remove(command.log, ignored);
  // Several tools print it and exit with a failure, so that the words count unless it crashed.
  const auto exit = supervisor.run(command, kVersionLimit);
  if (!exit) return tl::unexpected(exit.error());
  if (exit->signal != 0) {
    return base::failed(fmt::format("{} was {} when it was asked for its version",
                                    tool.program.string(), process::to_text(*exit)));
  }
  const std::string printed = base::read_file(command.log).value_or("");
  if (printed.find(driver.identity) == std::string::npos) {
    return base::bad_input(
        fmt::format("{} is not the load generator {}", tool.program.string(), driver.name), {},
        advice(driver));
  }
  tool.version = version_in(driver, printed);
  tool.sha256 = base::sha256_hex(base::read_file(tool.program).value_or(""));
  return tool;
}

base::Result<process::Command> stretch_command(const Tool& tool, const Job& job,
                                               const Stretch& stretch) {
  auto plain = without_placeholders(job);
  if (!plain) return tl::unexpected(plain.error());
  auto arguments = tool.driver->arguments(*plain, stretch);
  if (!arguments) return tl::unexpected(arguments.error());
  process::Command command;
  command.name = "generator";
  command.argv = {tool.program.string()};
  command.argv.insert(command.argv.end(), arguments->begin(), arguments->end());
  command.environment = base::standard_environment();
  if (const auto variable = tool.driver->threads_variable; !variable.empty()) {
    command.environment[std::string(variable)] = std::to_string(job.settings.threads);
  }
  command.log = generator_log(job);
  command.cpus = job.cpus;
  command.raises_descriptor_limit = true;
  command.stop = {SIGTERM, kToolStopGrace};
  return command;
}

base::Result<void> check_lasted(const Tool& tool, const Job& job, const Stretch& stretch,
                                base::Duration wall_time) {
  if (stretch.requests) return {};
  // At a rate some stop with the last request, an interval before the end.
  const base::Duration interval(job.settings.rate_hz ? std::llround(1e9 / *job.settings.rate_hz)
                                                     : 0);
  const base::Duration least = stretch.length - stretch.length / kMostOfStretch - interval;
  if (wall_time >= least) return {};
  return base::failed(fmt::format("{} ended after {:.1f} s of {}: nothing of it counts",
                                  tool.driver->name, base::to_seconds(wall_time),
                                  base::format_duration(stretch.length)));
}

std::string meaning_of_failure(const Driver& driver, const Job& job) {
  const auto log = base::read_file(generator_log(job));
  const bool is_known =
      log && !driver.failure_words.empty() && log->find(driver.failure_words) != std::string::npos;
  return is_known ? fmt::format(": {}", driver.failure_meaning) : std::string();
}

base::Result<report::Measurement> read_stretch(const Tool& tool, const Job& job,
                                               const ToolOutput& output) {
  auto m = base::guarded([&] { return tool.driver->read(job, output); });
  if (!m) return m;
  const auto& asked = job.settings.requests;
  if (asked && m->requests.sent < *asked && output.wall_time < job.settings.measure) {
    return base::failed(fmt::format("{} sent {} of {} requests and ended: nothing of it counts{}",
                                    tool.driver->name, m->requests.sent, *asked,
                                    m->first_error.empty() ? "" : "; " + m->first_error));
  }
  m->generator = tool.driver->name;
  m->generator_version = tool.version;
  m->loop = job.settings.rate_hz ? "open" : "closed";
  m->series_interval_ms = 100;
  generator::Tags tags = tool.driver->tags;
  if (job.settings.rate_hz && tool.driver->corrects_open_loop) tags.coordinated_omission = "none";
  m->details = {{"connections", job.settings.connections},
                {"threads", job.settings.threads},
                {"tags", to_json(tags)}};
  return m;
}

}  // namespace poolbench::load
