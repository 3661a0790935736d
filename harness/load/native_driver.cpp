#include "load/native_driver.h"

#include <fmt/format.h>

#include "base/json.h"
#include "generator/options.h"
#include "report/json_place.h"

namespace poolbench::load {
namespace {

constexpr base::Duration kStopGrace = std::chrono::seconds(2);
/// Its exit status when no request succeeded.
constexpr int kNothingSucceeded = 3;

generator::Options options_of(const Job& job) {
  const scenario::LoadSettings& load = job.settings;
  generator::Options options;
  options.server = job.server.endpoint;
  options.unix_socket = job.server.unix_socket;
  options.tls = job.server.tls;
  options.tls_ca_file = job.server.ca_file;
  options.requests = job.requests;
  options.client_values = job.client_values;
  options.line_files = job.line_files;
  options.connections = load.connections;
  options.threads = load.threads;
  options.requests_per_connection = load.keep_alive ? 0 : 1;
  options.warmup = load.warmup;
  options.measure = load.measure;
  options.request_count = load.requests.value_or(0);
  options.timeout = load.timeout;
  options.rate_hz = load.rate_hz.value_or(0);
  options.turn = job.turn;
  options.seed = job.seed;
  options.repeats_nonces = false;
  return options;
}

}  // namespace

std::filesystem::path native_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored)
      .replace_filename("poolbench-load");
}

process::Command native_command(const Job& job) {
  process::Command command;
  command.name = "generator";
  command.argv = {native_program().string(), "--job"};
  command.input = base::json_dump(generator::to_json(options_of(job)));
  command.environment = base::standard_environment();
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
    const auto json = base::parse_json(line);
    if (json.is_object() && json.contains("phase") && json["phase"].is_string()) {
      phases.push_back(json["phase"].get<std::string>());
    } else if (!line.empty()) {
      last_line_ = std::move(line);
    }
  }
  return phases;
}

base::Result<report::Measurement> NativeOutput::measurement(const process::Exit& exit) const {
  const auto json = base::parse_json(last_line_);
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
