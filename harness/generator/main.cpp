// The load generator: a program of its own, so that it is as small as what it needs.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <stop_token>
#include <thread>

#include "base/json.h"
#include "console/entry.h"
#include "console/output.h"
#include "generator/command_line.h"
#include "generator/run.h"
#include "generator/text.h"
#include "process/interrupt.h"

namespace poolbench::generator {
namespace {

constexpr int kIndent = 2;  // of JSON for people

void print_json(const base::Json& json, int indent = -1) {
  console::put("{}\n", base::json_dump(json, indent));
  console::flush_out();
}

base::Result<report::Measurement> run_watched(Output output, const Options& options,
                                              const std::stop_token& stop) {
  LiveView live(options);
  Watcher watcher;
  if (output == Output::kEvents) {
    watcher.on_phase = [](Phase phase) { print_json(base::Json{{"phase", name_of(phase)}}); };
  } else if (console::is_terminal(STDERR_FILENO)) {
    watcher.on_progress = [&live](const Progress& progress) { live.draw(progress); };
  }
  auto measurement = run(options, watcher, stop);
  live.erase();
  return measurement;
}

// Turns the first signal into a request to stop, until it is itself asked to stop.
void forward_signals(const std::stop_token& done, process::Interrupt& interrupt,
                     std::stop_source& stop) {
  constexpr int kLookEveryMs = 50;
  pollfd signals{interrupt.fd(), POLLIN, 0};
  while (!done.stop_requested() && !stop.stop_requested()) {
    if (::poll(&signals, 1, kLookEveryMs) > 0 && interrupt.poll() != 0) stop.request_stop();
  }
}

int measure_once(const Command& command, const std::stop_token& stop) {
  const auto measurement = run_watched(command.output, command.options, stop);
  if (!measurement) return console::report_error(measurement.error());
  switch (command.output) {
    case Output::kText:
      console::put("{}", load_text(*measurement));
      break;
    case Output::kJson:
      print_json(report::to_json(*measurement), kIndent);
      break;
    case Output::kEvents:
      print_json(report::to_json(*measurement));
      break;
  }
  if (stop.stop_requested()) return console::kInterrupt;
  return measurement->requests.ok == 0 ? console::kFailure : console::kDone;
}

int search_rate(const Command& command, const std::stop_token& stop) {
  const Objective& objective = *command.find_rate;
  const auto measure = [&](const Options& attempt) -> base::Result<report::Measurement> {
    auto measurement = run_watched(command.output, attempt, stop);
    if (stop.stop_requested()) return base::interrupted("interrupted before a rate was found");
    return measurement;
  };
  const auto found = find_rate(command.options, objective, measure);
  if (!found) return console::report_error(found.error());
  if (command.output == Output::kJson) {
    print_json(found_rate_json(*found, objective), kIndent);
  } else {
    console::put("{}", found_rate_text(*found, objective));
  }
  return found->rate_hz > 0 && found->refusal.empty() ? console::kDone : console::kFailure;
}

int do_as_told(const base::Result<Command>& command) {
  if (!command) return console::report_error(command.error());
  auto interrupt = process::Interrupt::install();
  if (!interrupt) return console::report_error(interrupt.error());
  std::stop_source stop;
  const std::jthread signals(
      [&](const std::stop_token& done) { forward_signals(done, *interrupt, stop); });
  return command->find_rate ? search_rate(*command, stop.get_token())
                            : measure_once(*command, stop.get_token());
}

void set_up(CLI::App& app, int& exit_code) {
  add_options(
      app, [&exit_code](const base::Result<Command>& command) { exit_code = do_as_told(command); });
}

}  // namespace
}  // namespace poolbench::generator

int main(int argc, char** argv) {
  using namespace poolbench;
  return console::enter({"poolbench load", "Offers load to a web server and measures the answers.",
                         generator::set_up},
                        argc, argv);
}
