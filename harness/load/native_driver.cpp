#include "load/native_driver.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/time.h"
#include "report/look_up.h"

namespace poolbench::load {
namespace {

constexpr base::Duration kStopGrace = std::chrono::seconds(2);
/// Its exit status when no request succeeded.
constexpr int kNothingSucceeded = 3;

std::vector<std::string> load_argv(const Job& job) {
  const scenario::LoadSettings& load = job.settings;
  std::vector<std::string> argv{native_program().string(), base::to_text(job.url), "--json",
                                "--phase-events"};
  const auto option = [&](const char* name, const std::string& value) {
    argv.insert(argv.end(), {name, value});
  };
  option("--connections", std::to_string(load.connections));
  option("--threads", std::to_string(load.threads));
  option("--warmup", base::format_duration(load.warmup));
  option("--timeout", base::format_duration(load.timeout));
  option("--measure", base::format_duration(load.measure));
  if (load.requests) option("--requests", std::to_string(*load.requests));
  if (job.turn) {
    option("--turn",
           fmt::format("{},{},{},{}", job.turn->start.time_since_epoch().count(),
                       base::format_duration(job.turn->slice), job.turn->index, job.turn->count));
  }
  if (load.rate_hz) option("--rate", fmt::format("{}", *load.rate_hz));
  if (!load.keep_alive) argv.emplace_back("--close");
  option("--expect-status", std::to_string(job.expect_status));
  if (job.expect_length) option("--expect-length", std::to_string(*job.expect_length));
  if (job.expect_contains) option("--expect-contains", *job.expect_contains);
  return argv;
}

}  // namespace

std::filesystem::path native_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored)
      .replace_filename("poolbench-load");
}

base::Result<process::Command> native_command(const Job& job) {
  process::Command command;
  command.name = "generator";
  command.argv = load_argv(job);
  command.environment = base::standard_environment();
  if (job.expect_body) {
    const auto file = job.folder / "expected-body";
    POOLBENCH_TRY(base::write_file_atomically(file, *job.expect_body));
    command.argv.insert(command.argv.end(), {"--expect-body-file", file.string()});
  }
  command.log = job.folder / "generator.log";
  command.cpus = job.cpus;
  command.stop = {SIGTERM, kStopGrace};
  return command;
}

std::vector<std::string> NativeOutput::add(std::string_view bytes) {
  std::vector<std::string> phases;
  partial_ += bytes;
  for (std::size_t end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n')) {
    std::string line = partial_.substr(0, end);
    partial_.erase(0, end + 1);
    const auto json = base::Json::parse(line, nullptr, false);
    if (json.is_object() && json.contains("phase") && json["phase"].is_string()) {
      phases.push_back(json["phase"].get<std::string>());
    } else if (!line.empty()) {
      last_line_ = std::move(line);
    }
  }
  return phases;
}

base::Result<report::Measurement> NativeOutput::measurement(const process::Exit& exit) const {
  const auto json = base::Json::parse(last_line_, nullptr, false);
  if (json.is_discarded()) {
    return base::failed(fmt::format("the generator failed ({}): it printed no measurement",
                                    process::to_text(exit)));
  }
  auto measured = report::measurement_from_json(json);
  if (!measured) {
    return base::failed(fmt::format("the generator failed ({}): {}", process::to_text(exit),
                                    measured.error().message));
  }
  // That nothing succeeded is a result, and the target's.
  const bool told_failure =
      exit.signal == 0 && exit.code == kNothingSucceeded && measured->requests.ok == 0;
  const bool interrupted =
      report::look_up<bool>(measured->details, {"interrupted"}).value_or(false);
  if (interrupted || !(exit.ok() || told_failure)) {
    return base::failed(fmt::format(
        "the generator was ended early ({}), after {:.1f} s of the measured time: nothing of it "
        "counts",
        process::to_text(exit), measured->measured_seconds));
  }
  return measured;
}

}  // namespace poolbench::load
